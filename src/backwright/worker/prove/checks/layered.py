"""code.layered: business functions know no web framework and no driver; entities and access lists decide nothing."""

import ast
from collections.abc import Iterator, Sequence

from backwright.worker.prove.checks.source import Breach, Module, entities, is_business, judged, last, modules
from backwright.worker.prove.faults import Plant, add
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, not_applicable

_WEB = frozenset(
    [
        "fastapi",
        "starlette",
        "flask",
        "django",
        "rest_framework",
        "litestar",
        "sanic",
        "aiohttp",
        "tornado",
        "bottle",
        "falcon",
        "quart",
        "uvicorn",
        "hypercorn",
        "granian",
        "gunicorn",
        "werkzeug",
        "strawberry",
        "ariadne",
        "graphene",
        "grpc",
        "http",
        "httpx",
        "requests",
        "urllib",
        "urllib3",
        "socket",
    ]
)
_DRIVERS = frozenset(
    [
        "sqlite3",
        "asyncpg",
        "psycopg",
        "psycopg2",
        "psycopg_pool",
        "aiosqlite",
        "sqlalchemy",
        "sqlmodel",
        "pymysql",
        "aiomysql",
        "MySQLdb",
        "mysql",
        "oracledb",
        "pymongo",
        "motor",
        "redis",
        "coredis",
        "aiomcache",
        "tortoise",
        "peewee",
        "databases",
    ]
)
_INSIDE = ("backwright.api", "backwright.data", "backwright.identity", "backwright.cli", "backwright.worker")
_DECISIONS = (ast.If, ast.IfExp, ast.Match, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.BoolOp, ast.Compare)
_DEDICATED = frozenset({"entities", "models", "access"})


def layered(target: Target) -> Finding:
    """Read every module and follow its imports through the project."""
    project = modules(target.dir)
    business = [module for module in project if any(map(is_business, module.functions()))]
    things = entities(project)
    if not business and not things:
        return not_applicable("no entity and no business function is declared here")
    breaches = [*_foreign(project, business), *_deciding(things), *_access(project), *_controllers(project), *_dedicated(project)]
    count = sum(is_business(function) for module in business for function in module.functions())
    sentence = f"{count} business functions and {len(things)} entities keep to their layer"
    figures = {"modules": len(project), "entities": len(things), "business_functions": count}
    return judged(breaches, sentence, [module.file for module in project], figures)


def _foreign(project: Sequence[Module], business: Sequence[Module]) -> Iterator[Breach]:
    """What the modules of business functions import, directly or through other modules of the project."""
    by_name = {module.name: module for module in project}
    for start in business:
        seen, waiting = {start.name}, [(start, start.imports)]
        while waiting:
            module, imports = waiting.pop()
            for name, line in imports:
                if (forbidden := _forbidden(name)) is not None:
                    through = "" if module is start else f", and the business functions of {start.file} import it"
                    yield Breach(module.file, line, f"imports {name} ({forbidden}){through}")
                elif name in by_name and name not in seen:
                    seen.add(name)
                    waiting.append((by_name[name], by_name[name].imports))


def _forbidden(name: str) -> str | None:
    top = name.partition(".")[0]
    if top in _WEB:
        return "a web framework or client"
    if top in _DRIVERS:
        return "a database driver"
    return "the kit's inside" if any(name == part or name.startswith(part + ".") for part in _INSIDE) else None


def _deciding(things: Sequence[tuple[Module, ast.ClassDef]]) -> Iterator[Breach]:
    """Entities say what is stored. A method that decides belongs into an operation or a rule."""
    for module, entity in things:
        for node in entity.body:
            for inner in ast.walk(node) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _acts(node) else ():
                if isinstance(inner, _DECISIONS):
                    yield module.breach(inner, f"the entity {entity.name} decides something: {_short(inner)}")
                    break


def _acts(node: ast.stmt) -> bool:
    return not isinstance(node, ast.AnnAssign | ast.Assign | ast.Expr | ast.Pass | ast.ClassDef)


def _access(project: Sequence[Module]) -> Iterator[Breach]:
    """The access list names rules; it does not work them out."""
    for module in project:
        for call in (node for node in ast.walk(module.tree) if isinstance(node, ast.Call)):
            parts: list[ast.expr] = []
            if last(call.func) == "allow":
                parts = [*call.args, *(k.value for k in call.keywords)]
            elif last(call.func) == "App":
                parts = [k.value for k in call.keywords if k.arg == "access"]
            for part in parts:
                yield from (module.breach(part, f"the access list decides something: {_short(node)}") for node in _chosen_at_start(part))


def _chosen_at_start(part: ast.AST) -> list[ast.AST]:
    """The choices in an expression that are made when the file is loaded; a rule given as a lambda decides later, and may."""
    if isinstance(part, ast.Lambda):
        return []
    mine: list[ast.AST] = [part] if isinstance(part, ast.IfExp | ast.BoolOp) else []
    return mine + [node for child in ast.iter_child_nodes(part) for node in _chosen_at_start(child)]


def _controllers(project: Sequence[Module]) -> Iterator[Breach]:
    """A module that speaks to a web framework must not speak to a database driver."""
    for module in project:
        tops = {name.partition(".")[0]: line for name, line in module.imports}
        web, drivers = tops.keys() & (_WEB - {"socket", "urllib", "http"}), tops.keys() & _DRIVERS
        if web and drivers:
            driver = min(drivers)
            yield Breach(module.file, tops[driver], f"a controller ({min(web)}) talks to the database ({driver})")


def _dedicated(project: Sequence[Module]) -> Iterator[Breach]:
    """A file named for entities or access holds no business function."""
    for module in project:
        if module.name.rpartition(".")[2] in _DEDICATED:
            for function in filter(is_business, module.functions()):
                yield module.breach(function, f"the business function {function.name} stands in a file for declarations")


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:80]


_IMPORTED = """
import sqlite3
from backwright import Transaction
async def planted(tx: Transaction[object]) -> None: ...
"""
_DECIDES = """
from backwright import Entity
class Planted(Entity):
    amount: int
    def price(self) -> int:
        return self.amount * 2 if self.amount > 10 else self.amount
"""

PLANTS = (
    Plant(
        "driver-in-business-code",
        "code.layered",
        "a business function's module imports a database driver",
        add("planted_operations.py", _IMPORTED),
    ),
    Plant(
        "deciding-entity",
        "code.layered",
        "an entity computes a discount",
        add("planted_entities.py", _DECIDES),
    ),
)

LAYERED = Standard(
    id="code.layered",
    sentence="Business functions import no web framework and no driver; entities, access lists and controllers decide nothing.",
    why="Rules that know nothing of the web or the database can be tested, moved and read on their own.",
    check=layered,
    inputs=("**/*.py", "!tests/**"),
    plants=PLANTS,
)
