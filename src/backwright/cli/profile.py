"""``backwright profile``: an operation asked many times inside this process; the time of each stage, and where Python spends it."""

import asyncio
import cProfile
import io
import pstats
import statistics
import time
from dataclasses import replace
from typing import Annotated, Any

import msgspec
import typer

from backwright.app.app import App
from backwright.app.running import Running
from backwright.cli.explain import Where, named, route_of
from backwright.cli.loading import NoApp, load_app
from backwright.cli.saying import plainly
from backwright.observe.events import Event, RequestFinished, Stages, StatementSlow
from backwright.settings.kit import KitSettings

WARM = 50
TOP = 15


def profile(
    operation: Annotated[str, typer.Argument(help="Its name, e.g. list_books.")], app: Where = ".",
    path: Annotated[str | None, typer.Option(help="The path to ask, where it has parameters: /v1/books/42?expand=author")] = None,
    body: Annotated[str | None, typer.Option(help="A JSON body. It is really sent: what it changes stays changed.")] = None,
    token: Annotated[str | None, typer.Option(help="An access token.")] = None,
    requests: Annotated[int, typer.Option(min=1, help="How many.")] = 1000,
) -> None:  # fmt: skip
    """Measure an operation on the project's own database, without a network."""
    with plainly():
        declared = load_app(app)
        running = Running(declared, settings=_unlimited(declared))
        found = named(running, operation)
        route = route_of(running, found.name)
        if route is None:
            raise NoApp(f"{operation} is not served")
        method, template = route
        if path is None and "{" in template:
            raise NoApp(f"{method} {template} has parameters: say --path with a real one")
        asked = _Asked(method, path or template, body, token)
        asyncio.run(_statements(declared, asked))
        asyncio.run(_profile(running, asked, requests))


class _Asked:
    """One request, asked again and again."""

    def __init__(self, method: str, path: str, body: str | None, token: str | None) -> None:
        where, _, query = path.partition("?")
        headers = [(b"host", b"profile"), *([(b"authorization", f"Bearer {token}".encode())] if token else [])]
        if body is not None:
            headers.append((b"content-type", b"application/json"))
        self.body = (body or "").encode()
        self.scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "path": where,
            "raw_path": where.encode(), "query_string": query.encode(), "root_path": "", "headers": headers, "client": ("127.0.0.1", 1),
            "server": ("profile", 80),
        }  # fmt: skip
        self.status = 0
        self.answer = b""

    async def receive(self) -> dict[str, Any]:
        """The body, at once."""
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Any) -> None:
        """What came back."""
        self.status = message.get("status", self.status)
        self.answer = message.get("body", self.answer)


async def _statements(app: App, asked: _Asked) -> None:
    """Ask once, and show what the database was asked."""
    running = Running(app, settings=_unlimited(app), database=replace(app.database, slow=0.0))
    await running.open()
    try:
        await running.serve(asked.scope, asked.receive, asked.send)  # the first time more is asked, e.g. who the caller is
        events: list[Event] = []
        running.observer.add(events.append)
        await running.serve(asked.scope, asked.receive, asked.send)
        for event in events:
            if isinstance(event, StatementSlow):
                typer.echo(f"{event.seconds * 1e6:8.0f} µs  {event.sql}")
    finally:
        await running.close()


async def _profile(running: Running, asked: _Asked, requests: int) -> None:
    await running.open()
    events: list[RequestFinished] = []
    try:
        for _ in range(WARM):
            await running.serve(asked.scope, asked.receive, asked.send)
        if asked.status >= 400:
            raise NoApp(f"{asked.scope['method']} {asked.scope['path']} answers {asked.status}: {asked.answer.decode()[:500]}")
        running.observer.add(lambda event: _keep(events, event))
        seconds = await _timed(running, asked, requests)
        typer.echo(_table(events, seconds, asked))
        typer.echo(await _functions(running, asked, requests))
    finally:
        await running.close()


def _unlimited(app: App) -> KitSettings:
    """The settings, with tiers that nobody reaches; counting costs the same."""
    settings = KitSettings.read()
    tiers = ", ".join(f"{tier.name}=1000000000/h" for tier in settings.tiers_over(app.tiers))
    return msgspec.structs.replace(settings, tiers=tiers)


def _keep(events: list[RequestFinished], event: Event) -> None:
    if isinstance(event, RequestFinished):
        events.append(event)


async def _timed(running: Running, asked: _Asked, requests: int) -> float:
    began = time.process_time()
    for _ in range(requests):
        await running.serve(asked.scope, asked.receive, asked.send)
    return time.process_time() - began


def _table(events: list[RequestFinished], seconds: float, asked: _Asked) -> str:
    stages = [event.stages for event in events if event.stages is not None]
    lines = [f"{asked.scope['method']} {asked.scope['path']}: {asked.status}, {len(asked.answer)} bytes, {len(events)} times"]
    lines.append(f"{'CPU':<14}{seconds / len(events) * 1e6:10.1f} µs a request")
    lines.append(f"{'whole':<14}{_median([event.seconds for event in events]):10.1f} µs (median)")
    lines += [f"  {name:<12}{_median([getattr(s, name) for s in stages]):10.1f} µs" for name in Stages.__struct_fields__ if stages]
    return "\n".join(lines)


def _median(values: list[float]) -> float:
    return statistics.median(values) * 1e6


async def _functions(running: Running, asked: _Asked, requests: int) -> str:
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(requests):
        await running.serve(asked.scope, asked.receive, asked.send)
    profiler.disable()
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).strip_dirs().sort_stats("tottime").print_stats(TOP)
    return "\n".join(line for line in text.getvalue().splitlines() if line.strip())
