"""The reports: their shape, their order, and that they say what the ledger says and nothing more."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from backwright.worker import journal
from backwright.worker.protocol import opening, state
from backwright.worker.protocol.completion import Incomplete
from backwright.worker.protocol.session import Session
from backwright.worker.prove import harness
from backwright.worker.prove.ledger import Ledger
from backwright.worker.prove.target import Target
from backwright.worker.report import notes, outputs, response
from backwright.worker.report.deliverable import deliverable
from backwright.worker.report.documentation import documents
from backwright.worker.report.notes import SECTIONS
from backwright.worker.report.proof import Proof
from tests.support.proof import BLIND, ORDERS, PASSES, shop
from tests.support.report import delivery
from tests.support.sessions import walked

IDS = ("x.passes", "x.orders")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A shop with two claims, measured once."""
    made = shop(tmp_path_factory.mktemp("measured"))
    harness.prove(made, [PASSES, ORDERS])
    return made


@pytest.fixture
def target(measured: Target, tmp_path: Path) -> Target:
    """A copy of that shop with its ledger."""
    shutil.copytree(measured.dir, tmp_path / "shop")
    return measured.at(tmp_path / "shop")


def opened(target: Target, **more: Any) -> Session:
    """A session for the shop, at its own root."""
    (target.dir / ".git").mkdir(exist_ok=True)
    return opening.start("Deliver the bookshop", target.dir, **more)


def write(target: Target, **more: Any) -> Session:
    """A session with both outputs written."""
    held = opened(target)
    outputs.write(held.log, delivery(held.id), Proof(target.dir), **more)
    return walked(held)


def test_a_delivery_writes_both_outputs_in_order(target: Target) -> None:
    """The notes first, the response second; then the session may be completed."""
    held = write(target)
    written = [e["details"]["file"] for e in journal.records(held.folder / "EVENTS.jsonl") if e["type"] == "output_written"]
    held.complete("delivered")

    assert written == ["backend_notes.md", "backend_response.json"]
    assert state.read(held.folder)["status"] == "completed"


def test_the_notes_have_exactly_their_sections(target: Target) -> None:
    """Whatever stands in the texts, the sections are those of the mission in their order."""
    text = (write(target).folder / "backend_notes.md").read_text()

    assert text.splitlines()[0] == SECTIONS[0]
    assert text.splitlines()[1].startswith("## Session: 2")
    assert "##### POST /v1/refunds (planned)" in text
    assert "orders belong to customers — customer_id is required" in text


def test_the_response_has_exactly_its_keys(target: Target) -> None:
    """The keys of the mission and evidence; every value is where it belongs."""
    body = json.loads((write(target).folder / "backend_response.json").read_text())

    assert list(body)[3:] == ["implementation", "files_modified", "tests_added", "dependencies_added", "evidence"]
    assert [api["status"] for api in body["implementation"]["apis"]] == ["implemented", "planned"]
    assert body["implementation"]["database"]["tables_modified"] == ["customers"]
    assert body["files_modified"] == ["app.py", "README.md"]


def test_the_evidence_is_the_ledgers(target: Target) -> None:
    """The ledger is named, its verdicts are counted, figures and links are carried."""
    held = write(target)
    evidence = json.loads((held.folder / "backend_response.json").read_text())["evidence"]
    claim = next(one for one in evidence["claims"] if one["standard"] == "x.passes")

    assert (held.folder / evidence["ledger"]).resolve() == Ledger(target.dir).file.resolve()
    assert evidence["verdicts"]["proved"] == 2
    assert evidence["metrics"]["x.passes"] == {"size": 1}
    assert (held.folder / claim["evidence"]).is_file()


def test_the_strict_form_has_no_more_keys(target: Target) -> None:
    """For coordinators that reject unknown keys, evidence is left out."""
    body = json.loads((write(target, strict=True).folder / "backend_response.json").read_text())

    assert "evidence" not in body
    assert response.misshapen(body, "exact") == []


def test_the_response_cannot_come_first(target: Target) -> None:
    """Without notes the response is refused and nothing is written."""
    held = opened(target)
    with pytest.raises(outputs.OutOfOrder, match=r"backend_notes\.md first"):
        held.log.save_json(response.response(delivery(held.id), Proof(target.dir), held.folder))

    assert not (held.folder / "backend_response.json").exists()


def test_notes_written_anew_call_for_a_new_response(target: Target) -> None:
    """A response that is older than the notes does not complete the session."""
    held = write(target)
    outputs.save_notes(held.log, notes.notes(delivery(held.id), Proof(target.dir)))

    assert held.checklist() == ["backend_response.json has not been written"]


@pytest.mark.parametrize("name", ["backend_notes.md", "backend_response.json"])
def test_an_output_edited_by_hand_does_not_complete(target: Target, name: str) -> None:
    """What was written must still stand there."""
    held = write(target)
    (held.folder / name).write_text((held.folder / name).read_text().replace("proved", "proved!"))

    with pytest.raises(Incomplete, match="is not what was written"):
        held.complete("done")


