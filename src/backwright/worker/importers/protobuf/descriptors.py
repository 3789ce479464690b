"""Protocol buffer files as descriptors, by the real compiler, in a process of its own. The one file that runs protoc."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from backwright.worker.importers.reading import Unreadable, text_of
from backwright.worker.place import BrokenDesign, Problem

PATIENCE = 60.0
_HTTP = """syntax = "proto3";
package google.api;
import "google/protobuf/descriptor.proto";
extend google.protobuf.MethodOptions { HttpRule http = 72295728; }
message CustomHttpPattern { string kind = 1; string path = 2; }
message HttpRule {
  string selector = 1;
  oneof pattern { string get = 2; string put = 3; string post = 4; string delete = 5; string patch = 6; CustomHttpPattern custom = 8; }
  string body = 7;
  repeated HttpRule additional_bindings = 11;
  string response_body = 12;
}
"""
_BEHAVIOR = """syntax = "proto3";
package google.api;
import "google/protobuf/descriptor.proto";
extend google.protobuf.FieldOptions { repeated FieldBehavior field_behavior = 1052; }
enum FieldBehavior {
  FIELD_BEHAVIOR_UNSPECIFIED = 0; OPTIONAL = 1; REQUIRED = 2; OUTPUT_ONLY = 3; INPUT_ONLY = 4; IMMUTABLE = 5; UNORDERED_LIST = 6;
  NON_EMPTY_DEFAULT = 7; IDENTIFIER = 8;
}
"""
_KNOWN = {"google/api/annotations.proto": _HTTP, "google/api/http.proto": "", "google/api/field_behavior.proto": _BEHAVIOR}
"""Annotations that designs import and seldom carry along: as much of them as is read here."""
_SAID = re.compile(r"^(?P<file>[^:\n]+?):(?:(?P<line>\d+):\d+:)? (?P<what>.+)$", re.MULTILINE)


def compiled(files: Sequence[tuple[Path, str]], problems: list[Problem]) -> Any:
    """The descriptors of the files and of what they import, as a ``FileDescriptorSet``. Raises `BrokenDesign`."""
    for path, name in files:
        try:
            text_of(path)
        except Unreadable as error:
            problems.append(Problem(name, error.line, "", "error", error.what, error.mend))
    if problems:
        raise BrokenDesign(tuple(problems))
    names = {str(_within(path, name)): name for path, name in files}
    with TemporaryDirectory(prefix="backwright-") as scratch:
        found = _run(files, Path(scratch), names, problems)
    from google.protobuf.descriptor_pb2 import FileDescriptorSet  # type: ignore[import-untyped, unused-ignore]

    read: Any = FileDescriptorSet()
    read.ParseFromString(found)
    return read


class Options:
    """Reads the annotations of Google's API guide, which the runtime does not know by itself."""

    def __init__(self, descriptors: Any) -> None:
        from google.protobuf import descriptor_pool, message_factory  # type: ignore[import-untyped, unused-ignore]

        pool: Any = descriptor_pool.DescriptorPool()
        for file in descriptors.file:
            pool.Add(file)
        self.pool, self.made = pool, message_factory.GetMessageClass

    def of(self, item: Any, name: str) -> Any:
        """The value of an annotation, e.g. ``google.api.http``; None where it is not set."""
        data = item.options.SerializeToString()
        if not data:
            return None
        try:
            extension = self.pool.FindExtensionByName(name)
        except KeyError:
            return None
        read = self.made(extension.containing_type).FromString(data)
        return read.Extensions[extension] if any(known.full_name == name for known, _ in read.ListFields()) else None


def _within(path: Path, name: str) -> Path:
    """How imports call the file: its name in the design's folder."""
    return Path(name) if path.as_posix().endswith(name) else Path(path.name)


def _roots(files: Sequence[tuple[Path, str]]) -> Iterator[Path]:
    """The folders that imports start from."""
    for path, name in files:
        yield path.resolve().parents[len(_within(path, name).parts) - 1]


def _run(files: Sequence[tuple[Path, str]], scratch: Path, names: dict[str, str], problems: list[Problem]) -> bytes:
    roots = list(dict.fromkeys(_roots(files)))
    known = scratch / "known"
    for name, text in _KNOWN.items():
        if not any((root / name).exists() for root in roots):
            (known / name).parent.mkdir(parents=True, exist_ok=True)
            (known / name).write_text(text or 'syntax = "proto3";\n', encoding="utf-8")
    out = scratch / "descriptors"
    paths = [f"--proto_path={folder}" for folder in (*roots, known) if folder.exists()]
    command = [
        sys.executable,
        "-m",
        "grpc_tools.protoc",
        *paths,
        f"--descriptor_set_out={out}",
        "--include_imports",
        "--include_source_info",
    ]
    try:
        ran = subprocess.run([*command, *names], capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise BrokenDesign((Problem(files[0][1], 1, "", "error", "The compiler did not come to an end.", "Split the file."),)) from None
    if ran.returncode or not out.exists():
        problems += _problems(ran.stderr, names, files[0][1])
        raise BrokenDesign(tuple(dict.fromkeys(problems)))
    return out.read_bytes()


def _problems(said: str, names: dict[str, str], first: str) -> Iterator[Problem]:
    """What the compiler says, by file and line."""
    if "No module named" in said:
        yield Problem(first, 1, "", "error", "Protocol buffers need a compiler that is not installed.", 'Install "backwright[worker]".')
        return
    found = [m for m in _SAID.finditer(said) if "warning" not in m["what"][:10]]
    for match in found:
        file = next((name for key, name in names.items() if f"/{match['file']}".endswith(f"/{key}")), Path(match["file"]).name)
        yield Problem(
            file, int(match["line"] or 1), "", "error", f"{match['what'].rstrip('.')}.", "Mend it here, or carry the import along."
        )
    if not found:
        yield Problem(first, 1, "", "error", f"The compiler stopped: {said.strip()[-300:]}.", "Mend the file.")
