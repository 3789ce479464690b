"""Lies in what is handed in: notes and a response that say more than the ledger."""

import json
from collections.abc import Callable
from typing import Any

from backwright.worker.lies.world import Lie, World

NOTES, RESPONSE = ".backwright/notes.md", ".backwright/response.json"


def _noted(old: str, new: str, *, broken: bool = False) -> Callable[[World], None]:
    def tell(world: World) -> None:
        if broken:
            world.write("secret.py", "x = 1\n")
        world.rewrite(NOTES, old, new)
        world.reports.append(NOTES)

    return tell


def _answered(change: Callable[[dict[str, Any]], None]) -> Callable[[World], None]:
    def tell(world: World) -> None:
        place = world.dir / RESPONSE
        body = json.loads(place.read_bytes())
        change(body)
        place.write_text(json.dumps(body, indent=2))
        world.reports.append(RESPONSE)

    return tell


def _shortened(body: dict[str, Any]) -> None:
    body["evidence"]["claims"].pop()


def _counted(body: dict[str, Any]) -> None:
    body["evidence"]["verdicts"]["proved"] = 99


def _measured(body: dict[str, Any]) -> None:
    body["evidence"]["metrics"]["run.coverage"]["percent"] = 100.1


def _left_out(body: dict[str, Any]) -> None:
    del body["evidence"]


def _bare(world: World) -> None:
    world.write(NOTES, "Everything measured holds.\n")
    world.reports.append(NOTES)


def _old(world: World) -> None:
    """The report of before, handed in after a change that was measured again and fails."""
    world.append("pricing.py", "\n\ndef late() -> None:\n    print('late')\n")
    world.prove("code.logged")
    world.reports += [NOTES, RESPONSE]


LIES = (
    Lie("notes-finding-edited", "the notes say another finding", _noted("nothing private", "nothing at all")),
    Lie("notes-verdict-edited", "the notes say another verdict", _noted("| code.logged | proved |", "| code.logged | not applicable |")),
    Lie("notes-row-added", "the notes tell of a claim that nobody made", _noted("\n\n|", "\n\nrun.coverage: proved 100 %\n\n|")),
    Lie("notes-without-verdicts", "the notes leave every verdict out", _bare),
    Lie("response-counted-up", "the response counts more verdicts", _answered(_counted)),
    Lie("response-shortened", "the response leaves a claim out", _answered(_shortened)),
    Lie("response-figure", "the response says a better figure", _answered(_measured)),
    Lie("response-without-evidence", "the response has no evidence", _answered(_left_out)),
    Lie("report-of-before", "the report of before is handed in again", _old),
)  # fmt: skip
