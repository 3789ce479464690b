"""``backwright openapi``: the document of what is served; needs neither a database nor secrets."""

import json
from typing import Annotated

import typer

from backwright.api.rest.openapi import openapi as document
from backwright.app.running import Running
from backwright.cli.loading import load_app
from backwright.cli.saying import plainly
from backwright.settings.kit import KitSettings

ONLY_TO_COMPILE = "signs nothing: the app is compiled and never opened"


def openapi(app: Annotated[str, typer.Argument(help="The project's folder, or module:name.")] = ".") -> None:
    """Print the OpenAPI 3.1 document as JSON."""
    with plainly():
        running = Running(load_app(app), settings=KitSettings(secret_key=ONLY_TO_COMPILE))
        typer.echo(json.dumps(document(running.door), indent=2, ensure_ascii=False))
