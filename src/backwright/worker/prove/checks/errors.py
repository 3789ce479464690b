"""api.errors: every path that fails answers in the one declared error shape, with the right code, and tells nothing of the inside."""

import re
from typing import Any

from backwright.testing.answer import Answer
from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.able import able
from backwright.worker.prove.rig.patterns import Unmatchable
from backwright.worker.prove.rig.people import NOBODY, Person
from backwright.worker.prove.rig.rig import ABSENT, Rig, brief, on_each
from backwright.worker.prove.rig.seeds import NoRow
from backwright.worker.prove.rig.served import Served
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

MARKER = "inside-7f3a"
_INSIDE = re.compile(rf"Traceback|File \"|{MARKER}|RuntimeError|sqlite3|asyncpg|SELECT |INSERT INTO|/src/|site-packages")
_PROBLEM = {"type", "title", "status", "detail", "instance"}


def errors(target: Target) -> Finding:
    """Make every operation fail in every way it can."""
    seen = Breaches()

    async def check(rig: Rig, dialect: str) -> None:
        await _Failures(rig, dialect, seen).all()

    where = on_each(target, check, rows=5)
    return seen.finding(
        "failures", "every failure has the declared shape and tells nothing of the inside", nothing="nothing is served", where=where
    )


class _Failures:
    """The failures of every operation on one database."""

    def __init__(self, rig: Rig, dialect: str, seen: Breaches) -> None:
        self.rig, self.dialect, self.seen = rig, dialect, seen

    async def all(self) -> None:
        """Operation by operation; then what has no operation."""
        for one in self.rig.served:
            before = self.seen.tried
            with self.rig.trying(one):
                await self.refused(one)
                await self.broken(one)
            self.seen.note(f"{one} on {self.dialect}: {self.seen.tried - before} failures")
        await self.nowhere()

    async def fail(self, what: str, *codes: int, method: str, path: str, who: Person = NOBODY, **given: Any) -> Answer:
        """Send one request that must fail with one of the codes, and look closely at the answer."""
        errors = self.rig.errors
        before = len(errors.written)
        answer = await self.rig.ask(method, path, who=who, **given)
        where = f"{method} {path} {what} on {self.dialect}"
        self.seen.expect(self.coded(answer, codes), f"{where} is answered {brief(answer)}")
        written = errors.written[before:]
        if method != "HEAD":
            same = len(written) == 1 and written[0].body == answer.body
            self.seen.expect(same, f"{where} is not answered in the declared shape: {brief(answer)}")
        self.shape(where, answer)
        return answer

    def coded(self, answer: Answer, codes: tuple[int, ...]) -> bool:
        """Whether the status is a failure, and of these; a contract may have codes of its own."""
        return (
            answer.status in {*codes, *map(self.rig.code, codes)}
            or self.rig.app.rest.errors is not None
            and 400 <= answer.status < 600
            and answer.status != 500
        )

    def shape(self, where: str, answer: Answer) -> None:
        """The shape itself: problem details are checked by RFC 9457, another shape is JSON or text without anything of the inside."""
        text = answer.body.decode("utf-8", "replace")
        found = _INSIDE.search(text)
        self.seen.expect(found is None, f"{where} tells of the inside: {found[0] if found else ''} in {brief(answer)}")
        if self.rig.app.rest.errors is None and answer.body:
            typed = answer.headers.get("content-type", "") == "application/problem+json"
            self.seen.expect(typed, f"{where} is answered as {answer.headers.get('content-type')}")
            if typed:
                body = answer.json()
                self.seen.expect(
                    body.keys() >= _PROBLEM and body["status"] == answer.status, f"{where} is no problem detail: {brief(answer)}"
                )

    # --- the ways to fail ---------------------------------------------------------------------------------------------

    async def refused(self, one: Served) -> None:
        """No credentials, bad ones, forbidden, not found, malformed, wrong type, too large, stale."""
        inputs = self.inputs(one, NOBODY)
        if inputs is None:
            return
        path, given = inputs
        if one.operation.rule.needs_caller:
            await self.fail("without credentials", 401, method=one.method, path=path, **given)
        if self.rig.running.signing is not None and one.verb != "account":
            scheme = self.rig.app.rest.authorization
            given_headers = {**given.pop("headers", {}), "authorization": f"{scheme} no.such.token"}
            await self.fail("with a bad token", 401, method=one.method, path=path, headers=given_headers, **given)
        found = able(self.rig, one)
        if found is None:
            return
        _, given = self.inputs(one, found.who) or (path, {})
        if one.verb in ("read", "update", "replace", "delete"):
            await self.fail(
                "of a row that is not there", 404, 400, method=one.method, path=self.rig.path(one, ABSENT), who=found.who, **given
            )
            path = self.rig.item_path(one, found.row)
        if one.whole_body is not None:
            words: dict[str, Any] = {"method": one.method, "path": path, "who": found.who}
            await self.fail("with broken JSON", 400, **words, body=b"{", content_type="application/json")
            await self.fail("with text", 415, **words, body=b"x", content_type="text/csv")
            size = self.rig.running.settings.body_size
            await self.fail("too large", 413, **words, body=b'"' + b"x" * size + b'"', content_type="application/json")
            await self.fail("unacceptable", 422, **words, json={"planted_key": 1}, headers={"if-match": "*"})
        if one.routes is not None and one.routes.entity.version is not None and one.verb in ("update", "replace", "delete"):
            given["headers"] = {"if-match": '"999999-0"'}
            await self.fail("of a stale version", 412, method=one.method, path=path, who=found.who, **given)
        if one.verb == "list":
            await self.fail("with an unknown parameter", 400, method="GET", path=one.path, who=found.who, query=[("planted", "1")])

    async def broken(self, one: Served) -> None:
        """A fault of ours inside: opaque, whatever it says."""
        found = able(self.rig, one)
        inputs = self.inputs(one, found.who) if found else None
        if found is None or inputs is None or one.verb == "account":
            return
        path, given = inputs
        path = path if found.row is None else self.rig.item_path(one, found.row)
        await self.rig.ask("GET", "/", who=found.who)
        before = self.rig.statements()
        await self.rig.ask(one.method, path, who=found.who, **given)
        if self.rig.statements() == before:
            return  # it needs nothing that could break
        self.rig.watched.broken = RuntimeError(f"{MARKER} at /src/app.py")
        try:
            await self.fail("broken inside", 500, 503, method=one.method, path=path, who=found.who, **given)
        finally:
            self.rig.watched.broken = None

    async def nowhere(self) -> None:
        """Paths and methods that are not served."""
        await self.fail("nowhere", 404, method="GET", path="/planted/nowhere")
        await self.fail("nowhere", 404, method="POST", path=f"{self.rig.app.rest.prefix}/planted-nowhere", json={})
        served = {(one.method, one.path) for one in self.rig.served}
        for path in sorted({path for _, path in served if "{" not in path}):
            method = next((m for m in ("DELETE", "PUT", "PATCH", "POST", "GET") if (m, path) not in served), None)
            if method is not None:
                answer = await self.fail("by the wrong method", 405, 404, method=method, path=path)
                self.seen.expect(answer.status != 405 or "allow" in answer.headers, f"{method} {path}: 405 without Allow")

    def inputs(self, one: Served, who: Person) -> tuple[str, dict[str, Any]] | None:
        """A valid request, or None if none can be made."""
        try:
            path, query, body = self.rig.inputs(one, who, 300)
        except (NoRow, Unmatchable):
            self.seen.count("operations_not_tried")
            return None
        return path, {"query": query, "json": body, "headers": {"if-match": "*"}}


