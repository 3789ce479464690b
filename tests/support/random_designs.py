"""Designs that change: a design of the cases, and what it becomes by one random change after another, with the project of each step."""

import json
import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]

from backwright.worker.importers.openapi import import_openapi
from backwright.worker.infer.blueprint import infer
from backwright.worker.place import BrokenDesign
from backwright.worker.survey.facts import Facts
from backwright.worker.write.format import formatted
from backwright.worker.write.project import project
from backwright.worker.write.serving import settled

ROOT = Path(__file__).parents[2]
DESIGNS = [ROOT / f"tests/cases/{name}/design.yaml" for name in ("todo", "blog", "pets", "catalogue")] + [
    ROOT / "examples/bookshop/design/openapi.yaml"
]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A design, and the formatted project that is generated for it in an empty folder."""

    name: str
    document: Document
    files: dict[str, str]


def walks(dice: random.Random, length: int) -> list[list[Step]]:
    """For each design of the cases, that many steps, each one random change away from the one before."""
    drafts: list[tuple[int, Document, dict[str, str]]] = []
    for number, path in enumerate(DESIGNS):
        document: Document = yaml.safe_load(path.read_text(encoding="utf-8"))
        drafts.append((number, document, _project(document)))
        while sum(n == number for n, _, _ in drafts) < length:
            try:
                changed = _changed(dice, document)
                files = _project(changed)
            except (BrokenDesign, IndexError):  # nothing is left that this change is about, or what it gives is no design
                continue
            document = changed
            drafts.append((number, document, files))
    together = {f"{n}/{path}": text for n, (_, _, files) in enumerate(drafts) for path, text in files.items()}
    made = formatted(together)
    steps = [
        (number, Step(DESIGNS[number].parent.name, document, {path: made[f"{n}/{path}"] for path in files}))
        for n, (number, document, files) in enumerate(drafts)
    ]
    return [[step for n, step in steps if n == number] for number in range(len(DESIGNS))]


def _project(document: Document) -> dict[str, str]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "openapi.json"
        file.write_text(json.dumps(document, default=str), encoding="utf-8")
        return project(settled(infer(import_openapi(file))), Facts()).files


def _changed(dice: random.Random, document: Document) -> Document:
    copy = deepcopy(document)
    dice.choice(CHANGES)(dice, copy)
    return copy


def _objects(document: Document) -> list[tuple[str, Document]]:
    """The schemas that have properties."""
    schemas: Document = document["components"]["schemas"]
    parts = [(name, part) for name, schema in schemas.items() for part in (schema, *schema.get("allOf", ()))]
    return [(name, part) for name, part in parts if part.get("properties")]


def _operations(document: Document) -> list[tuple[str, str, Document]]:
    verbs = ("get", "post", "put", "patch", "delete")
    return [(path, verb, item[verb]) for path, item in document["paths"].items() for verb in verbs if verb in item]


def _add_field(dice: random.Random, document: Document) -> None:
    kinds: list[Document] = [
        {"type": "string", "maxLength": dice.randint(10, 300)}, {"type": "integer", "minimum": dice.randint(0, 9)}, {"type": "boolean"},
        {"type": "string", "format": "date"}, {"type": "number"}, {"type": "string", "enum": ["red", "green", f"c{dice.randint(0, 99)}"]},
    ]  # fmt: skip
    name, kind = f"{dice.choice(['shelf', 'colour', 'weight', 'note', 'rank'])}_{dice.randint(0, 99)}", dice.choice(kinds)
    for _, schema in dice.sample(objects := _objects(document), k=min(2, len(objects))):
        schema["properties"][name] = kind


def _remove_field(dice: random.Random, document: Document) -> None:
    name = dice.choice([p for _, schema in _objects(document) for p in schema["properties"] if p not in ("id", "email", "password")])
    for _, schema in _objects(document):
        schema["properties"].pop(name, None)
        schema["required"] = [p for p in schema.get("required", ()) if p != name]


def _rename_field(dice: random.Random, document: Document) -> None:
    name = dice.choice([p for _, schema in _objects(document) for p in schema["properties"] if p not in ("id", "email", "password")])
    new = f"{name}_{dice.randint(2, 9)}"
    for _, schema in _objects(document):
        schema["properties"] = {new if p == name else p: kind for p, kind in schema["properties"].items()}
        schema["required"] = [new if p == name else p for p in schema.get("required", ())]


def _limit(dice: random.Random, document: Document) -> None:
    kinds = [kind for _, schema in _objects(document) for kind in schema["properties"].values()]
    kind = dice.choice([k for k in kinds if k.get("type") in ("string", "integer") and "enum" not in k])
    kind["maxLength" if kind["type"] == "string" else "maximum"] = dice.randint(50, 900)


def _describe(dice: random.Random, document: Document) -> None:
    path, verb, operation = dice.choice(_operations(document))
    operation[dice.choice(["summary", "description"])] = f"{verb.title()} {path.strip('/')}, as of day {dice.randint(1, 365)}."


def _describe_schema(dice: random.Random, document: Document) -> None:
    name, schema = dice.choice(_objects(document))
    schema["description"] = f"{name} in its {dice.randint(2, 99)}th edition."


def _filter(dice: random.Random, document: Document) -> None:
    lists = [o for path, verb, o in _operations(document) if verb == "get" and not path.endswith("}")]
    names = [p for _, schema in _objects(document) for p in schema["properties"]]
    operation = dice.choice(lists)
    name = dice.choice(names)
    if name not in [p.get("name") for p in operation.setdefault("parameters", [])]:
        operation["parameters"].append({"name": name, "in": "query", "schema": {"type": "string"}})


def _add_command(dice: random.Random, document: Document) -> None:
    path = dice.choice([p for p in document["paths"] if not p.endswith("}")])
    name = f"{dice.choice(['archive', 'publish', 'count', 'sort', 'merge'])}{dice.randint(0, 99)}"
    number, reason = ({"type": "object", "properties": {key: {"type": kind}}} for key, kind in (("n", "integer"), ("reason", "string")))
    answer = {"description": "Done.", "content": {"application/json": {"schema": number}}}
    body = {"content": {"application/json": {"schema": reason}}}
    document["paths"][f"{path}/{name}"] = {
        "post": {"operationId": name, "x-rule": f"Whoever may {name}.", "requestBody": body, "responses": {"200": answer}}
    }


def _remove_operation(dice: random.Random, document: Document) -> None:
    path, verb, _ = dice.choice(_operations(document))
    del document["paths"][path][verb]
    if not [v for v in document["paths"][path] if v != "parameters"]:
        del document["paths"][path]


def _status(dice: random.Random, document: Document) -> None:
    *_, operation = dice.choice(_operations(document))
    status = dice.choice([s for s in operation["responses"] if str(s).startswith("2")] or ["200"])
    if str(status) in ("200", "201") and status in operation["responses"]:
        operation["responses"]["202"] = operation["responses"].pop(status)


def _add_entity(dice: random.Random, document: Document) -> None:
    name = f"{dice.choice(['Tag', 'Shelf', 'Label', 'Event'])}{dice.choice('ABCDEFGH')}"
    shown = {"type": "object", "required": ["id", "title"], "properties": {"id": {"type": "integer"}, "title": {"type": "string"}}}
    document["components"]["schemas"] |= {name: shown, f"New{name}": {"type": "object", "properties": {"title": {"type": "string"}}}}
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    made = {"application/json": {"schema": {"$ref": f"#/components/schemas/New{name}"}}}
    path = f"/{name.lower()}s"
    document["paths"][path] = {
        "post": {"requestBody": {"required": True, "content": made}, "responses": {"201": {"description": "Made.", "content": content}}}
    }
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    document["paths"][f"{path}/{{id}}"] = {"parameters": [key], "get": {"responses": {"200": {"description": "It.", "content": content}}}}


def _remove_entity(dice: random.Random, document: Document) -> None:
    path = dice.choice(list(document["paths"]))
    start = "/" + path.strip("/").partition("/")[0]
    left = {p: item for p, item in document["paths"].items() if not (p + "/").startswith(start + "/")}
    if left:
        document["paths"] = left


CHANGES: list[Callable[[random.Random, Document], None]] = [
    _add_field, _add_field, _remove_field, _rename_field, _limit, _describe, _describe_schema, _filter, _add_command, _remove_operation,
    _status, _add_entity, _remove_entity,
]  # fmt: skip
