"""Lies that are written into the ledger, its head or its evidence, with the seals as they were or made to fit."""

import json
import shutil
from datetime import timedelta
from typing import Any

import msgspec

from backwright.worker import journal
from backwright.worker.lies.world import BROKEN, Lie, World, today
from backwright.worker.prove import seal
from backwright.worker.prove.ledger import KEY_NAME, Head
from backwright.worker.prove.standard import CODE

Records = list[dict[str, Any]]
LOGGED = "code.logged"


def _failing(world: World) -> None:
    """The project is broken, and measured so: what a liar would like to hide."""
    world.append("pricing.py", BROKEN)
    world.prove(LOGGED)


def _verdict(world: World) -> None:
    _failing(world)
    world.edit(LOGGED, verdict="proved", finding="nothing is printed")


def _twice_said(world: World) -> None:
    _failing(world)
    lines = world.ledger.lines()
    lines[-1] = lines[-1].replace(b'"verdict":"failed"', b'"verdict":"proved","verdict":"failed"')
    world.ledger.file.write_bytes(b"\n".join([*lines, b""]))


def _new_digest(world: World) -> None:
    world.append("pricing.py", BROKEN)
    world.edit(LOGGED, inputs=world.now(list(CODE)))


def _key_added(world: World) -> None:
    world.edit(LOGGED, approved_by="somebody")


def _removed(world: World) -> None:
    _failing(world)
    world.put([one for one in world.records() if one["verdict"] != "failed"])


def _moved(world: World) -> None:
    first, second, *others = world.records()
    world.put([second, first, *others])


def _repeated(world: World) -> None:
    records = world.records()
    world.put([*records, records[-1]])


def _cut(world: World) -> None:
    _failing(world)
    world.put(world.records()[:-1])


def _cut_with_head(world: World) -> None:
    _cut(world)
    last = world.records()[-1]
    world.ledger.head.write_bytes(msgspec.json.encode(Head(last["number"], last["seal"])))


def _by_hand(world: World) -> None:
    records = world.records()
    world.put([*records, records[-1] | {"number": len(records) + 1, "id": f"{len(records) + 1:04d}-{LOGGED}", "standard": LOGGED}])


def _borrowed_seal(world: World) -> None:
    records = world.records()
    world.edit(LOGGED, seal=records[0]["seal"])


def _evidence_edited(world: World) -> None:
    place = world.ledger.folder / world.ledger.find(LOGGED).evidence
    place.write_text(place.read_text() + "all is well\n")


def _evidence_gone(world: World) -> None:
    (world.ledger.folder / world.ledger.find(LOGGED).evidence).unlink()


def _evidence_swapped(world: World) -> None:
    other = world.ledger.find("code.layered")
    world.edit(LOGGED, evidence=other.evidence, evidence_digest=other.evidence_digest)


def _evidence_of_another(world: World) -> None:
    def change(records: Records) -> Records:
        return records

    world.forge(change)
    records = world.records()
    place = world.ledger.folder / records[-1]["evidence"]
    place.write_text("claim: 0001-code.layered\nrun on: elsewhere\n\nseen there\n")
    records[-1] |= {"evidence_digest": seal.of_file(place)}
    records[-1]["seal"] = seal.of_record(records[-1])
    world.put(records)
    world.ledger.head.write_bytes(msgspec.json.encode(Head(len(records), records[-1]["seal"])))


def _head_edited(world: World) -> None:
    world.ledger.head.write_bytes(msgspec.json.encode(Head(3, world.records()[2]["seal"])))


def _head_removed(world: World) -> None:
    world.ledger.head.unlink()


def _emptied(world: World) -> None:
    world.put([])
    world.ledger.head.unlink()


def _no_json(world: World) -> None:
    lines = world.ledger.lines()
    world.ledger.file.write_bytes(b"\n".join([*lines[:-1], b"proved, honestly", b""]))


def _unsigned(world: World) -> None:
    world.environment[KEY_NAME] = "only CI knows"


def _signed_wrongly(world: World) -> None:
    records = world.records()
    for one in records:
        one["signature"] = seal.sign(one["seal"], "a guess")
    world.put(records)
    world.environment[KEY_NAME] = "only CI knows"


# --- everything made to fit ------------------------------------------------------------------------------------------------


