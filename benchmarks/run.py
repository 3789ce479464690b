"""`make bench`: the kit beside its peers, each one process on a free port with a database of its own, in interleaved rounds.

usage: python -m benchmarks.run [--only PART,PART] [--rounds N] [--secs S] [--json FILE]

Ends with a line ``ratio NAME VALUE`` for each ratio; the status is 0 only if every ratio asked for was measured.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks.contract import Client, breaches
from benchmarks.databases import FRESH, postgres_database, run, sqlite_database
from benchmarks.measure import Backends, Figure, has_wrk, measure, medians
from benchmarks.peers import PEERS, ROOT, WORK, Peer, Ratio, ratios
from benchmarks.processes import DidNotStart, Server, serving
from benchmarks.report import ratio_lines, table
from tests.support.postgres import NoPostgres, Postgres, server

SYNC_MICROSECONDS = 1000


class Bench:
    """One run: the cells that the wanted ratios need, and what came out."""

    def __init__(self, wanted: list[Ratio], seconds: float) -> None:
        self.seconds, self.figures, self.problems = seconds, list[Figure](), dict[str, str]()
        self.cells: dict[str, list[str]] = {}
        for cell in dict.fromkeys(cell for ratio in wanted for cell in (ratio.ours, ratio.theirs)):
            self.cells.setdefault(cell[0], []).append(cell[1])
        self.slow_disk = build_slow_disk() if any("sqlite" in name for name in self.cells) else None
        self.databases: dict[str, str] = {}

    def prepare(self, postgres: Postgres | None, stack: ExitStack) -> None:
        """A seeded database for each peer that is measured."""
        for name in self.cells:
            if PEERS[name].storage == "postgresql" and postgres is not None:
                self.databases[name] = stack.enter_context(postgres_database(postgres))

    def round(self, number: int) -> None:
        """Every peer once, each round beginning with another one."""
        names = [name for name in self.cells if name not in self.problems]
        for name in names[number % max(1, len(names)) :] + names[: number % max(1, len(names))]:
            try:
                self.peer(PEERS[name], self.cells[name])
            except (DidNotStart, OSError, subprocess.CalledProcessError) as error:
                self.problems[name] = f"did not run: {error}"

    def peer(self, peer: Peer, modes: list[str]) -> None:
        """Start it, check its answers, load it mode by mode (writes last), end it."""
        if peer.storage != "postgresql":
            self.databases[peer.name] = sqlite_database(WORK / f"{peer.name}.db", scaled=peer.storage == "sqlite, scaled")
        url = self.databases.get(peer.name)
        if url is None:
            raise DidNotStart("there is no PostgreSQL")
        with serving(peer.command, self.environment(peer, url), ROOT, WORK / f"{peer.name}.log") as running:
            token = sign_in(running) if peer.signs_in else None
            if wrong := breaches(running.url, modes, token):
                raise DidNotStart("its answers are not those of the contract:\n  " + "\n  ".join(wrong))
            for mode in modes:
                self.figures.append(measure(peer.name, mode, running, backends(peer, url), self.seconds, token))
                print(progress(self.figures[-1]), flush=True)
        if peer.storage == "postgresql":
            run(url, FRESH)

    def environment(self, peer: Peer, url: str) -> dict[str, str]:
        """What the server finds in its environment."""
        slow = {"LD_PRELOAD": str(self.slow_disk), "SYNC_MICROSECONDS": str(SYNC_MICROSECONDS)}
        extra = slow if self.slow_disk and peer.storage != "postgresql" else {}
        return {"DATABASE_URL": url, "PG_DSN": url, "PYTHONPATH": str(ROOT), **peer.environment, **extra}


def backends(peer: Peer, url: str) -> Backends:
    """The database processes of this peer, asked for anew each time: pools grow."""
    if peer.storage != "postgresql":
        return Backends(None)
    sql = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return Backends(lambda: [row[0] for row in Postgres(url).run(sql)])


def sign_in(running: Server) -> str:
    """An access token of an account that is made for it, once for each database."""
    client = Client(running.url)
    account = {"email": "load@example.org", "password": "correct horse battery staple"}
    client.ask("/sign-up", account)
    status, answer = client.ask("/sign-in", account)
    if status != 200 or client.ask("/products/7")[0] != 401:
        raise DidNotStart(f"signing in answered {status}, {answer}, or the token is not asked for")
    token: str = answer["access_token"]
    return token


def build_slow_disk() -> Path | None:
    """The shim that makes each sync last 1 ms longer, or None where there is no C compiler (or no LD_PRELOAD)."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    built = WORK / "slow_disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(built), str(ROOT / "benchmarks" / "slow_disk.c"), "-ldl"], check=True)
    return built


