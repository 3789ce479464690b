"""What went wrong, in plain sentences on standard error; a stack trace only for what nobody foresaw."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

from backwright.app.lifespans import MountFailed
from backwright.cli.loading import NoApp
from backwright.data.errors import DataError
from backwright.data.migrations.errors import MigrationError
from backwright.domain.mistakes import DeclarationError
from backwright.domain.refusals import Invalid, Refusal
from backwright.settings.settings import SettingsError

WRONG = 2
"""The exit status of a command that could not begin."""


@contextmanager
def plainly() -> Generator[None]:
    """Run a command; what its user can mend is said and ends with status 2."""
    try:
        yield
    except DeclarationError as error:
        _stop("The declarations cannot be served:", *map(str, error.mistakes))
    except SettingsError as error:
        _stop("The settings do not do:", *error.problems)
    except Invalid as error:
        _stop("Not acceptable:", *(f"{problem.pointer or ''} {problem.detail}".strip() for problem in error.problems))
    except (NoApp, DataError, MigrationError, MountFailed) as error:
        _stop(str(error))
    except Refusal as error:
        _stop(type(error).message())


def _stop(*lines: str) -> None:
    for number, line in enumerate(lines):
        print(("" if number == 0 else "  ") + line, file=sys.stderr)
    raise SystemExit(WRONG)
