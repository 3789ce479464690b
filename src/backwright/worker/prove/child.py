"""The process in which one check runs: reads which and on what, leaves the finding in a file. Started by the harness only."""

import importlib
import json
import os
import sys
import traceback
from dataclasses import replace
from pathlib import Path

import msgspec

from backwright.worker.prove.checks import breaches
from backwright.worker.prove.guard import Guard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, Verdict, failed, not_measured


class Answer(msgspec.Struct, frozen=True):
    """The finding, and the word by which the harness knows that it is the check's own."""

    word: str
    finding: Finding


def run(check: str, target: Target, *, guarded: bool = False) -> Finding:
    """Call the check ``module:function``. An exception, or an answer that is no finding, is "not measured" with the reason.

    ``guarded``: so is a measurement during which the project replaced code of the kit.
    """
    module, _, name = check.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
        guard = Guard() if guarded else None
        found = function(target)
    except breaches.Enough as breach:
        return failed(str(breach), str(breach))
    except Exception as error:
        return not_measured(f"the check broke: {type(error).__name__}: {_line(str(error))}", traceback.format_exc())
    except SystemExit as error:
        return not_measured(f"the check broke: the project ended the process ({error.code})", traceback.format_exc())
    if guard is not None and (changed := guard.changed()):
        return not_measured(f"the project replaced code of the kit while it was measured: {changed[0]}", "\n".join(changed))
    return _checked(found)


def _checked(found: object) -> Finding:
    if not isinstance(found, Finding):
        return not_measured(f"the check broke: it returned {type(found).__name__}, not a finding")
    if found.verdict is Verdict.STALE:
        return not_measured("the check broke: only the ledger knows what is stale", found.raw)
    return found


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def watched(folder: Path) -> set[str]:
    """The files below the folder that this process opens from now on, relative to it; filled as it goes."""
    root, found = os.path.realpath(folder) + os.sep, set[str]()

    def heard(event: str, given: tuple[object, ...]) -> None:
        if event == "open" and isinstance(given[0], str):
            place = os.path.abspath(given[0])
            if place.startswith(root):
                found.add(place.removeprefix(root).replace(os.sep, "/"))

    sys.addaudithook(heard)
    return found


def main() -> None:
    """Read the job from the file named first, write the finding to the file named second. The job is gone before the project is loaded."""
    place, into = Path(sys.argv[1]), sys.argv[2]
    job = json.loads(place.read_text())
    place.unlink()
    sys.path[:] = [*job["path"], *(p for p in sys.path if p not in job["path"])]
    breaches.FIRST_IS_ENOUGH = job["planted"]
    target = Target.from_json(job["target"])
    read = watched(target.dir)
    finding = run(job["check"], target, guarded=not job["planted"])
    finding = replace(finding, read=tuple(sorted(read)))
    beside = Path(into + ".part")
    beside.write_bytes(msgspec.json.encode(Answer(job["word"], finding)))
    beside.rename(into)


if __name__ == "__main__":
    main()