def install_fastify() -> str | None:
    """Put the Fastify peer with its packages under .work; returns what went wrong, if anything did."""
    folder = WORK / "fastify"
    folder.mkdir(parents=True, exist_ok=True)
    source = ROOT / "benchmarks" / "fastify"
    shutil.copy(source / "server.js", folder)
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "Node.js and npm are not installed (Debian packages nodejs and npm)"
    manifest, installed = (source / "package.json").read_text(), folder / "installed.json"
    if installed.exists() and installed.read_text() == manifest:
        return None
    shutil.copy(source / "package.json", folder)
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return f"npm install failed: {done.stderr[-400:]}"
    installed.write_text(manifest)
    return None


@contextmanager
def a_postgres() -> Iterator[Postgres | None]:
    """The server that tests use too, or None after saying why there is none."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(server(os.environ.get("DATABASE_URL"), WORK / "postgres"))
        except NoPostgres as error:
            print(f"no PostgreSQL: {error}", file=sys.stderr)
            found = None
        yield found


def progress(figure: Figure) -> str:
    """One line while it runs."""
    return f"  {figure.peer:12} {figure.mode:7} {figure.rate:8.0f}/s  {figure.cpu:6.0f} µs CPU  others {figure.others:.0%}"


def arguments() -> argparse.Namespace:
    """The words on the command line."""
    parser = argparse.ArgumentParser(description="The kit beside its peers.", prog="make bench")
    parser.add_argument("--only", default="", help="ratios whose names contain one of these parts, separated by commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--secs", type=float, default=3, help="seconds of load for each figure")
    parser.add_argument("--json", type=Path, help="write every figure and ratio to this file")
    return parser.parse_args()


def main() -> int:
    """Measure, print, and say whether everything asked for was measured."""
    given = arguments()
    parts = [part for part in given.only.split(",") if part]
    wanted = [ratio for ratio in ratios() if not parts or any(part in ratio.name for part in parts)]
    WORK.mkdir(exist_ok=True)
    bench = Bench(wanted, given.secs)
    print("load: wrk" if has_wrk() else "load: the bundled generator, which costs more CPU than wrk (Debian package: wrk)")
    if bench.slow_disk is None and "shop-sqlite" in bench.cells:
        print("no C compiler (Debian package: gcc): SQLite writes are measured on this disk as it is, not on one that syncs in 1 ms")
    if "fastify" in bench.cells and (problem := install_fastify()):
        bench.problems["fastify"] = problem
    with a_postgres() as postgres, ExitStack() as stack:
        bench.prepare(postgres, stack)
        for number in range(given.rounds):
            print(f"round {number + 1} of {given.rounds}")
            bench.round(number)
    middle = medians(bench.figures)
    lines = ratio_lines(wanted, middle)
    print("", table(middle), "", sep="\n")
    for name, problem in bench.problems.items():
        print(f"{name}: {problem}", file=sys.stderr)
    print("\n".join(lines))
    if given.json:
        given.json.write_text(json.dumps({"figures": [asdict(f) for f in bench.figures], "ratios": lines}, indent=2))
    return 0 if len(lines) == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
