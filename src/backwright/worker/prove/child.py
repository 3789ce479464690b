"""The process in which one check runs: reads which and on what, leaves the finding in a file. Started by the harness only."""

import importlib
import json
import sys
import traceback
from pathlib import Path

import msgspec

from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, Verdict, not_measured


def run(check: str, target: Target) -> Finding:
    """Call the check ``module:function``. An exception, or an answer that is no finding, is "not measured" with the reason."""
    module, _, name = check.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)(target)
    except Exception as error:
        return not_measured(f"the check broke: {type(error).__name__}: {_line(str(error))}", traceback.format_exc())
    if not isinstance(found, Finding):
        return not_measured(f"the check broke: it returned {type(found).__name__}, not a finding")
    if found.verdict is Verdict.STALE:
        return not_measured("the check broke: only the ledger knows what is stale", found.raw)
    return found


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def main() -> None:
    """Read the job from the file named first, write the finding to the file named second."""
    job = json.loads(Path(sys.argv[1]).read_text())
    sys.path[:] = [*job["path"], *(p for p in sys.path if p not in job["path"])]
    finding = run(job["check"], Target.from_json(job["target"]))
    beside = Path(sys.argv[2] + ".part")
    beside.write_bytes(msgspec.json.encode(finding))
    beside.rename(sys.argv[2])


if __name__ == "__main__":
    main()
