"""Reading what people and coordinators left: bounded, and what cannot be read is a finding with a name, never an exception."""

from dataclasses import dataclass, field
from pathlib import Path

LARGEST = 1_000_000
"""Bytes of one file that are read; of a longer one, the rest is left out and said so."""


@dataclass(slots=True)
class Reader:
    """Reads texts below one folder, and keeps what was read and what was wrong with it."""

    root: Path
    read: list[str] = field(default_factory=list[str])
    findings: list[str] = field(default_factory=list[str])

    def text(self, name: str) -> str:
        """The text of a file; empty when there is none, or none that can be read."""
        place = self.root / name
        try:
            if place.is_dir():
                self.findings.append(f"{name} is a folder: it is not read")
                return ""
            with place.open("rb") as file:
                data = file.read(LARGEST + 1)
        except FileNotFoundError:
            return ""
        except OSError as error:
            self.findings.append(f"{name} cannot be read: {error.strerror or type(error).__name__}")
            return ""
        self.read.append(name)
        if len(data) > LARGEST:
            self.findings.append(f"{name} is longer than {LARGEST:,} bytes: the rest is left out")
            data = data[:LARGEST].rpartition(b"\n")[0] or data[:LARGEST]
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self.findings.append(f"{name} is not UTF-8 (byte {error.start}): what is wrong reads �")
            return data.decode("utf-8", "replace")

    def below(self, folder: str, *endings: str) -> list[str]:
        """The files directly in a folder with one of these endings, relative to the root, sorted; at most 500."""
        place = self.root / folder
        try:
            names = sorted(one.name for one in place.iterdir() if one.name.endswith(endings) and not one.name.startswith("."))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.findings.append(f"{folder} cannot be read: {error.strerror or type(error).__name__}")
            return []
        if len(names) > 500:
            self.findings.append(f"{folder} holds {len(names)} files: the first 500 are read")
        return [f"{folder}/{name}" for name in names[:500]]