def _flipped(world: World) -> None:
    _failing(world)
    world.forged(LOGGED, verdict="proved", finding="4 modules print nothing, swallow nothing and log nothing private")


def _all_forged(world: World) -> None:
    world.append("pricing.py", BROKEN)
    _renewed(world)


def _renewed(world: World) -> None:
    """Every claim now lists the files as they are."""
    world.forge(lambda records: [one | {"inputs": world.now(one["patterns"])} for one in records])


def _not_applicable(world: World) -> None:
    _failing(world)
    world.forged(LOGGED, verdict="not applicable", finding="there is no Python here", figures={})


def _more_tests(world: World) -> None:
    figures = world.ledger.find("run.coverage").figures
    world.forged("run.coverage", figures=figures | {"tests": 200, "passed": 200})


def _full_coverage(world: World) -> None:
    world.append("pricing.py", "\n\ndef long(a: int) -> int:\n" + "    a += 1\n" * 200 + "    return a\n")
    _renewed(world)


def _sentence(world: World) -> None:
    world.forged("code.secrets", finding="no secret in 9,000 files; audited by experts")


def _a_larger_number(world: World) -> None:
    found = world.ledger.find("run.coverage").finding
    world.forged("run.coverage", finding=found.replace("2 tests", "2000 tests"))


def _narrowed(world: World) -> None:
    claim = world.ledger.find(LOGGED)
    world.append("pricing.py", BROKEN)
    _renewed(world)
    kept = {name: digest for name, digest in claim.inputs.items() if name != "pricing.py"}
    world.forged(LOGGED, inputs=kept, patterns=["app.py"])


def _not_listed(world: World) -> None:
    claim = world.ledger.find(LOGGED)
    world.append("pricing.py", BROKEN)
    _renewed(world)
    world.forged(LOGGED, inputs={name: digest for name, digest in claim.inputs.items() if name != "pricing.py"})


def _exactly_nothing(world: World) -> None:
    world.append("pricing.py", BROKEN)
    _renewed(world)
    world.forged(LOGGED, inputs={}, patterns=[])


def _old_claim(world: World) -> None:
    _failing(world)
    world.forge(lambda records: [*records, next(one for one in records if one["standard"] == LOGGED) | {"inputs": world.now(list(CODE))}])


def _relabelled(world: World) -> None:
    world.append("pricing.py", BROKEN)
    _renewed(world)
    layered = next(one for one in world.records() if one["standard"] == "code.layered")
    world.forge(lambda records: [*records, layered | {"standard": LOGGED, "inputs": world.now(layered["patterns"])}])


def _left_out(world: World) -> None:
    _failing(world)
    world.forge(lambda records: [one for one in records if one["standard"] != LOGGED])


def _another_projects(world: World) -> None:
    other = world.dir.parent / "other"
    shutil.copytree(world.dir, other)
    world.append("pricing.py", BROKEN)
    shutil.rmtree(world.dir / ".backwright")
    shutil.copytree(other / ".backwright", world.dir / ".backwright")


def _tools(world: World) -> None:
    world.forged("run.coverage", tools=world.ledger.find("run.coverage").tools | {"pytest": "99.0"})


def _another_kit(world: World) -> None:
    world.forged(LOGGED, kit="0.1.0 sha256:" + "0" * 64)


def _future(world: World) -> None:
    world.forged(LOGGED, finished=(today() + timedelta(days=2)).isoformat())


def _backwards(world: World) -> None:
    claim = world.ledger.find(LOGGED)
    world.forged(LOGGED, started=claim.finished, finished=(today() - timedelta(days=300)).isoformat())


def _no_time(world: World) -> None:
    world.forged(LOGGED, started="recently")


def _half_a_day_later(world: World) -> None:
    records = world.records()
    earlier = (today() - timedelta(days=1)).isoformat()
    world.forge(lambda _: [*records[:-1], records[-1] | {"started": earlier, "finished": earlier}])


def _decoy(world: World) -> None:
    world.write("decoy.py", (world.dir / "app.py").read_text())
    world.write("access.py", (world.dir / "access.py").read_text().replace("read=own", "read=lambda note, who: True"))
    world.forge(lambda records: [one | {"app": "decoy:app", "inputs": world.now(one["patterns"])} for one in records])


def _torn(world: World) -> None:
    _failing(world)
    world.ledger.file.write_bytes(world.ledger.file.read_bytes()[:-40])
    records = [json.loads(line) for line in journal.read(world.ledger.file)]
    last = records[-1]
    world.ledger.head.write_bytes(msgspec.json.encode(Head(last["number"], last["seal"])))


