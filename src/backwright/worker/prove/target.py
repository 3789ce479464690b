"""What a check is run on: a project folder, its app, and databases that may be written to."""

import importlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """A kit project under proof.

    ``app`` is ``module:name`` inside ``dir``. ``databases`` are URLs of servers on which checks may create and drop databases
    of their own; without any, checks use SQLite. ``cache`` may keep what makes the next run faster, never what decides it.
    ``advisories`` is a list of known advisories: a file, or a folder such as the project's own ``advisories/``.
    """

    dir: Path
    app: str = "app:app"
    databases: tuple[str, ...] = ()
    cache: Path | None = None
    advisories: Path | None = None

    @property
    def name(self) -> str:
        """The project's name: that of its folder."""
        return self.dir.resolve().name

    def at(self, folder: Path) -> "Target":
        """The same target in a copy of the folder; advisories that lie in the project are those of the copy."""
        listed, root = self.advisories, self.dir.resolve()
        if listed is not None and root in listed.resolve().parents:
            listed = folder / listed.resolve().relative_to(root)
        return replace(self, dir=folder, advisories=listed)

    def load(self) -> Any:
        """Import the app. Call it once in a process: a check always runs in one of its own. Nothing compiled from the project is kept.

        Raises ``ImportError`` or ``AttributeError`` when there is no such app, and whatever the project raises while it is imported.
        """
        module, _, name = self.app.partition(":")
        sys.path.insert(0, str(self.dir.resolve()))
        before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            return getattr(importlib.import_module(module), name or "app")
        finally:
            sys.dont_write_bytecode = before

    def to_json(self) -> dict[str, Any]:
        """The target as plain values, for the process that runs the check."""
        return {
            "dir": str(self.dir),
            "app": self.app,
            "databases": list(self.databases),
            "cache": None if self.cache is None else str(self.cache),
            "advisories": None if self.advisories is None else str(self.advisories.resolve()),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Target":
        """The twin of `to_json`."""
        places = [None if (word := value[name]) is None else Path(word) for name in ("cache", "advisories")]
        return cls(Path(value["dir"]), value["app"], tuple(value["databases"]), *places)
