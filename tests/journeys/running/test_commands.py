"""The commands around serving, on a small project: explain, profile, openapi, account, migrate, dev."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.serving import Served, serving, until

SHOP = '''"""A shop."""

from backwright import Account, App, Entity, Managed, Owner, Password, allow, anyone


class Customer(Account):
    is_staff: Managed[bool] = False


class Order(Entity):
    customer: Owner[Customer]
    note: str


def buyer(order: Order, who: Customer) -> bool:
    return order.customer == who.id or who.is_staff


app = App(access=[allow(Order, read=buyer, create=buyer), allow(Customer, read=anyone)], sign_in=[Password(Customer)])
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project."""
    (tmp_path / "app.py").write_text(SHOP)
    return tmp_path


def say(folder: Path, *words: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BACKWRIGHT_") and k != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "backwright.cli.main", *words], cwd=folder, env=clean | environment, input=given, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_explain(folder: Path, dialect: str, request: pytest.FixtureRequest) -> None:
    """Route, limits, the rule as it is written and as SQL with its parameters, the statement and the database's plan."""
    environment = {"DATABASE_URL": request.getfixturevalue("postgres_url")} if dialect == "postgresql" else {}

    told = say(folder, "explain", "read_order", **environment)

    assert told.returncode == 0, told.stderr
    assert "GET /v1/orders/{id}" in told.stdout
    assert "costs 1 of anonymous 100/h" in told.stdout
    assert "return order.customer == who.id or who.is_staff" in told.stdout
    assert 't."customer_id" = ' in told.stdout
    assert "the caller's id" in told.stdout
    assert ("Index Scan" if dialect == "postgresql" else "USING INDEX") in told.stdout


def test_explain_names_what_there_is(folder: Path) -> None:
    """A wrong name ends with status 2 and the right ones."""
    told = say(folder, "explain", "red_order")

    assert told.returncode == 2
    assert "create_order, list_customers, list_orders, read_customer, read_order" in told.stderr


def test_profile(folder: Path) -> None:
    """What is asked of the database, the time of each stage, and the functions that take most; the limits do not end it."""
    told = say(folder, "profile", "list_customers", "--requests", "200", BACKWRIGHT_TIERS="anonymous=5/h")

    assert told.returncode == 0, told.stderr
    assert 'FROM "customer" t' in told.stdout
    assert "GET /v1/customers: 200" in told.stdout
    assert "function calls" in told.stdout
    assert "has parameters: say --path" in say(folder, "profile", "read_customer").stderr


def test_openapi(folder: Path) -> None:
    """The document is printed without a database or a secret."""
    told = say(folder, "openapi", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert told.returncode == 0, told.stderr
    assert "/v1/orders" in json.loads(told.stdout)["paths"]
    assert not (folder / "data").exists()


def test_account_create(folder: Path) -> None:
    """Managed fields can be set here; a bad password, a taken address and an unknown field are refused in a sentence."""
    create = ("account", "create", "boss@example.org")

    weak = say(folder, *create, given="short\n")
    wrong = say(folder, *create, "--set", "boss=true", given="correct horse battery\n")
    made = say(folder, *create, "--set", "is_staff=true", given="correct horse battery\n")
    again = say(folder, *create, given="correct horse battery\n")

    assert (made.returncode, made.stdout.split()[:2]) == (0, ["Customer", "boss@example.org"])
    assert (weak.returncode, "at least 8 characters" in weak.stderr) == (2, True)
    assert (wrong.returncode, "'boss=true' sets nothing" in wrong.stderr) == (2, True)
    assert (again.returncode, "same value" in again.stderr) == (2, True)
    assert "Traceback" not in weak.stderr + wrong.stderr + again.stderr


def test_serving_refuses_a_database_that_is_behind(folder: Path) -> None:
    """With the command that helps; ``--migrate`` mends it."""
    assert say(folder, "migrate", "make", "first").returncode == 0
    assert say(folder, "migrate", "up").returncode == 0
    (folder / "app.py").write_text(SHOP.replace("note: str", "note: str\n    gift: bool = False"))
    assert say(folder, "migrate", "make", "gifts").returncode == 0

    refused = say(folder, "serve", "--port", "0")

    assert refused.returncode == 2
    assert "`backwright migrate up`, or serve with --migrate" in refused.stderr
    with serving(folder, "--migrate") as server:
        assert server.ask("GET", "/health/ready").status == 200
    assert say(folder, "migrate", "status").returncode == 0


def test_dev_starts_again_when_a_file_changes(folder: Path) -> None:
    """The address stays and the new code answers; a file that cannot be imported is waited out."""
    output = folder / "output.txt"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BACKWRIGHT_") and k != "DATABASE_URL"}
    with output.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "backwright.cli.main", "dev", str(folder), "--port", "0"], stdout=out, stderr=subprocess.STDOUT,
            text=True, env=clean,
        )  # fmt: skip
    try:
        server = Served(process, output)
        server.line("server_started")
        assert server.ask("GET", "/v1/orders").status == 401

        (folder / "app.py").write_text(SHOP + "\nboom(")
        server.line("it did not start")
        (folder / "app.py").write_text(SHOP.replace("read=buyer", "read=anyone"))
        server.line("server_started", times=2)

        until(lambda: server.ask("GET", "/v1/orders").status == 200)
        assert server.stop(signal.SIGINT) == 0
    finally:
        process.kill()
        process.wait()