LIES = (
    Lie("verdict-edited", "a failed verdict is changed to proved", _verdict),
    Lie("figure-edited", "a figure is changed", lambda w: w.edit("run.coverage", figures={"tests": 9, "percent": 100.0})),
    Lie("finding-edited", "a finding is worded anew", lambda w: w.edit(LOGGED, finding="all is well")),
    Lie("manifest-edited", "the file's new digest is put into the manifest", _new_digest),
    Lie("time-edited", "a time is changed", lambda w: w.edit(LOGGED, finished=today().isoformat())),
    Lie("replay-line-edited", "the replay line runs something else", lambda w: w.edit(LOGGED, replay="true")),
    Lie("verdict-said-twice", "a line says two verdicts: readers of the text see the first", _twice_said),
    Lie("key-added", "a key is added", _key_added),
    Lie("entry-removed", "the failed entry is taken out", _removed),
    Lie("entries-moved", "entries change places", _moved),
    Lie("entry-repeated", "an entry is written twice", _repeated),
    Lie("end-cut-off", "the failed entry is cut off the end", _cut),
    Lie("end-cut-off-with-head", "the failed entry is cut off, and the head set back", _cut_with_head),
    Lie("torn-with-head", "the failed entry is torn as by a kill, and the head set back", _torn),
    Lie("written-by-hand", "an entry is written by hand behind the last", _by_hand),
    Lie("borrowed-seal", "an entry carries another one's seal", _borrowed_seal),
    Lie("evidence-edited", "evidence is edited", _evidence_edited),
    Lie("evidence-gone", "evidence is removed", _evidence_gone),
    Lie("evidence-swapped", "an entry points to another one's evidence", _evidence_swapped),
    Lie("evidence-of-another-project", "evidence of another project is put in, and sealed", _evidence_of_another),
    Lie("head-edited", "the head is set back", _head_edited),
    Lie("head-removed", "the head is removed", _head_removed),
    Lie("ledger-emptied", "the ledger is emptied", _emptied),
    Lie("prose", "an entry is a sentence", _no_json),
    Lie("unsigned", "nothing is signed where a key is asked for", _unsigned),
    Lie("signed-with-another-key", "everything is signed with a guessed key", _signed_wrongly),
    Lie("verdict-flipped", "the verdict is flipped, the figures kept, everything sealed anew", _flipped, LOGGED),
    Lie("ledger-forged", "old claims list the broken files, everything sealed anew", _all_forged, LOGGED),
    Lie("called-not-applicable", "a failure is said not to apply", _not_applicable, LOGGED),
    Lie("more-tests", "a figure is raised and sealed", _more_tests, "run.coverage"),
    Lie("coverage-kept", "the coverage from before 200 untested lines", _full_coverage, "run.coverage"),
    Lie("finding-embellished", "a finding is worded better and sealed", _sentence, "code.secrets"),
    Lie("finding-multiplied", "a number in a finding is multiplied and sealed", _a_larger_number, "run.coverage"),
    Lie("manifest-narrowed", "the claim says that it depends on less", _narrowed, LOGGED),
    Lie("file-not-listed", "the manifest leaves the broken file out", _not_listed, LOGGED),
    Lie("depends-on-nothing", "the claim says that it depends on nothing", _exactly_nothing, LOGGED),
    Lie("old-claim-again", "an old claim is entered again as the newest", _old_claim, LOGGED),
    Lie("claim-relabelled", "one standard's claim is entered as another's", _relabelled, LOGGED),
    Lie("standards-shortened", "the failed standard is left out", _left_out),
    Lie("ledger-of-another-project", "the ledger of a project that passes is copied", _another_projects),
    Lie("tools-forged", "another version of a tool is named", _tools),
    Lie("kit-swapped", "another kit is named", _another_kit),
    Lie("from-the-future", "a claim ends the day after tomorrow", _future),
    Lie("ended-before-it-began", "a claim ends before it began", _backwards),
    Lie("no-time", "a claim's time is a word", _no_time),
    Lie("older-than-the-one-before", "a claim is older than the one before it", _half_a_day_later),
    Lie("wrong-target", "the claims are about a decoy of the app", _decoy),
)  # fmt: skip
