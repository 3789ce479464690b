"""code.timeouts: every call to another machine that the project's code makes has a timeout, and a rule for trying again."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backwright.worker.prove.checks.source import Breach, Module, is_business, judged, last, modules
from backwright.worker.prove.faults import Plant, add
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, not_applicable

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "stream", "send"})
_RETRY_WORDS = frozenset({"retry", "retries", "max_retries", "retry_strategy", "retry_policy", "max_tries", "attempts", "retry_on_timeout"})
_RETRIERS = ("retry", "backoff", "on_exception", "Retrying", "AsyncRetrying", "retrying", "retry_context")
_BOUNDS = frozenset({"timeout", "timeout_at", "wait_for", "fail_after", "move_on_after"})


@dataclass(frozen=True, slots=True)
class Way:
    """How a library is told to give up. ``always``: it gives up by itself unless told ``None``."""

    words: tuple[str, ...] = ("timeout",)
    always: bool = False


_CLIENTS: Mapping[str, Way] = {
    "httpx.Client": Way(always=True), "httpx.AsyncClient": Way(always=True), "requests.Session": Way(("never said here",)),
    "aiohttp.ClientSession": Way(), "urllib3.PoolManager": Way(), "urllib3.HTTPConnectionPool": Way(), "urllib3.HTTPSConnectionPool": Way(),
    "http.client.HTTPConnection": Way(), "http.client.HTTPSConnection": Way(),
    "redis.Redis": Way(("socket_timeout",)), "redis.StrictRedis": Way(("socket_timeout",)), "redis.from_url": Way(("socket_timeout",)),
    "redis.Redis.from_url": Way(("socket_timeout",)), "redis.asyncio.Redis": Way(("socket_timeout",)), "redis.asyncio.from_url": Way(("socket_timeout",)),
    "asyncpg.connect": Way(("timeout", "command_timeout")), "asyncpg.create_pool": Way(("timeout", "command_timeout")),
    "psycopg.connect": Way(("connect_timeout",)), "psycopg2.connect": Way(("connect_timeout",)), "pymysql.connect": Way(("connect_timeout",)),
    "pymongo.MongoClient": Way(("timeoutMS", "socketTimeoutMS", "serverSelectionTimeoutMS")),
    "smtplib.SMTP": Way(), "smtplib.SMTP_SSL": Way(), "aiosmtplib.send": Way(always=True), "aiosmtplib.SMTP": Way(always=True),
    "ftplib.FTP": Way(), "imaplib.IMAP4_SSL": Way(), "telnetlib.Telnet": Way(),
    "grpc.insecure_channel": Way(("options",)), "grpc.secure_channel": Way(("options",)), "grpc.aio.insecure_channel": Way(("options",)), "grpc.aio.secure_channel": Way(("options",)),
    "boto3.client": Way(("config",)), "boto3.resource": Way(("config",)), "websockets.connect": Way(("open_timeout",), always=True),
    "elasticsearch.Elasticsearch": Way(("timeout", "request_timeout")), "stripe.StripeClient": Way(("http_client",), always=True),
}  # fmt: skip
_SESSIONS = ("requests.Session", "aiohttp.ClientSession")
"""Clients whose calls may each say their own."""
_CALLS: Mapping[str, Way] = {
    **{f"httpx.{verb}": Way(always=True) for verb in _VERBS}, **{f"requests.{verb}": Way() for verb in _VERBS},
    "aiohttp.request": Way(), "urllib.request.urlopen": Way(), "urllib3.request": Way(),
    "socket.create_connection": Way(), "asyncio.open_connection": Way(("never said here",)), "asyncio.open_unix_connection": Way(("never said here",)),
}  # fmt: skip


def timeouts(target: Target) -> Finding:
    """Read the code that is served. What the kit itself sends has both already."""
    own = modules(target.dir)
    found = [outbound for module in own for outbound in _Outbound(module).all()]
    if not found:
        return not_applicable("no code here calls another machine itself", "\n".join(module.file for module in own))
    breaches = [breach for _, breach in found if breach is not None]
    return judged(
        breaches,
        f"{len(found)} outbound calls have a timeout and a rule for trying again",
        [m.file for m in own],
        {"outbound_calls": len(found)},
    )


class _Outbound:
    """The outbound calls of one module."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.names = _imported(module.tree)
        self.parents = {child: node for node in ast.walk(module.tree) for child in ast.iter_child_nodes(node)}
        self.clients: dict[str, tuple[str, ast.Call]] = {}

    def all(self) -> Iterator[tuple[str, Breach | None]]:
        """Each call's library name, with what is wrong with it."""
        calls = [node for node in ast.walk(self.module.tree) if isinstance(node, ast.Call)]
        for call in calls:
            if (name := self._named(call.func)) in _CLIENTS:
                self.clients[self._kept_as(call)] = (name, call)
        for call in calls:
            name, made = self._named(call.func), self._client(call)
            way = _CALLS.get(name) or (None if name in _SESSIONS else _CLIENTS.get(name))
            if way is not None:
                yield name, self._judged(call, name, way, None)
            elif made is not None and made[0] in _SESSIONS:
                said = f"{made[0]}.{last(call.func)}"
                yield said, self._judged(call, said, Way(), made[1])

    def _client(self, call: ast.Call) -> tuple[str, ast.Call] | None:
        """The client whose method is called."""
        if isinstance(call.func, ast.Attribute) and call.func.attr in _VERBS:
            return self.clients.get(_spelled(call.func.value))
        return None

    def _judged(self, call: ast.Call, name: str, way: Way, client: ast.Call | None) -> Breach | None:
        said = [k for one in (call, client) if one is not None for k in one.keywords if k.arg in way.words]
        never = any(isinstance(k.value, ast.Constant) and k.value.value in (None, 0) for k in said)
        if never or not (said or way.always or self._bounded(call) or name == "urllib.request.urlopen" and len(call.args) > 2):
            how = f"say {' or '.join(way.words)}=" if way.words[0] != "never said here" else "put it into asyncio.timeout(...)"
            return self.module.breach(call, f"{name} may wait for ever: {how}")
        if not self._retried(call, client):
            return self.module.breach(
                call, f"{name} has no rule for trying again: say how often (retries=0 says never), or let a job do it"
            )
        return None

    def _bounded(self, call: ast.AST) -> bool:
        """Whether something around the call gives up for it."""
        for node in self._around(call):
            if isinstance(node, ast.With | ast.AsyncWith) and any(_is_bound(item.context_expr) for item in node.items):
                return True
            if isinstance(node, ast.Call) and last(node.func) == "wait_for":
                return True
        return False

    def _retried(self, call: ast.Call, client: ast.Call | None) -> bool:
        words = {k.arg for one in (call, client) if one is not None for k in one.keywords}
        inside = {
            k.arg
            for one in (call, client)
            if one is not None
            for part in ast.walk(one)
            if isinstance(part, ast.Call)
            for k in part.keywords
        }
        if (words | inside) & _RETRY_WORDS:
            return True
        for node in self._around(call):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
                is_business(node) or any(map(_is_retrier, node.decorator_list))
            ):
                return True
            if isinstance(node, ast.For | ast.AsyncFor | ast.While) and any(
                isinstance(inner, ast.Try) or _is_retrier(inner) for inner in ast.walk(node)
            ):
                return True
        return any(
            last(c.func) == "mount" and _spelled(c.func).startswith(self._kept_as(client) if client else "?")
            for c in _calls(self.module.tree)
        )

    def _around(self, node: ast.AST) -> Iterator[ast.AST]:
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def _kept_as(self, call: ast.Call) -> str:
        """The name that a new client is given, as it is written; empty where it has none."""
        for parent in self._around(call):
            if isinstance(parent, ast.Assign):
                return _spelled(parent.targets[0])
            if isinstance(parent, ast.AnnAssign):
                return _spelled(parent.target)
            if isinstance(parent, ast.withitem) and parent.optional_vars is not None:
                return _spelled(parent.optional_vars)
            if isinstance(parent, ast.stmt):
                break
        return ""

    def _named(self, node: ast.expr) -> str:
        """The dotted name of what is called, as its library knows it."""
        spelled = _spelled(node)
        first, dot, rest = spelled.partition(".")
        return self.names.get(first, "") + dot + rest if first in self.names else ""


