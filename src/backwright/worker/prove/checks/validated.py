"""api.validated: every input refuses wrong types, bounds, forms, nulls, absent and unknown keys, and lists all problems at once."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from backwright.domain.model import Kind, Model
from backwright.operations.shapes import ObjectOf, field_shape
from backwright.operations.signatures import call_members
from backwright.testing.answer import Answer
from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.able import Able, able
from backwright.worker.prove.rig.lists import filterable
from backwright.worker.prove.rig.patterns import Unmatchable
from backwright.worker.prove.rig.rig import Rig, brief, on_each, told
from backwright.worker.prove.rig.seeds import NoRow
from backwright.worker.prove.rig.served import Served
from backwright.worker.prove.rig.wrong import Wrong, wrong
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

Send = Callable[[Any], Any]


def validated(target: Target) -> Finding:
    """Send what must be refused, and its acceptable twin, to every operation."""
    seen = Breaches()

    async def check(rig: Rig, dialect: str) -> None:
        await _Inputs(rig, seen).all()

    on_each(target, check, rows=6, only="sqlite")  # decoding does not depend on the database
    return seen.finding(
        "inputs", "every wrong input is refused at the right place, every right one is taken", nothing="no operation takes input"
    )


class _Inputs:
    """The inputs of every operation."""

    def __init__(self, rig: Rig, seen: Breaches) -> None:
        self.rig, self.seen = rig, seen
        self.model: Model = rig.declared

    async def all(self) -> None:
        """Bodies, then query strings and paths."""
        for one in self.rig.served:
            found = able(self.rig, one)
            if found is None:
                self.seen.note(f"{one}: nobody may, so nothing was sent")
                self.seen.count("operations_not_tried")
                continue
            before = self.seen.tried
            with self.rig.trying(one):
                try:
                    if one.whole_body is not None:
                        await self.body(one, found)
                    if one.verb == "list":
                        await self.query(one, found)
                    if one.in_path:
                        await self.path(one, found)
                except (NoRow, Unmatchable) as reason:
                    self.seen.note(f"{one}: no valid input can be made ({reason})")
                    self.seen.count("operations_not_tried")
            self.seen.note(f"{one} as {found.who}: {self.seen.tried - before} inputs")

    # --- bodies -------------------------------------------------------------------------------------------------------

    async def body(self, one: Served, found: Able) -> None:
        """Each member wrong in each way, then all of them at once; and what is wrong with a body as a whole."""
        with self.rig.seen_by(found.who):
            shape, good = self.declared(one), self.good(one)
        send = self.sender(one, found)
        await self.twin(one, send, good)
        at = "" if one.envelope is None else f"/{one.envelope}"
        for member in shape.members:
            for each in wrong(member.shape, good.get(member.wire)):
                answer = await send({**good, member.wire: each.value})
                self.refused(one, answer, f"{at}/{_step(member.wire)}{each.at}", each, member.wire)
            if member.required and not shape.partial:
                without = {wire: value for wire, value in good.items() if wire != member.wire}
                self.refused(one, await send(without), f"{at}/{_step(member.wire)}", Wrong("absent", None), member.wire)
        self.refused(one, await send({**good, "planted_key": 1}), f"{at}/planted_key", Wrong("unknown key", 1), "planted_key")
        await self.at_once(one, shape, good, send, at)
        await self.malformed(one, found, good)

    def declared(self, one: Served) -> ObjectOf:
        """The body's shape with every member as the classes and signatures say it, not as it was compiled."""
        assert one.body is not None
        said: dict[str, Any] = {}
        if one.entity is not None:
            said = {f.name: field_shape(f, self.model) for f in self.model[one.entity].fields}
        elif one.operation.function is not None:
            said = {m.name: m.shape for m in call_members(one.operation.function, self.model)}
        members = tuple(replace(m, shape=said[m.name]) if m.name in said and _plain(said[m.name]) else m for m in one.body.members)
        return replace(one.body, members=members)

    def good(self, one: Served) -> dict[str, Any]:
        """An acceptable body."""
        assert one.body is not None
        made = self.rig.body(one, 900)
        good: dict[str, Any] = made if one.envelope is None else made[one.envelope]
        for member in one.body.members:
            if member.name == "password":
                good[member.wire] = "correct horse battery staple"
        return good

    def sender(self, one: Served, found: Able) -> Send:
        """Sends the values of a body, in their envelope, where and as whom they would be taken."""
        path, query, _ = self.rig.inputs(one, found.who, 1)
        if found.row is not None:
            path = self.rig.item_path(one, found.row)

        async def send(values: Any) -> Answer:
            whole = values if one.envelope is None else {one.envelope: values}
            return await self.rig.ask(one.method, path, who=found.who, json=whole, query=query, headers={"if-match": "*"})

        return send

    async def twin(self, one: Served, send: Send, good: Any) -> None:
        """The acceptable twin is taken: what a function makes of it is its own affair."""
        answer: Answer = await send(good)
        derived = one.verb in ("create", "update", "replace")
        fine = answer.status in (one.status, 409) if derived else answer.status not in (400, 413, 415, 422) and answer.status < 500
        if answer.status == 422 and not derived:
            self.seen.count("functions_refusing")
            return
        self.seen.expect(fine or answer.status == 501, f"{one} refuses the acceptable {told(good)}: {brief(answer)}")

    def refused(self, one: Served, answer: Answer, pointer: str, each: Wrong, member: str) -> None:
        """One wrong value: 422 with a problem at this very place (a NUL makes the whole body unreadable: 400)."""
        what = f"{one} with {member} {each.what} ({told(each.value)[:60]})"
        if each.what.endswith("a NUL") and answer.status in (self.status(400), 400, 422):
            self.seen.expect(True, what)
            return
        if not self.seen.expect(answer.status == self.status(422), f"{what} is answered {brief(answer)}"):
            return
        places = self.places()
        near = any(
            place is not None
            and (
                place == pointer
                or place.startswith(pointer + "/")
                or pointer.startswith(place + "/")
                and place.count("/") >= pointer.count("/") - 1
                and place != ""
            )
            for place in places
        )
        self.seen.expect(near, f"{what} names {places}, not {pointer}")

    def status(self, usual: int) -> int:
        """The contract's code for this one."""
        return self.rig.code(usual)

    def places(self) -> list[str | None]:
        """The pointers of the problems that the last error listed."""
        written = self.rig.errors.written
        return [p.pointer for p in written[-1].problems] if written else []

    async def at_once(self, one: Served, shape: ObjectOf, good: dict[str, Any], send: Send, at: str) -> None:
        """Every member wrong at once: every one is named in one answer."""
        bad = dict(good)
        for member in shape.members:
            first = next((w for w in wrong(member.shape, good.get(member.wire)) if w.what != "a NUL" and not w.at), None)
            if first is not None:
                bad[member.wire] = first.value
        changed = [
            m.wire for m in shape.members if bad.get(m.wire) != good.get(m.wire) or type(bad.get(m.wire)) is not type(good.get(m.wire))
        ]
        await send({**bad, "planted_key": 1})
        places = self.places()
        lacking = [w for w in [*changed, "planted_key"][:50] if f"{at}/{_step(w)}" not in places]
        self.seen.expect(not lacking, f"{one} with everything wrong at once does not name {', '.join(lacking)}: it names {places}")

    async def malformed(self, one: Served, found: Able, good: Any) -> None:
        """No JSON, a key given twice, too deep, a lone surrogate, and the wrong content type."""
        path, query, _ = self.rig.inputs(one, found.who, 1)
        path = path if found.row is None else self.rig.item_path(one, found.row)
        whole = good if one.envelope is None else {one.envelope: good}
        text = json.dumps(whole)
        raw = {"broken JSON": text[:-1], "nothing": "", "an array": "[]", "too deep": "[" * 5000 + "]" * 5000, "no JSON": "name=x"}
        if good:
            first = next(iter(good))
            inner = json.dumps(good)
            twice = inner[:-1] + f", {json.dumps(first)}: {json.dumps(good[first])}}}"
            raw["a key twice"] = twice if one.envelope is None else f"{{{json.dumps(one.envelope)}: {twice}}}"
        allowed = (self.status(400), self.status(422))
        for what, body in raw.items():
            answer = await self.rig.ask(
                one.method, path, who=found.who, query=query, body=body.encode(), content_type="application/json", headers={"if-match": "*"}
            )
            self.seen.expect(answer.status in allowed, f"{one} with {what} is answered {brief(answer)}")
        answer = await self.rig.ask(
            one.method, path, who=found.who, query=query, body=text.encode(), content_type="text/csv", headers={"if-match": "*"}
        )
        self.seen.expect(answer.status == self.status(415), f"{one} with content type text/csv is answered {brief(answer)}")

    # --- parameters ---------------------------------------------------------------------------------------------------

    async def query(self, one: Served, found: Able) -> None:
        """Unknown parameters, unreadable filters, orders, pages and cursors."""
        assert one.routes is not None
        paging = one.routes.resource.paging
        wrong_ones: list[tuple[str, str]] = [
            ("planted_parameter", "1"),
            ("sort", "planted_field"),
            ("fields", "planted_field"),
            ("expand", "planted_field"),
        ]
        for name in (paging.limit, paging.page):
            wrong_ones += [(name, value) for value in ("0", "-1", "x", str(10**30))] if name else []
        wrong_ones += [(paging.limit, str(paging.most + 1))] if paging.limit else []
        wrong_ones += [(paging.offset, value) for value in ("-1", "x")] if paging.offset else []
        wrong_ones += [(paging.cursor, value) for value in ("x", "AAAA", "é")] if paging.cursor else []
        for name, item in filterable(one):
            kind = item.kind.value
            if kind not in ("text", "reference"):
                wrong_ones.append((name, "no such value"))
        for name, value in wrong_ones:
            answer = await self.rig.ask("GET", one.path, who=found.who, query=[(name, value)])
            self.seen.expect(answer.status == self.status(400), f"{one}?{name}={value[:20]} is answered {brief(answer)}")

    async def path(self, one: Served, found: Able) -> None:
        """A key that cannot be one is malformed, or names nothing."""
        last = one.in_path[-1].shape
        values = ["%00", "%FF", "..%2F..%2Fetc%2Fpasswd"]
        values += ["x"] if getattr(last, "kind", None) in (Kind.UUID, Kind.INT) else []
        allowed = {self.status(400), self.status(404), self.status(422), 501}  # a rule that is not written cannot say what its key names
        _, query, body = self.rig.inputs(one, found.who, 1)
        for value in values:
            answer = await self.rig.ask(one.method, self.rig.probed(one, value), who=found.who, query=query, json=body)
            self.seen.expect(answer.status in allowed, f"{one} with the key {value} is answered {brief(answer)}")


