"""The twin: what a rule says in Python is what its SQL says, on both databases, for rules and rows that nobody chose."""

import importlib.util
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backwright.domain.capture import captured_values
from backwright.domain.judge import judge
from backwright.domain.lowering import Lowered, lower
from backwright.domain.predicate import captured_names
from backwright.domain.request import Request
from tests.support.twin_rules import NO_COLLECTION, constants, oracle, rule, source
from tests.support.twin_world import FIELDS, KEYS, MODEL, VALUES, Database, Lite, Member, Person, Post, Robot, Thing, World

REQUEST = Request(time=datetime(2026, 11, 21, 12, tzinfo=UTC), address="a", factor=None)
CALLERS: list[Any] = [
    None,
    Robot(_id=KEYS[0], email="a", level=2),
    Person(_id=KEYS[0], email="a", level=2, nick=None, is_staff=False, keen=None),
    Person(_id=KEYS[1], email="ä", level=0, nick="a", is_staff=True, keen=True),
]
_names = count()


@pytest.fixture(scope="module")
def databases(postgres_session_url: str) -> Iterator[list[Database]]:
    """SQLite and PostgreSQL with the tables of the world."""
    lite, post = Lite(), Post(postgres_session_url)
    yield [lite, post]
    lite.close()
    post.script('DROP TABLE "thing"; DROP TABLE "member"')
    post.close()


def _row(entity: Any, name: str, optional: frozenset[str]) -> st.SearchStrategy[Any]:
    values = {field: st.sampled_from(VALUES[family]) for field, family in FIELDS[name].items() if field != "id"}
    given = {field: (st.none() | some if field in optional else some) for field, some in values.items()}
    return st.builds(lambda **fields: entity(**fields), **given)


def _optional(entity: Any) -> frozenset[str]:
    return frozenset(f.name for f in MODEL[entity].fields if f.optional)


THINGS = st.lists(_row(Thing, "Thing", _optional(Thing)), min_size=12, max_size=25)
MEMBERS = st.lists(_row(Member, "Member", _optional(Member)), min_size=0, max_size=4)
CAPTURED = st.fixed_dictionaries(
    {f"c_{family}": st.none() | st.sampled_from(VALUES[family]) for family in VALUES if family not in ("cents", "bool")}
    | {
        "c_bool": st.booleans(),
        "c_thing": st.just(UUID(int=1)),
        "c_decimal": st.sampled_from([*VALUES["decimal"], Decimal("1.00005"), 7, None]),
    }
    | {f"many_{f}": st.lists(st.none() | st.sampled_from(VALUES[f]), max_size=3).map(tuple) for f in VALUES if f not in NO_COLLECTION}
    | {"box": st.none() | st.builds(SimpleNamespace, text=st.sampled_from(VALUES["text"]))}
)


def _load(folder: Path, text: str) -> Any:
    """The module of that source, from a real file."""
    file = folder / f"twin_{next(_names)}.py"
    file.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    vars(module).update(constants())
    return module


def _expected(lowered: Lowered, function: Any, thing: Thing, caller: Any) -> bool:
    given = {"row": thing, "caller": caller, "request": REQUEST}
    return lowered.admits(caller) and bool(function(*(given[kind] for kind in lowered.parameters)))


def _agree(who: str, said: list[Any], expected: list[Any], rules: list[str], things: list[Any], caller: Any) -> None:
    """Fail with the one rule and row that differ, which says more than a smaller example would."""
    for thing, row, wanted in zip(things, said, expected, strict=True):
        for text, one, other in zip(rules, row, wanted, strict=True):
            assert one is other, f"{who} says {one}, Python {other}, of\n{text}\n{thing}\n{caller}"


@settings(max_examples=14, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(rules=st.lists(rule(), min_size=20, max_size=30), things=THINGS, members=MEMBERS, captured=CAPTURED)
def test_a_rule_means_the_same_in_python_and_in_sql(
    databases: list[Database], tmp_path_factory: pytest.TempPathFactory, rules: list[str], things: list[Any], members: list[Any],
    captured: dict[str, Any],
) -> None:  # fmt: skip
    """For every caller and row, Python's verdict, the tree's, SQLite's and PostgreSQL's are one; no database says NULL."""
    for n, item in enumerate([*things, *members]):
        item._id = UUID(int=n + 1)
    world = World(things, members)
    text = source(rules, list(captured))
    functions = _load(tmp_path_factory.getbasetemp(), text).make(**captured)
    by_python = oracle(text, lambda entity, asked: any(asked(m) for m in members))["make"](**captured)
    every = [lower(f, rows=(Thing,), model=MODEL) for f in functions]
    for database in databases:
        database.fill(world)
    values = {k: v for f, low in zip(functions, every, strict=True) for k, v in captured_values(f, captured_names(low.predicate)).items()}
    for caller in CALLERS:
        expected = [[_expected(low, f, t, caller) for low, f in zip(every, by_python, strict=True)] for t in things]
        for database in databases:
            found = database.verdicts([low.predicate for low in every], caller, REQUEST, values)
            _agree(database.dialect, [found[str(t.id)] for t in things], expected, rules, things, caller)
        decide = [None if low.relational else judge(low.predicate) for low in every]
        said = [
            [e if d is None else d(t, caller, REQUEST, values) for d, e in zip(decide, row, strict=True)]
            for t, row in zip(things, expected, strict=True)
        ]
        _agree("the tree", said, expected, rules, things, caller)
