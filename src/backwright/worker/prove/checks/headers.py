"""access.headers: every answer, good or bad, carries the security headers, and other origins get exactly what the policy grants."""

from backwright.testing.answer import Answer
from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.able import able
from backwright.worker.prove.rig.patterns import Unmatchable
from backwright.worker.prove.rig.rig import Rig, on_each
from backwright.worker.prove.rig.seeds import NoRow
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

STRANGER = "https://stranger.example"


def headers(target: Target) -> Finding:
    """Look at the headers of a good and a bad answer of every operation, as a page of another origin would get them."""
    seen = Breaches()

    async def check(rig: Rig, dialect: str) -> None:
        await _answers(rig, seen)
        await _origins(rig, seen)

    on_each(target, check, rows=3, only="sqlite")
    return seen.finding(
        "headers", "every answer carries the security headers; other origins get what the policy grants", nothing="nothing is served"
    )


async def _answers(rig: Rig, seen: Breaches) -> None:
    for one in rig.served:
        found = able(rig, one)
        try:
            path, query, body = rig.inputs(one, rig.people[-1], 40)
        except (NoRow, Unmatchable):
            continue
        with rig.trying(one):
            _secure(seen, f"{one} refused", await rig.ask(one.method, path, json={"planted": 1}, headers={"origin": STRANGER}))
            if found is not None:
                path = path if found.row is None else rig.item_path(one, found.row)
                _secure(
                    seen, f"{one}", await rig.ask(one.method, path, who=found.who, json=body, query=query, headers={"origin": STRANGER})
                )
    _secure(seen, "a path that is not there", await rig.ask("GET", "/planted/nowhere"))


def _secure(seen: Breaches, what: str, answer: Answer) -> None:
    """The headers that keep a browser from guessing, framing, leaking addresses and loading."""
    told = answer.headers
    seen.expect(told.get("x-content-type-options") == "nosniff", f"{what} lacks X-Content-Type-Options: nosniff")
    policy = told.get("content-security-policy", "")
    framed = told.get("x-frame-options", "").upper() in ("DENY", "SAMEORIGIN") or "frame-ancestors" in policy
    seen.expect(framed, f"{what} may be framed by other sites")
    seen.expect("default-src" in policy, f"{what} has no Content-Security-Policy")
    seen.expect(bool(told.get("referrer-policy")), f"{what} has no Referrer-Policy")
    seen.expect("server" not in told and "x-powered-by" not in told, f"{what} names its software")
    seen.expect(bool(told.get("x-request-id")), f"{what} has no X-Request-Id")


async def _origins(rig: Rig, seen: Breaches) -> None:
    """CORS: a stranger is granted nothing, a named origin what was declared, and never credentials together with everybody."""
    cors = rig.app.rest.cors
    for one in rig.served[:20]:
        path = rig.path(one, "x")
        asked = {"access-control-request-method": one.method, "access-control-request-headers": "authorization"}
        for origin in (STRANGER, "null", *(() if cors is None else cors.origins)):
            if origin == "*":
                continue
            preflight = await rig.ask("OPTIONS", path, headers={"origin": origin, **asked})
            simple = await rig.ask("GET", path, headers={"origin": origin})
            for answer in (preflight, simple):
                _granted(seen, f"{one} for {origin}", answer, origin, cors)


def _granted(seen: Breaches, what: str, answer: Answer, origin: str, cors: object) -> None:
    allowed = answer.headers.get("access-control-allow-origin")
    origins = getattr(cors, "origins", ())
    pattern = getattr(cors, "pattern", None)
    if "*" in origins:
        seen.expect(allowed in ("*", None), f"{what}: allow-origin is {allowed}")
        seen.expect("access-control-allow-credentials" not in answer.headers, f"{what}: credentials for everybody")
    elif origin in origins:
        seen.expect(allowed in (origin, None), f"{what}: allow-origin is {allowed}")
    elif pattern is None:
        seen.expect(allowed is None, f"{what}: an origin that is not named is granted {allowed}")


_BARE = """
# planted: answers may be sniffed
from backwright.api.http.security import SecurityHeaders as _Headers
_compiled = _Headers.compiled
_Headers.compiled = lambda self: [h for h in _compiled(self) if h[0] != b"x-content-type-options"]
"""
_ECHO = """
# planted: whatever origin asks is allowed
_site = __import__("backwright.api.rest.site", fromlist=["RestSite"]).RestSite
_finish = _site.finish
def _echo(self, request, response):
    _finish(self, request, response)
    if origin := request.header(b"origin"):
        response.headers.append((b"access-control-allow-origin", origin.encode()))
_site.finish = _echo
"""

PLANTS = (
    Plant("headers-missing", "access.headers", "answers may be sniffed", behind_the_app(_BARE)),
    Plant("any-origin", "access.headers", "every origin is allowed", behind_the_app(_ECHO)),
)

HEADERS = Standard(
    id="access.headers",
    sentence="Every answer carries the security headers, and pages of other origins get exactly what the policy grants.",
    why="Browsers protect people only from what the server forbids.",
    check=headers,
    plants=PLANTS,
)
