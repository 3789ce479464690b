"""``backwright new``: a project that runs, with its tests, migrations and what it needs in production."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from backwright.cli.loading import NoApp
from backwright.cli.saying import plainly

SKELETON = Path(__file__).parent / "skeleton"
_NAMES = {"gitignore": ".gitignore", "dockerignore": ".dockerignore", "service": "{name}.service"}


def new(name: Annotated[str, typer.Argument(help="The project's name, and its new folder.")]) -> None:
    """Start a project in a new folder."""
    with plainly():
        folder = Path(name)
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,38}", folder.name):
            raise NoApp(f"{folder.name!r} is no name for a project: use small letters, digits and -, beginning with a letter")
        if folder.exists() and any(folder.iterdir()):
            raise NoApp(f"{folder} exists and is not empty")
        for path in write(folder):
            typer.echo(f"wrote {path}")
        _first_migration(folder)
    typer.echo(f"\ncd {folder}\nbackwright dev .")


def write(folder: Path) -> list[Path]:
    """Write the files of the skeleton; gives their paths."""
    words = {"{name}": folder.name, "{title}": folder.name.replace("-", " ").capitalize(), "{version}": version("backwright")}
    written: list[Path] = []
    for source in sorted(SKELETON.rglob("*.txt")):
        inside = source.relative_to(SKELETON)
        stem = inside.name.removesuffix(".txt")
        path = folder / inside.with_name(_NAMES.get(stem, stem).replace("{name}", folder.name))
        text = source.read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(word, value)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _first_migration(folder: Path) -> None:
    """In a process of its own: the new project's modules have names that ours may not lose."""
    command = [sys.executable, "-m", "backwright.cli.main", "migrate", "make", "first", "--app", str(folder)]
    subprocess.run(command, check=True)
