"""Puts generated Python into the shape that ruff gives it: imports sorted, lines broken, quotes alike."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from backwright.worker.prove import process
from backwright.worker.write.source import WIDTH


class Unformatted(Exception):
    """ruff would not read a generated file: a fault of the writer."""


def formatted(files: Mapping[str, str], *, unused: bool = True) -> dict[str, str]:
    """The same files, formatted, with or without the imports that nobody uses. Raises `Unformatted` with what ruff says."""
    with tempfile.TemporaryDirectory(prefix="backwright-write-") as scratch:
        folder = Path(scratch)
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        lines = ["--no-cache", "--quiet", "--isolated", "--line-length", str(WIDTH)]
        sort = [
            "check",
            "--select",
            "I,F401" if unused else "I",
            "--fix-only",
            "--exit-zero",
            "--config",
            'lint.isort.known-first-party=["app","model","access","errors","views","rules","operations","sign_in","tests"]',
        ]
        for command in ([*sort, *lines, "."], ["format", *lines, "."]):
            ran = process.run(process.python("ruff", *command), folder, timeout=60)
            if ran.status != 0:
                raise Unformatted(ran.output)
        return {name: (folder / name).read_text(encoding="utf-8") for name in files}
