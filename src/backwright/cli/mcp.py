"""``backwright mcp``: the worker's tools for a coding agent, over standard input and output or over HTTP."""

import logging
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import typer

WRONG = 2
As = Literal["backwright", "serena", "context7"]


def mcp(
    dir: Annotated[Path, typer.Argument(help="The project's folder.", file_okay=False, resolve_path=True)] = Path("."),
    as_: Annotated[As, typer.Option("--as", help="Whose tools: our own, or those of Serena or Context7, answered offline.")] = "backwright",
    http: Annotated[int | None, typer.Option("--http", help="Serve on this port of this machine; 0 is any.", min=0, max=65535)] = None,
    standards: Annotated[str, typer.Option(help="What a promotion needs: ids or groups, e.g. code,db. All without it.")] = "",
    session_root: Annotated[Path | None, typer.Option(help="Where sessions are kept, or one session's folder.", file_okay=False)] = None,
) -> None:
    """Offer the worker's tools by the Model Context Protocol. The project is only read; changes go to a copy until proof lets them in."""
    if not dir.is_dir():
        raise _stop(f"{dir} is not a folder")
    if find_spec("mcp") is None:
        raise _stop("the library mcp is not installed: pip install 'backwright[worker]'")
    asked = tuple(word for word in standards.split(",") if word)
    if asked:
        _check(asked)
    from backwright.worker.mcp.server import serve
    from backwright.worker.mcp.tool import Desk
    from backwright.worker.mcp.transports import over_http, over_stdio

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    desk = Desk(dir, None if session_root is None else session_root.resolve(), asked)
    server = serve(as_, desk)
    if http is None:
        over_stdio(server)
    else:
        try:
            over_http(server, http)
        except OSError as error:
            raise _stop(f"port {http} cannot be had: {error.strerror}") from None


def _check(asked: tuple[str, ...]) -> None:
    from backwright.worker.prove.standard import UnknownStandard, select
    from backwright.worker.prove.standards import STANDARDS

    try:
        select(STANDARDS, asked)
    except UnknownStandard as error:
        raise _stop(str(error)) from None


def _stop(text: str) -> typer.Exit:
    typer.echo(text, err=True)
    return typer.Exit(WRONG)
