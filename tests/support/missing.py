"""A service a test needs and this machine lacks: a failure where CI=true, elsewhere a skip that is counted and named at the end."""

import os
from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

import pytest

PREFIX = "missing service: "


def missing(service: str, why: str) -> NoReturn:
    """End the calling test or fixture because `service` cannot be reached; `why` says what was tried and what to install."""
    message = f"{PREFIX}{service}: {why}"
    if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def summary(reasons: Iterable[str]) -> list[str]:
    """One line for each service that tests were skipped for, from the skip reasons of a run."""
    found = Counter(reason[reason.index(PREFIX) + len(PREFIX) :] for reason in reasons if PREFIX in reason)
    return [f"{count} tests did not run: {service}" for service, count in sorted(found.items())]
