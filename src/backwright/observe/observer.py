"""Hands each event to every listener. A listener that fails is named once on standard error and never stops a request."""

import sys

from backwright.observe.events import Event, Observer


class Observers:
    """An `Observer` made of others; more may be added while it runs."""

    def __init__(self, *listeners: Observer) -> None:
        self._listeners = listeners
        self._failed: set[int] = set()

    def add(self, listener: Observer) -> None:
        """Tell `listener` too, from now on."""
        self._listeners = (*self._listeners, listener)

    def __call__(self, event: Event, /) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception as error:
                self._report(listener, error)

    def _report(self, listener: Observer, error: Exception) -> None:
        if id(listener) not in self._failed:
            self._failed.add(id(listener))
            print(f"backwright: the listener {listener!r} failed and may miss events: {error!r}", file=sys.stderr)
