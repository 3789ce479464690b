"""From words on the command line to an app: ``examples/bookshop``, or ``shop.main:app``."""

import importlib
import sys
from pathlib import Path

from backwright.app.app import App


class NoApp(Exception):
    """There is no app where the words point."""


def load_app(target: str) -> App:
    """The app of a folder (``app`` in its ``app.py``), or of ``module:name``. Its folder is put first on the import path.

    Raises `NoApp`, and whatever the project raises while it is imported.
    """
    folder = Path(target)
    if folder.is_dir():
        if not (folder / "app.py").is_file():
            raise NoApp(f"{folder}: there is no app.py in this folder. Start a project with: backwright new NAME")
        sys.path.insert(0, str(folder.resolve()))
        module, name = "app", "app"
    elif ":" in target:
        sys.path.insert(0, str(Path.cwd()))
        module, _, name = target.partition(":")
    else:
        raise NoApp(f"{target}: there is no such folder. Give a folder with an app.py, or module:name.")
    return _named(module, name)


def _named(module: str, name: str) -> App:
    try:
        found = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as missing:
        if missing.name != module:
            raise
        raise NoApp(f"there is no module {module} on the import path") from None
    except AttributeError as missing:
        if missing.name != name:
            raise
        raise NoApp(f"{module}.py has no {name!r}. Write: {name} = App(...)") from None
    if not isinstance(found, App):
        raise NoApp(f"{name!r} in {module}.py is no App but {type(found).__name__}. Write: {name} = App(...)")
    return found
