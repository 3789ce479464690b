"""``backwright account create``: the only way to the first administrator; never over HTTP."""

import asyncio
import getpass
import sys
from typing import Annotated, Any

import typer

from backwright.app.app import App
from backwright.app.running import Running
from backwright.cli.loading import NoApp, load_app
from backwright.cli.saying import plainly
from backwright.domain.entity import Account
from backwright.identity.accounts import create_account

commands = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Make accounts.")


@commands.callback()
def _group() -> None:
    """Make accounts, such as the first administrator."""


@commands.command()
def create(
    email: Annotated[str, typer.Argument(help="The e-mail address to sign in with.")],
    set: Annotated[list[str] | None, typer.Option(help="A field, managed ones too: is_staff=true")] = None,
    app: Annotated[str, typer.Option(help="The project's folder, or module:name.")] = ".",
    kind: Annotated[str | None, typer.Option(help="The class of account, where there are several.")] = None,
) -> None:
    """Make an account. The password is asked for, or read from standard input."""
    with plainly():
        declared = load_app(app)
        account = _class(declared, kind)
        made = asyncio.run(_create(declared, account, email, _password(), set or []))
        typer.echo(f"{account.__name__} {made.email} was made: {made.id}")


def _class(app: App, name: str | None) -> type[Account]:
    found: dict[str, type[Account]] = {way.account.__name__: way.account for way in app.sign_in}
    if not found:
        raise NoApp("nobody can sign in to this app. Write: App(sign_in=[Password(Customer)])")
    if name is None and len(found) > 1:
        raise NoApp(f"there are several classes of accounts: say --kind {' or '.join(found)}")
    if name is not None and name not in found:
        raise NoApp(f"{name} is no class of accounts here; there are {', '.join(found)}")
    return found[name or next(iter(found))]


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        raise NoApp("the two passwords are not the same")
    return first


async def _create(app: App, kind: type[Account], email: str, password: str, words: list[str]) -> Any:
    running = Running(app)
    await running.open()
    try:
        assert running.signing is not None
        return await create_account(running.signing.accounts[kind], app.model[kind], email, password, words)
    except ValueError as wrong:
        raise NoApp(str(wrong)) from None
    finally:
        await running.close()
