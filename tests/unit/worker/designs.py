"""Helpers: write a small design to a folder and read it, or the problems with it."""

from pathlib import Path

from backwright.worker.design import Design
from backwright.worker.importers.openapi import import_openapi
from backwright.worker.place import BrokenDesign, Problem

HEAD = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"


def written(folder: Path, text: str | bytes, name: str = "api.yaml") -> Path:
    """The text as a file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(folder: Path, text: str) -> Design:
    """The design, which must be free of errors."""
    return import_openapi(written(folder, text))


def problems(folder: Path, text: str | bytes) -> list[Problem]:
    """Every problem of a broken design; an empty list if it is fine."""
    try:
        return list(import_openapi(written(folder, text)).warnings)
    except BrokenDesign as broken:
        return list(broken.problems)


def said(folder: Path, text: str | bytes) -> list[tuple[int, str]]:
    """Line and sentence of each problem."""
    return [(problem.line, problem.what) for problem in problems(folder, text)]
