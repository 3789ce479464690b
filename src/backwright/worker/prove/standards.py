"""The lists of all standards that `backwright prove` knows, in the order in which they are reported."""

from backwright.worker.prove.checks.agreed import AGREED
from backwright.worker.prove.checks.available import AVAILABLE
from backwright.worker.prove.checks.candid import CANDID
from backwright.worker.prove.checks.clean import CLEAN
from backwright.worker.prove.checks.coverage import COVERAGE
from backwright.worker.prove.checks.dependencies import DEPENDENCIES
from backwright.worker.prove.checks.documented import DOCUMENTED
from backwright.worker.prove.checks.errors import ERRORS
from backwright.worker.prove.checks.headers import HEADERS
from backwright.worker.prove.checks.injection import INJECTION
from backwright.worker.prove.checks.keys import FK_INDEXED, FOREIGN_KEYS, PRIMARY_KEYS
from backwright.worker.prove.checks.layered import LAYERED
from backwright.worker.prove.checks.limited import LIMITED
from backwright.worker.prove.checks.logged import LOGGED
from backwright.worker.prove.checks.mass_assignment import MASS_ASSIGNMENT
from backwright.worker.prove.checks.n_plus_one import N_PLUS_ONE
from backwright.worker.prove.checks.normal_form import NORMAL_FORM
from backwright.worker.prove.checks.plans import QUERY_INDEXED
from backwright.worker.prove.checks.resourceful import RESOURCEFUL
from backwright.worker.prove.checks.reversible import REVERSIBLE
from backwright.worker.prove.checks.rules import RULES
from backwright.worker.prove.checks.running import LATENCY, RUN_ERRORS
from backwright.worker.prove.checks.scales import SCALES
from backwright.worker.prove.checks.secrets import SECRETS
from backwright.worker.prove.checks.timeouts import TIMEOUTS
from backwright.worker.prove.checks.tokens import TOKENS
from backwright.worker.prove.checks.validated import VALIDATED
from backwright.worker.prove.checks.versioned import VERSIONED
from backwright.worker.prove.standard import Standard

STANDARDS: tuple[Standard, ...] = (
    DOCUMENTED, ERRORS, VALIDATED, LIMITED, VERSIONED, RESOURCEFUL,
    PRIMARY_KEYS, FOREIGN_KEYS, FK_INDEXED, QUERY_INDEXED, REVERSIBLE, NORMAL_FORM, N_PLUS_ONE,
    LAYERED, CLEAN, LOGGED, SECRETS, CANDID, TIMEOUTS,
    AGREED, RULES, TOKENS, MASS_ASSIGNMENT, INJECTION, HEADERS,
    COVERAGE, LATENCY, RUN_ERRORS, AVAILABLE, SCALES,
)  # fmt: skip
ON_REQUEST: tuple[Standard, ...] = (DEPENDENCIES,)
"""What needs something that not everybody has. Not asked for, it reads "not measured" and does not count."""
EVERY: tuple[Standard, ...] = (*STANDARDS, *ON_REQUEST)