def _imported(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {
                alias.asname or alias.name.partition(".")[0]: alias.name if alias.asname else alias.name.partition(".")[0]
                for alias in node.names
            }
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _spelled(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        base = _spelled(node.value)
        return f"{base}.{node.attr}" if base else ""
    return node.id if isinstance(node, ast.Name) else ""


def _is_bound(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and last(node.func) in _BOUNDS
        and not (node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value is None)
    )


def _is_retrier(node: ast.AST) -> bool:
    return last(node.func if isinstance(node, ast.Call) else node) in _RETRIERS


def _calls(tree: ast.Module) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


_WAITS = """import urllib.request


def planted(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        return bytes(answer.read())
"""
_ONCE = _WAITS.replace("urlopen(address)", "urlopen(address, timeout=2)")

PLANTS = (
    Plant("no-timeout", "code.timeouts", "a call to another machine that may wait for ever", add("planted_waits.py", _WAITS)),
    Plant("no-retry", "code.timeouts", "a call to another machine that nobody tries again", add("planted_once.py", _ONCE)),
)

TIMEOUTS = Standard(
    id="code.timeouts",
    sentence="Every call to another machine has a timeout and a rule for trying again.",
    why="One machine that hangs must not hang everybody who waits for it.",
    check=timeouts,
    inputs=("**/*.py", "!tests/**"),
    plants=PLANTS,
)