_LEAK = """
# planted: an internal error shows where it came from
import traceback as _traceback
from backwright.domain.refusals import Refusal as _Refusal
_site = __import__("backwright.api.rest.site", fromlist=["RestSite"]).RestSite
_error = _site.error
def _leaking(self, request, problem):
    answer = _error(self, request, problem)
    if problem is None:
        answer.body = answer.body[:-1] + b', "trace": ' + __import__("json").dumps(_traceback.format_exc()).encode() + b"}"
    return answer
_site.error = _leaking
"""
_OTHER_SHAPE = """
# planted: a path that is not there is answered in another shape
from backwright.api.http.message import HttpResponse as _HttpResponse
_site = __import__("backwright.api.rest.site", fromlist=["RestSite"]).RestSite
_error = _site.error
def _plain(self, request, problem):
    if getattr(problem, "status", 500) == 404:
        return _HttpResponse(404, [(b"content-type", b"text/plain")], b"no such page")
    return _error(self, request, problem)
_site.error = _plain
"""

PLANTS = (
    Plant("traceback-outside", "api.errors", "an internal error answers its traceback", behind_the_app(_LEAK)),
    Plant("second-error-shape", "api.errors", "404 is answered as plain text", behind_the_app(_OTHER_SHAPE)),
)

ERRORS = Standard(
    id="api.errors",
    sentence="Every failing path answers in the one declared error shape and tells nothing of the inside.",
    why="Clients handle one shape; attackers read tracebacks.",
    check=errors,
    plants=PLANTS,
)
