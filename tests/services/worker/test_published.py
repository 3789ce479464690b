"""The reports for people and for CI: page, SARIF, JUnit, and the documentation of any project."""

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from backwright.cli.main import app
from backwright.worker.prove import challenge, harness
from backwright.worker.prove.standards import STANDARDS
from backwright.worker.prove.target import Target
from backwright.worker.report.junit import junit
from backwright.worker.report.page import page
from backwright.worker.report.proof import Proof
from backwright.worker.report.sarif import sarif
from tests.support.proof import BLIND, ORDERS, PASSES, shop
from tests.support.report import delivery

CONDUIT = Path(__file__).parents[3] / "examples" / "conduit"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A shop with one claim that holds and one that missed its planted fault."""
    made = shop(tmp_path_factory.mktemp("measured"))
    challenge.prove(made, [PASSES])
    challenge.prove(made, [BLIND])
    return made


def proof_of(target: Target) -> Proof:
    """What the ledger says of the two, and of a third that nobody measured."""
    return Proof(target.dir, standards=[PASSES.id, BLIND.id, ORDERS.id])


def test_the_page_needs_nothing_and_runs_nothing(measured: Target, tmp_path: Path) -> None:
    """No script, no style sheet, font or picture from elsewhere; hostile text in a report stays text."""
    told = delivery("s<script>alert(1)</script>")
    text = page(told, proof_of(measured), tmp_path)
    assert "<script" not in text and "src=" not in text and "<link" not in text and "url(" not in text
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
    assert "s&lt;script&gt;" in text


def test_the_page_says_what_the_ledger_says(measured: Target, tmp_path: Path) -> None:
    """Every standard with its verdict, its evidence and the faults its check caught; what was not measured says so."""
    text = page(delivery("s"), proof_of(measured), tmp_path)
    rows = {row.partition("</code>")[0]: row for row in text.split("<tr><td><code>")[1:]}
    assert ">proved<" in rows[PASSES.id] and "<pre>" in rows[PASSES.id]
    assert ">not measured<" in rows[BLIND.id] and "0 of " in rows[BLIND.id]
    assert "there is no claim" in rows[ORDERS.id]
    assert 'class="banner bad"' in text and "1 of 3 standards hold" in text


def test_the_page_shows_latency_only_where_it_was_measured(measured: Target, tmp_path: Path) -> None:
    """Without a claim there is no chart and no percentage."""
    text = page(delivery("s"), proof_of(measured), tmp_path)
    assert text.count("<p>not measured</p>") == 2 and 'class="chart"' not in text


def test_sarif_tells_what_holds_and_what_does_not(measured: Target) -> None:
    """Every standard is a rule and a result; only a failure has the level error (SARIF 2.1.0, 3.27.9 and 3.27.10)."""
    run = sarif(proof_of(measured), [PASSES, BLIND, ORDERS])["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [PASSES.id, BLIND.id, ORDERS.id]
    assert [(one["kind"], one["level"]) for one in run["results"]] == [("pass", "none"), ("open", "none"), ("open", "none")]


def test_sarif_points_to_the_line(measured: Target, tmp_path: Path) -> None:
    """A finding that names a file of the project and a line is shown beside it."""
    shutil.copytree(measured.dir, tmp_path / "shop")
    (tmp_path / "shop" / "notes.py").write_text('KEY = "AKIA' + "ABCDEFGHIJKLMNOP" + '"\n', encoding="utf-8")
    secrets = [standard for standard in STANDARDS if standard.id == "code.secrets"]
    harness.prove(measured.at(tmp_path / "shop"), secrets)
    result = sarif(Proof(tmp_path / "shop", standards=["code.secrets"]), secrets)["runs"][0]["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert result["level"] == "error" and place["artifactLocation"]["uri"] == "notes.py" and place["region"]["startLine"] == 1


def test_junit_counts_as_ci_servers_do(measured: Target) -> None:
    """A claim that holds passes, what is not measured is an error; the numbers of the suite are those of its cases."""
    suite = ElementTree.fromstring(junit(proof_of(measured), "shop"))[0]
    assert (suite.get("tests"), suite.get("errors"), suite.get("failures"), suite.get("skipped")) == ("3", "2", "0", "0")
    assert [[child.tag for child in case] for case in suite] == [["system-out"], ["error", "system-out"], ["error", "system-out"]]


def test_a_project_is_documented_from_itself(tmp_path: Path) -> None:
    """``backwright docs`` on a project that nobody delivered: endpoints, tables and services in their formats."""
    ran = CliRunner().invoke(app, ["docs", str(CONDUIT), "--into", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    api, database, services = ((tmp_path / f"{name}.md").read_text(encoding="utf-8") for name in ("api", "database", "services"))
    assert "ENDPOINT: GET /api/articles/feed\n" in api and "RATE LIMIT: " in api
    assert "TABLE: article\n" in database and "RELATIONSHIPS:\n- " in database
    assert "SERVICE: " in services and " → " in services


def test_a_project_that_does_not_load_is_refused(tmp_path: Path) -> None:
    """No traceback of ours: its own output, and status 2."""
    (tmp_path / "app.py").write_text("raise SystemExit('no app today')\n", encoding="utf-8")
    ran = CliRunner().invoke(app, ["docs", str(tmp_path)])
    assert ran.exit_code == 2 and "cannot be loaded" in ran.output and "no app today" in ran.output


def test_the_report_of_an_unmeasured_project_is_not_good(tmp_path: Path) -> None:
    """``backwright report`` writes its three files and ends with 1 where nothing was measured."""
    copied = shutil.copytree(CONDUIT, tmp_path / "conduit", ignore=shutil.ignore_patterns("__pycache__", "data", ".backwright"))
    ran = CliRunner().invoke(app, ["report", str(copied), "--into", str(tmp_path / "out")])
    assert ran.exit_code == 1 and sorted(p.name for p in (tmp_path / "out").iterdir()) == ["junit.xml", "report.html", "report.sarif"]
    assert json.loads((tmp_path / "out" / "report.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
