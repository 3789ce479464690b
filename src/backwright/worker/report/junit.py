"""The claims as JUnit XML, the form in which CI servers read test results: each standard a test case."""

import re
from xml.etree import ElementTree

from backwright.worker.prove.verdict import Verdict
from backwright.worker.report.proof import Line, Proof

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 does not allow."""


def junit(proof: Proof, name: str) -> str:
    """One suite. What failed is a failure, what could not be measured or is stale an error, what does not apply is skipped."""
    verdicts = [line.verdict for line in proof.lines]
    counts = {
        "tests": len(verdicts), "failures": verdicts.count(Verdict.FAILED), "skipped": verdicts.count(Verdict.NOT_APPLICABLE),
        "errors": verdicts.count(Verdict.NOT_MEASURED) + verdicts.count(Verdict.STALE),
    }  # fmt: skip
    said = {key: str(number) for key, number in counts.items()}
    suites = ElementTree.Element("testsuites", {"name": "backwright", **said})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": name, **said})
    for line in proof.lines:
        _case(suite, line)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, line: Line) -> None:
    group, _, short = line.standard.partition(".")
    case = ElementTree.SubElement(suite, "testcase", {"classname": f"backwright.{group}", "name": short or group})
    finding = _UNPRINTABLE.sub("�", line.finding)
    kinds = {
        Verdict.FAILED: "failure", Verdict.NOT_MEASURED: "error", Verdict.STALE: "error", Verdict.NOT_APPLICABLE: "skipped",
    }  # fmt: skip
    if (kind := kinds.get(line.verdict)) is not None:
        ElementTree.SubElement(case, kind, {"message": finding, **({} if kind == "skipped" else {"type": line.verdict.value})})
    ElementTree.SubElement(case, "system-out").text = f"{line.verdict}: {finding}\n{line.replay}"
