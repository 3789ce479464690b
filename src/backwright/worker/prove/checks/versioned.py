"""api.versioned: clients can say which version of the API they mean, or the contract declares the one there is."""

import re

from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.rig import Rig, brief, on_each
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

_VERSION = re.compile(r"^(/[\w.-]+)*?/v(\d+)(/|$)")
_DECLARED = re.compile(r"\d+(\.\d+)*([-+][\w.]+)?")


def versioned(target: Target) -> Finding:
    """Look for the version in every path; where a contract keeps it out of them, in what it declares."""
    seen = Breaches()

    async def check(rig: Rig, dialect: str) -> None:
        in_paths = {found[2] for one in rig.served if (found := _VERSION.match(one.path))}
        rest = rig.app.rest
        by_contract = rest.resources is not None or rest.routes is not None
        for one in rig.served:
            fine = bool(_VERSION.match(one.path)) or not in_paths and by_contract and bool(_DECLARED.fullmatch(rest.version))
            seen.expect(fine, f"{one} carries no version, and the contract declares none")
        seen.expect(len(in_paths) <= 1 or by_contract, f"the paths carry several versions: {', '.join(sorted(in_paths))}")
        if in_paths:
            answer = await rig.ask(
                "GET", re.sub(r"/v\d+(?=/|$)", "/v987", next(one.path for one in rig.served if _VERSION.match(one.path)))
            )
            seen.expect(answer.status == 404, f"a version that is not there is answered {brief(answer)}")
        how = f"in the path: v{', v'.join(sorted(in_paths))}" if in_paths else f"declared by the contract: {rest.version}"
        seen.note(how)
        seen.figures["version"] = how

    on_each(target, check, rows=1, only="sqlite")
    how = seen.figures.get("version", "")
    return seen.finding("operations", f"every operation has a version, {how}", nothing="nothing is served")


_UNVERSIONED = """
# planted: the version is lost from the paths, and not declared either
import re as _re
from dataclasses import replace as _replace
from backwright.api.rest.door import RestDoor as _RestDoor
_make = _RestDoor.__init__
def _unversioned(self, *given, **words):
    _make(self, *given, **words)
    self.documented[:] = [_replace(d, path=_re.sub(r"/v\\d+(?=/|$)", "", d.path)) for d in self.documented]
_RestDoor.__init__ = _unversioned
object.__setattr__(APP.rest, "version", "")
"""

VERSIONED = Standard(
    id="api.versioned",
    sentence="Every operation carries the API's version in its path, or the contract declares it.",
    why="The day something must change, old clients have to be told apart from new ones.",
    check=versioned,
    plants=(Plant("unversioned", "api.versioned", "paths and contract say no version", behind_the_app(_UNVERSIONED)),),
)