def _plain(shape: Any) -> bool:
    return not isinstance(shape, ObjectOf)


def _step(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


_WIDENED = """
# planted: what is served has forgotten every bound that is declared
from backwright.domain.fields import Limits as _Limits
for _model in APP.model.entities.values():
    for _field in _model.fields:
        if _field.limits != _Limits() and _field.writable:
            object.__setattr__(_field, "limits", _Limits())
"""
_FIRST_ONLY = """
# planted: only the first problem is told
from backwright.operations import explaining as _explaining, inputs as _inputs
_explainer = _inputs.explainer
def _first(shape):
    walk = _explainer(shape)
    def run(found, at, problems):
        walk(found, at, problems)
        del problems[1:]
    return run
_inputs.explainer = _first
"""
_UNKNOWN = """
# planted: unknown keys are let through
import msgspec as _msgspec
_defstruct = _msgspec.defstruct
_msgspec.defstruct = lambda *given, **words: _defstruct(*given, **{**words, "forbid_unknown_fields": False})
"""

PLANTS = (
    Plant("widened-field", "api.validated", "the served fields have lost their bounds", behind_the_app(_WIDENED)),
    Plant("first-problem-only", "api.validated", "only the first problem of a body is told", behind_the_app(_FIRST_ONLY)),
    Plant("unknown-keys-taken", "api.validated", "keys that nobody declared are let through", behind_the_app(_UNKNOWN)),
)

VALIDATED = Standard(
    id="api.validated",
    sentence="Every input refuses wrong types, bounds, forms, nulls, absent and unknown keys, with every problem at its place.",
    why="What gets past the door is stored, and then it is everybody's problem.",
    check=validated,
    plants=PLANTS,
)
