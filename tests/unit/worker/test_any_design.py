"""Whatever a document holds, reading it ends in a design or in named problems, and every design in a complete blueprint."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backwright.worker.describe import describe
from backwright.worker.importers.openapi import import_openapi
from backwright.worker.infer.blueprint import infer
from backwright.worker.place import BrokenDesign

CASES = Path(__file__).parents[2] / "cases"
SEEDS: list[Any] = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(CASES.glob("*/design.yaml"))]
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1e99,
    "",
    "x",
    [],
    {},
    [None],
    {"": None},
    {"$ref": "#"},
    {"$ref": 5},
    {"$ref": "#/components/schemas/Pet"},
    {"type": "array"},
    {"allOf": [{}]},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every node."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(p for key, item in inner for p in places(item, (*path, key)))]


def changed(document: Any, path: tuple[Any, ...], value: Any, drop: bool) -> Any:
    """A copy with one node replaced or left out."""
    copy = json.loads(json.dumps(document, default=str))
    if not path:
        return value
    node = copy
    for key in path[:-1]:
        node = node[str(key) if isinstance(node, dict) else key]
    last = str(path[-1]) if isinstance(node, dict) else path[-1]
    if drop:
        del node[last]
    else:
        node[last] = value
    return copy


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_change_of_a_design(data: st.DataObject) -> None:
    """One node of a good design replaced by nonsense: problems with places, or a blueprint with an entry for each element."""
    document = data.draw(st.sampled_from(SEEDS))
    path = data.draw(st.sampled_from(places(document)))
    text = json.dumps(changed(document, path, data.draw(st.sampled_from(ODD)), data.draw(st.booleans())), default=str)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "api.json"
        file.write_text(text, encoding="utf-8")
        try:
            design = import_openapi(file)
        except BrokenDesign as broken:
            assert any(problem.severity == "error" for problem in broken.problems)
            assert all(problem.line >= 1 and problem.what and problem.mend for problem in broken.problems)
            return
    blueprint = infer(design)
    assert [entry.element for entry in blueprint.account] == list(design.elements)
    assert describe(blueprint)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(raw: bytes) -> None:
    """Any bytes at all: problems, never a crash."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "api.yaml"
        file.write_bytes(raw)
        try:
            import_openapi(file)
        except BrokenDesign as broken:
            assert broken.problems
