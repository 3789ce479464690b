"""The list of all standards that `backwright prove` knows, in the order in which they are reported."""

from backwright.worker.prove.checks.clean import CLEAN
from backwright.worker.prove.checks.coverage import COVERAGE
from backwright.worker.prove.checks.errors import ERRORS
from backwright.worker.prove.checks.headers import HEADERS
from backwright.worker.prove.checks.layered import LAYERED
from backwright.worker.prove.checks.logged import LOGGED
from backwright.worker.prove.checks.mass_assignment import MASS_ASSIGNMENT
from backwright.worker.prove.checks.rules import RULES
from backwright.worker.prove.checks.secrets import SECRETS
from backwright.worker.prove.checks.validated import VALIDATED
from backwright.worker.prove.standard import Standard

STANDARDS: tuple[Standard, ...] = (
    ERRORS, VALIDATED,
    LAYERED, CLEAN, LOGGED, SECRETS,
    RULES, MASS_ASSIGNMENT, HEADERS,
    COVERAGE,
)  # fmt: skip
