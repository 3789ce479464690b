"""The list of all standards that `backwright prove` knows, in the order in which they are reported."""

from backwright.worker.prove.checks.clean import CLEAN
from backwright.worker.prove.checks.coverage import COVERAGE
from backwright.worker.prove.checks.layered import LAYERED
from backwright.worker.prove.checks.logged import LOGGED
from backwright.worker.prove.checks.rules import RULES
from backwright.worker.prove.checks.secrets import SECRETS
from backwright.worker.prove.standard import Standard

STANDARDS: tuple[Standard, ...] = (LAYERED, CLEAN, LOGGED, SECRETS, COVERAGE, RULES)
