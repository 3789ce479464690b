"""The copy that tools work on, and the promotion that proof allows."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from backwright.worker.mcp import promotion
from backwright.worker.mcp.copies import Copy, inside, manifest
from backwright.worker.mcp.refused import Refused
from backwright.worker.prove import harness
from backwright.worker.prove.ledger import Ledger
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from tests.support.proof import ORDERS, PASSES, shop

PRICING = '"""Prices."""\n\n\ndef discount() -> int:\n    return 1\n'


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks run in this process: how they run in one of their own is shown elsewhere, and takes time."""
    monkeypatch.setattr(harness, "measure", lambda standard, target, **more: standard.check(target))


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """The shop's copy, made."""
    made = Copy(shop(tmp_path).dir, tmp_path / "session", root=tmp_path / "copies")
    made.make()
    return made


def prove(copy: Copy, *standards: Standard) -> None:
    """Measure them on the copy, as the tool does."""
    before = manifest(copy.folder)
    claims = [harness.claim(standard, Target(copy.folder), Ledger(copy.folder)) for standard in standards]
    copy.note_proof(before, {claim.standard: claim.id for claim in claims})


def changed(copy: Copy) -> Copy:
    """A copy with one file of each kind of change."""
    (copy.folder / "pricing.py").write_text(PRICING)
    (copy.folder / "new").mkdir()
    (copy.folder / "new/added.py").write_text("x = 1\n")
    (copy.folder / "tests/unit/test_pricing.py").unlink()
    return copy


@pytest.mark.parametrize(
    "path", ["../x", "a/../../x", "/etc/passwd", "", "a\0b", ".git/config", ".backwright/proof/ledger.jsonl", "out/x", "ring", "x" * 5000]
)
def test_paths_that_are_refused(tmp_path: Path, path: str) -> None:
    """Outside, absolute, through a link that leads out, in a circle, git's, the record's, and what is no path."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "out").symlink_to(tmp_path)
    (root / "ring").symlink_to(root / "ring")
    with pytest.raises(Refused):
        inside(root, path)


def test_paths_inside(tmp_path: Path) -> None:
    """Those that are there, those that are not yet, and links that stay inside."""
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert inside(tmp_path, "a/new.py") == tmp_path.resolve() / "a/new.py"
    assert inside(tmp_path, "link/new.py") == tmp_path.resolve() / "a/new.py"


def test_a_copy_is_the_project(copy: Copy) -> None:
    """File by file, with its modes, but for links; and nothing differs."""
    assert manifest(copy.folder) == manifest(copy.project) == copy.base()
    assert copy.differences() == []


def test_links_are_not_copied(tmp_path: Path) -> None:
    """So nothing outside the project comes into the copy."""
    project = shop(tmp_path).dir
    (tmp_path / "secret.txt").write_text("secret")
    (project / "leak.txt").symlink_to(tmp_path / "secret.txt")
    (project / "folder").symlink_to(tmp_path)
    made = Copy(project, tmp_path / "session", root=tmp_path / "copies")
    made.make()
    assert not any("secret" in place.read_text() for place in made.folder.rglob("*") if place.is_file())


def test_a_copy_that_was_broken_off_is_made_again(copy: Copy) -> None:
    """Without its manifest it was not finished."""
    (copy.place / "base.json").unlink()
    (copy.folder / "half.py").write_text("")
    assert not copy.made
    copy.make()
    assert not (copy.folder / "half.py").exists()


def test_promotion(copy: Copy) -> None:
    """Every change of the copy is in the project, with its claims, which hold there."""
    prove(changed(copy), PASSES, ORDERS)
    done = promotion.promote(copy, (PASSES, ORDERS))
    assert (done.written, done.removed) == (("new/added.py", "pricing.py"), ("tests/unit/test_pricing.py",))
    assert manifest(copy.project) == manifest(copy.folder)
    assert {name: held.verdict for name, held in Ledger(copy.project).standing().items()} == {PASSES.id: "proved", ORDERS.id: "proved"}


def test_nothing_without_a_copy(tmp_path: Path) -> None:
    """There is nothing to promote."""
    with pytest.raises(Refused, match="there is no copy"):
        promotion.promote(Copy(tmp_path, tmp_path / "session", root=tmp_path / "copies"), (PASSES,))


def edit_a_file(copy: Copy) -> None:
    (copy.folder / "pricing.py").write_text(PRICING + "# after\n")


def add_a_file_that_no_standard_reads(copy: Copy) -> None:
    (copy.folder / "notes.txt").write_text("after\n")


def forge_the_ledger(copy: Copy) -> None:
    place = copy.folder / ".backwright/proof/ledger.jsonl"
    place.write_text(place.read_text().replace("it is fine", "it is very fine"))


def change_the_project(copy: Copy) -> None:
    (copy.project / "entities.py").write_text("# somebody else\n")


def add_to_the_project(copy: Copy) -> None:
    (copy.project / "theirs.py").write_text("x = 2\n")


def remove_from_the_project(copy: Copy) -> None:
    (copy.project / "pricing.py").unlink()


def claim_about_the_project(copy: Copy) -> None:
    harness.claim(PASSES, Target(copy.project), Ledger(copy.project))


def replace_by_a_link(copy: Copy) -> None:
    (copy.project / "new").symlink_to(copy.project.parent)


def replace_by_a_file(copy: Copy) -> None:
    (copy.project / "new").write_text("in the way")


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (edit_a_file, "the copy has changed since it was proved (pricing.py)"),
        (add_a_file_that_no_standard_reads, "the copy has changed since it was proved (notes.txt)"),
        (forge_the_ledger, "the ledger of the copy is not what the harness left"),
        (change_the_project, "the project has changed since the copy was made (entities.py)"),
        (add_to_the_project, "the project has changed since the copy was made (theirs.py)"),
        (remove_from_the_project, "the project has changed since the copy was made (pricing.py)"),
        (claim_about_the_project, "claims were entered about the project since"),
        (replace_by_a_link, "by a link"),
        (replace_by_a_file, "the project has changed since the copy was made (new)"),
    ],
)  # fmt: skip
def test_promotions_that_are_refused(copy: Copy, act: Callable[[Copy], None], words: str) -> None:
    """Each with what stands in its way, and with the project as it was."""
    prove(changed(copy), PASSES)
    act(copy)
    before = manifest(copy.project)
    with pytest.raises(Refused) as refused:
        promotion.promote(copy, (PASSES,))
    assert words in str(refused.value)
    assert manifest(copy.project) == before


def test_every_standard_that_is_asked_for(copy: Copy) -> None:
    """One that was not measured, one that failed, and none at all."""
    (copy.folder / "pricing.py").write_text(PRICING + "# broken\n")
    prove(copy, PASSES)
    with pytest.raises(Refused, match="it is broken"):
        promotion.promote(copy, (PASSES,))
    with pytest.raises(Refused, match="not measured on these files"):
        promotion.promote(copy, (ORDERS,))
    with pytest.raises(Refused, match="without proof is not possible"):
        promotion.promote(copy, ())


def test_a_promotion_that_was_broken_off_is_finished(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between two files it goes through when it is asked for again; meanwhile each file is the old one or the new one."""
    prove(changed(copy), PASSES)
    real = os.replace

    def once(source: str | Path, target: str | Path) -> None:
        real(source, target)
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", once)
    with pytest.raises(KeyboardInterrupt):
        promotion.promote(copy, (PASSES,))
    monkeypatch.undo()
    assert manifest(copy.project) not in (manifest(copy.folder), copy.base())
    promotion.promote(copy, (PASSES,))
    assert manifest(copy.project) == manifest(copy.folder)


