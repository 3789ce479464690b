"""code.logged: what happens is told by events, not printed; no body and no secret is written to a log; no fault is swallowed."""

import ast
import re
from collections.abc import Iterator

from backwright.worker.prove.checks.source import Breach, Module, judged, last, modules
from backwright.worker.prove.faults import Plant, add
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, not_applicable

_PRINTS = frozenset({"print", "pprint", "pp", "print_exc", "print_exception", "print_stack"})
_LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "critical", "exception", "log", "msg"})
_LOGGERS = re.compile(r"^_?(log|logger|logging|structlog|logs|LOG|LOGGER)$")
_PRIVATE = re.compile(
    r"(^|_)(body|payload|password|passwd|passphrase|secret|token|authorization|cookie|cookies|credentials?|api_?key|headers|card_number|cvv|"
    r"password_hash)$", re.I
)  # fmt: skip
_SETUP = frozenset({"basicConfig", "dictConfig", "fileConfig"})


def logged(target: Target) -> Finding:
    """Read the code that is served."""
    own = modules(target.dir)
    if not own:
        return not_applicable("there is no Python here")
    breaches = [breach for module in own for breach in _in(module)]
    calls = sum(_is_log(node) for module in own for node in ast.walk(module.tree))
    sentence = f"{len(own)} modules print nothing, swallow nothing and log nothing private"
    return judged(breaches, sentence, [module.file for module in own], {"modules": len(own), "log_calls": calls})


def _in(module: Module) -> Iterator[Breach]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield from _call(module, node)
        elif isinstance(node, ast.ExceptHandler) and _swallows(node):
            yield module.breach(node, "every fault is swallowed here: name the exception, or let it be logged")


def _call(module: Module, node: ast.Call) -> Iterator[Breach]:
    name = last(node.func)
    if name in _PRINTS or (name == "write" and isinstance(node.func, ast.Attribute) and last(node.func.value) in ("stdout", "stderr")):
        yield module.breach(node, f"{name} instead of an event")
    elif name in _SETUP and "logging" in ast.unparse(node.func):
        yield module.breach(node, f"logging is set up anew with {name}: the kit's events and their masks are bypassed")
    elif _is_log(node):
        for private in _private(node):
            yield module.breach(node, f"{private} is written to the log")


def _is_log(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _LEVELS:
        return False
    by = node.func.value
    return bool(_LOGGERS.match(last(by))) or (isinstance(by, ast.Call) and last(by.func) in ("getLogger", "get_logger"))


def _private(node: ast.Call) -> list[str]:
    """The names among the arguments that speak of a body or a secret."""
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    words = {last(part) for value in given for part in ast.walk(value) if isinstance(part, ast.Name | ast.Attribute)}
    words |= {keyword.arg for keyword in node.keywords if keyword.arg}
    words |= {
        str(part.slice.value) for value in given for part in ast.walk(value)
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant)
    }  # fmt: skip
    return sorted(word for word in words if _PRIVATE.search(word))


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether it catches everything and does nothing about it."""
    broad = handler.type is None or last(handler.type) in ("Exception", "BaseException")
    return broad and all(
        isinstance(s, ast.Pass | ast.Continue) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)) for s in handler.body
    )


PLANTS = (
    Plant("print", "code.logged", "a print left in the code", add("planted_print.py", 'def planted(order: object) -> None:\n    print("order", order)\n')),
    Plant(
        "body-in-log", "code.logged", "a request body in a log line",
        add("planted_log.py", 'import logging\n\nlog = logging.getLogger(__name__)\n\n\ndef planted(body: bytes) -> None:\n    log.info("got %s", body)\n'),
    ),
    Plant(
        "password-in-log", "code.logged", "a password in a log line",
        add("planted_sign_in.py", 'import logging\n\n\ndef planted(password: str) -> None:\n    logging.getLogger("x").warning(f"wrong: {password}")\n'),
    ),
    Plant("swallowed", "code.logged", "a fault that nobody hears of", add("planted_quiet.py", "try:\n    import planted\nexcept Exception:\n    pass\n")),
)  # fmt: skip

LOGGED = Standard(
    id="code.logged",
    sentence="The code prints nothing, logs no request body and no secret, and swallows no fault.",
    why="Logs are read by many and kept for long; a fault that nobody hears of is never mended.",
    check=logged,
    inputs=("**/*.py", "!tests/**"),
    plants=PLANTS,
)
