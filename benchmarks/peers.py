"""Who is measured: how each server is started, on which database, and which ratios come out of it."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent
ROOT = HERE.parent
WORK = HERE / ".work"
BIN = Path(sys.executable).parent
UVICORN = (str(BIN / "uvicorn"), "--host", "127.0.0.1", "--port", "{port}", "--log-level", "error", "--no-access-log")
AIOSQLITE = (*UVICORN, "benchmarks.fastapi_aiosqlite:app")
SHOP = (str(BIN / "backwright"), "serve", str(HERE / "shop"), "--port", "{port}")

Storage = Literal["postgresql", "sqlite, scaled", "sqlite, text"]


@dataclass(frozen=True, slots=True)
class Peer:
    """One server, as it is run for one database."""

    name: str
    what: str
    command: tuple[str, ...]
    storage: Storage
    environment: dict[str, str] = field(default_factory=dict)
    signs_in: bool = False
    """Whether every request carries an access token that the server checks."""


PEERS = {
    peer.name: peer
    for peer in (
        Peer("shop", "Backwright: limits, rules, metrics and logs on", SHOP, "postgresql"),
        Peer("shop-token", "the same, every request with an access token", SHOP, "postgresql", {"SHOP_SIGN_IN": "yes"}, signs_in=True),
        Peer("fastapi", "FastAPI + SQLAlchemy ORM (asyncpg)", (*UVICORN, "benchmarks.fastapi_sqlalchemy:app"), "postgresql"),
        Peer("fastify", "Fastify + pg (Node.js)", ("node", str(WORK / "fastify" / "server.js")), "postgresql", {"NODE_ENV": "production"}),
        Peer("shop-sqlite", "Backwright on SQLite, every write durable", SHOP, "sqlite, scaled"),
        Peer("aiosqlite", "FastAPI + aiosqlite, a connection for each read", AIOSQLITE, "sqlite, text"),
        Peer(
            "aiosqlite-tuned",
            "FastAPI + aiosqlite, connections kept open",
            AIOSQLITE,
            "sqlite, text",
            {"TUNED": "yes"},
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure over another, from the same run. `better` says in which direction it is good."""

    name: str
    figure: Literal["rate", "cpu"]
    ours: tuple[str, str]
    theirs: tuple[str, str]
    goal: str = ""


def ratios() -> list[Ratio]:
    """Every ratio there is, in the order in which they are printed."""
    modes = ("one", "list", "nested", "create")
    goals = {"one": "≥ 9", "list": "≥ 6", "nested": "≥ 9", "create": "≥ 10"}
    found = [Ratio(f"rest-{mode}", "rate", ("shop", mode), ("fastapi", mode), goals[mode]) for mode in modes]
    found += [
        Ratio("sqlite-one", "rate", ("shop-sqlite", "one"), ("aiosqlite", "one"), "≥ 20"),
        Ratio("sqlite-tuned-one", "rate", ("shop-sqlite", "one"), ("aiosqlite-tuned", "one")),
        Ratio("sqlite-write", "rate", ("shop-sqlite", "create"), ("aiosqlite-tuned", "create"), "≥ 10"),
    ]
    found += [Ratio(f"cpu-{mode}", "cpu", ("shop", mode), ("fastapi", mode)) for mode in modes]
    found += [Ratio(f"cpu-token-{mode}", "cpu", ("shop-token", mode), ("fastapi", mode), "≤ 0.125") for mode in ("one", "nested")]
    found += [Ratio(f"fastify-{mode}", "rate", ("shop", mode), ("fastify", mode)) for mode in modes]
    return found