def test_claims_of_the_project_are_carried_there_and_back(tmp_path: Path) -> None:
    """A copy begins with the project's ledger, and what is promoted continues it."""
    target = shop(tmp_path)
    first = harness.claim(PASSES, target, Ledger(target.dir))
    made = Copy(target.dir, tmp_path / "session", root=tmp_path / "copies")
    made.make()
    prove(changed(made), PASSES)
    promotion.promote(made, (PASSES,))
    assert [claim.id for claim in Ledger(target.dir).claims()] == [first.id, f"0002-{PASSES.id}"]


def test_one_at_a_time(copy: Copy) -> None:
    """While a call holds the copy every other is refused, with what to do."""
    with copy.held(), pytest.raises(Refused, match="another call is at work in this session"), copy.held():
        pass
    with copy.held():
        pass


def test_a_copy_thrown_away(copy: Copy) -> None:
    """The project is as it was, and there is nothing to be found of the copy."""
    before = manifest(copy.project)
    changed(copy).discard()
    assert manifest(copy.project) == before
    assert not copy.made
    assert not copy.folder.exists()


def test_a_proof_of_other_files_is_forgotten(copy: Copy) -> None:
    """Claims count together only as long as the files are the same."""
    prove(copy, PASSES)
    edit_a_file(copy)
    prove(copy, ORDERS)
    assert set(copy.proof()[1]) == {ORDERS.id}
    prove(copy, PASSES)
    assert set(copy.proof()[1]) == {ORDERS.id, PASSES.id}
    assert json.loads((copy.place / "proved.json").read_text())["files"] == manifest(copy.folder)
