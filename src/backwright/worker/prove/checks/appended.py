"""Faults planted behind the declaration: lines added at the end of the file that puts the app together."""

import re
from pathlib import Path

from backwright.worker.prove.faults import Edit, NothingToPlant

_APP = re.compile(r"^(\w+)(?:\s*:\s*\w+)?\s*=\s*App\(", re.MULTILINE)


def behind_the_app(lines: str) -> Edit:
    """A fault that is code behind ``app = App(...)``; ``APP`` in it stands for the app's name there."""

    def apply(copy: Path) -> None:
        for place in sorted(copy.rglob("*.py")):
            text = place.read_text(encoding="utf-8")
            if "tests" not in place.relative_to(copy).parts and (found := _APP.search(text)):
                place.write_text(text + "\n\n" + lines.replace("APP", found[1]) + "\n", encoding="utf-8")
                return
        raise NothingToPlant("no file declares an App")

    return Edit("behind `app = App(...)`", apply)
