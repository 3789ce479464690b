"""Container files: what a Dockerfile starts, and what a Compose file says of services, images and who waits for whom."""

import json
import re
import shlex
from dataclasses import dataclass
from typing import Any

from backwright.worker.survey.catalogue import catalogue
from backwright.worker.survey.manifests.reading import Manifests, beside, folder, line_of, rows, table, word
from backwright.worker.survey.repository import Evidence

_CMD = re.compile(r"^[ \t]*(CMD|ENTRYPOINT)[ \t]+(.+)$", re.I)


@dataclass(frozen=True, slots=True)
class ComposeService:
    """One service of a Compose file."""

    name: str
    file: str
    at: Evidence
    image: str
    system: str
    """The system that its image is, if the catalogue knows it."""
    folder: str | None
    """The folder it is built from: its Dockerfile's, or its context; None if it is not built here."""
    command: str
    needs: tuple[tuple[str, Evidence], ...]
    environment: tuple[tuple[str, str], ...]


def starts(manifests: Manifests, path: str) -> tuple[str, Evidence] | None:
    """The command that a container of this file runs: the last ENTRYPOINT and CMD of its last stage."""
    text = manifests.text(path)
    if text is None:
        return None
    said: dict[str, tuple[str, int]] = {}
    joined = re.sub(r"\\\r?\n", lambda m: "\0", text)
    for line in joined.split("\n"):
        if re.match(r"\s*FROM\s", line, re.I):
            said = {}
        elif match := _CMD.match(line.replace("\0", " ")):
            number = line_of(text, line.split("\0")[0].strip())
            said[match[1].upper()] = (_words(match[2].strip()), number)
    if not said:
        return None
    words = [said[key][0] for key in ("ENTRYPOINT", "CMD") if key in said]
    number = said.get("CMD", said.get("ENTRYPOINT", ("", 0)))[1]
    return " ".join(words), Evidence(path, number, " ".join(words)[:200])


def _words(said: str) -> str:
    """The exec form as a shell would write it."""
    if said.startswith("["):
        try:
            return shlex.join(word(part) for part in rows(json.loads(said)))
        except (ValueError, TypeError):
            return said
    return said


def compose(manifests: Manifests, path: str) -> list[ComposeService]:
    """The services of a Compose file."""
    data = table(manifests.yaml(path))
    services = table(data.get("services"))
    if not services and data.get("services") is not None:
        manifests.wrong(path, "'services' holds no table", line_of(manifests.text(path) or "", "services:"))
    return [_service(manifests, path, str(name), table(said)) for name, said in services.items()]


def _service(manifests: Manifests, path: str, name: str, said: dict[str, Any]) -> ComposeService:
    at = manifests.at(path, "services:", f"{name}:")
    needed = said.get("depends_on")
    names = [str(key) for key in table(needed)] or [word(one) for one in rows(needed)]
    names += [word(one).partition(":")[0] for one in rows(said.get("links"))]
    needs = tuple((one, manifests.at(path, "services:", f"{name}:", "depends_on", one)) for one in dict.fromkeys(names) if one)
    environment = said.get("environment")
    pairs = [(str(key), word(value)) for key, value in table(environment).items()]
    pairs += [(key, value) for one in rows(environment) for key, sign, value in [word(one).partition("=")] if sign]
    command = said.get("command")
    image = word(said.get("image"))
    return ComposeService(
        name, path, at, image, system_of(image) if "build" not in said else "", _built_from(manifests, path, said),
        word(command) or " ".join(map(word, rows(command))), needs, tuple(pairs),
    )  # fmt: skip


def _built_from(manifests: Manifests, path: str, said: dict[str, Any]) -> str | None:
    build = said.get("build")
    if build is None:
        return None
    context = word(build) or word(table(build).get("context")) or "."
    if "://" in context:
        return None
    where = beside(folder(path), context)
    dockerfile = word(table(build).get("dockerfile"))
    if dockerfile:
        own = folder(beside(where, dockerfile))
        return own if own.startswith(where) and any(folder(p) == own for p in manifests.paths if "ockerfile" not in p) else where
    return where


def system_of(image: str) -> str:
    """The system that an image holds; nothing for one that is not known."""
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    return catalogue().images.get(name, "")