def test_evidence_that_is_outdated_does_not_complete(target: Target) -> None:
    """When the code changed after the report, the report must be written again."""
    held = write(target)
    (target.dir / "pricing.py").write_text("# other")

    assert held.checklist() == ["the evidence in backend_response.json is not what the ledger says now: write the outputs again"]


def test_a_coordinator_gets_copies(target: Target, tmp_path: Path) -> None:
    """In a folder that somebody else names, both outputs lie at the root and in the workers' folders."""
    held = opened(target, session_root=tmp_path / "hive/sessions/2026-11-21-10-00-build-the-whole-shop")
    outputs.write(held.log, delivery(held.id), Proof(target.dir))

    assert (held.folder / "workers/backend_notes.md").read_bytes() == (held.folder / "backend_notes.md").read_bytes()
    assert (held.folder / "workers/json/backend_response.json").read_bytes() == (held.folder / "backend_response.json").read_bytes()


def test_prose_cannot_tick_itself(target: Target) -> None:
    """What handed-in notes tick reads "not measured" unless the ledger says otherwise."""
    held = opened(target)
    told = {"## Session:": f" {held.id}", "## Generated:": " 2026-11-21T22:05:00Z"}
    text = "\n".join(s + told.get(s, "") for s in SECTIONS) + "\n- ✓ Rate limiting\n- [x] Everything is perfect\n- [ ] open\n"
    saved = held.log.save_analysis(text).read_text()

    assert saved.splitlines()[-3:] == ["- Rate limiting: not measured", "- Everything is perfect: not measured", "- [ ] open"]


def test_handed_in_evidence_is_replaced(target: Target) -> None:
    """Evidence in a handed-in response is thrown away; the ledger's own takes its place."""
    held = opened(target)
    body = response.response(delivery(held.id), Proof(target.dir), held.folder)
    held.log.save_analysis(notes.notes(delivery(held.id), Proof(target.dir)))
    saved = json.loads(held.log.save_json(body | {"evidence": {"verdicts": {"proved": 99}}}).read_text())

    assert saved["evidence"]["verdicts"]["proved"] == 2


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"extra": 1}, "'extra'"),
        ({"files_modified": "a.py"}, "/files_modified"),
        ({"session_id": "another"}, "another session"),
        ({"timestamp": "yesterday"}, "/timestamp"),
        ({"implementation": {}}, "apis"),
    ],
)
def test_a_misshapen_response_is_refused(target: Target, change: dict[str, Any], where: str) -> None:
    """Unknown keys, wrong types, other sessions and bad times are named with their place."""
    held = opened(target)
    held.log.save_analysis(notes.notes(delivery(held.id), Proof(target.dir)))
    with pytest.raises(outputs.Misshapen, match=where):
        held.log.save_json(response.response(delivery(held.id), Proof(target.dir), held.folder) | change)


def test_misshapen_notes_are_refused(target: Target) -> None:
    """Notes without the sections are not written."""
    held = opened(target)
    with pytest.raises(outputs.Misshapen, match="Executive Summary"):
        held.log.save_analysis("# All done\n")

    assert not (held.folder / "backend_notes.md").exists()


def test_other_workers_write_freely(tmp_path: Path) -> None:
    """The rules of shape are the backend worker's own; another worker's notes have its name."""
    held = opening.start("Draw the pages", tmp_path, worker="frontend-specialist")

    assert held.log.save_analysis("# Pages\n").name == "frontend_specialist_notes.md"
    held.complete("drawn")


def test_a_ledger_of_another_hand_proves_nothing(target: Target) -> None:
    """When verification exposes anything, every line reads not measured."""
    book = Ledger(target.dir)
    book.file.write_text(book.file.read_text().replace("it is fine", "it is superb"))
    proof = Proof(target.dir, standards=IDS)

    assert proof.counts()["not measured"] == 2
    assert not proof.good


def test_what_nobody_measured_is_not_good(target: Target) -> None:
    """A standard without a claim is not measured, and the whole is not proved."""
    assert Proof(target.dir, standards=IDS).good
    assert not Proof(target.dir, standards=(*IDS, BLIND.id)).good
    assert not Proof(target.dir / "nowhere", standards=()).good


def test_the_deliverable_ticks_nothing_without_evidence(target: Target) -> None:
    """Each line carries a verdict; lines without a claim read not measured, and no check mark is left."""
    text = deliverable(delivery("s"), Proof(target.dir), target.dir)

    assert text.startswith("## Implementation: Bookshop ## not a heading\n")
    assert "- SQL injection prevention: not measured" in text
    assert "(planned, not built)" in text
    assert "✓" not in text


def test_the_documentation_has_its_three_formats(target: Target) -> None:
    """Endpoints, tables and services each have their page with the words of the format."""
    pages = documents(delivery("s"), Proof(target.dir))

    assert pages["api.md"].startswith("ENDPOINT: POST /v1/orders\n")
    assert "RATE LIMIT: 1,000 an hour" in pages["api.md"]
    assert "- customer_id → customers(id)" in pages["database.md"]
    assert "TESTING: coverage not measured" in pages["services.md"]
