"""Deliveries for tests: without asking anybody, quietly, and a delivered project in this very process."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from backwright.app.app import App
from backwright.worker.delivery.deliver import Delivered, deliver
from backwright.worker.progress import Progress
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target

ROOT = Path(__file__).parents[2]
BOOKSHOP = ROOT / "examples/bookshop"
DESIGN = BOOKSHOP / "design/openapi.yaml"
FOREIGN = ROOT.parent / "shared/designs"


def delivered(design: Path | str, into: Path, *, standards: tuple[Standard, ...] = ()) -> Delivered:
    """Deliver without being asked; nothing is measured unless standards are given."""
    return deliver([design], into, agree=lambda plan, text: True, show=Progress(StringIO()), standards=standards)


def with_rules(into: Path) -> Path:
    """The folder with the bookshop's rules in it."""
    into.mkdir(parents=True, exist_ok=True)
    shutil.copytree(BOOKSHOP / "rules", into / "rules")
    return into


@contextmanager
def loaded(folder: Path) -> Iterator[App]:
    """The app of a delivered project; its modules are forgotten afterwards."""
    path, before = list(sys.path), set(sys.modules)
    try:
        app: App = Target(folder).load()
        yield app
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "") or "").startswith(str(folder.resolve())):
                del sys.modules[name]
