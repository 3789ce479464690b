"""What becomes of people's edits when the design changes: random pairs of both, merged and looked at.

usage: python -m benchmarks.merge [--pairs 1000] [--seed 1] [--apps 0]

With --apps so many of the pairs are delivered as whole projects too: written, edited, put together with what is generated now, and loaded.
"""

import argparse
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from backwright.worker import compiled
from backwright.worker.merge.changes import Change
from backwright.worker.merge.folder import put_together
from backwright.worker.merge.memory import encoded
from backwright.worker.survey.read import survey
from backwright.worker.write import tree
from tests.support.random_merges import Pair, measured, pairs


def main() -> int:
    """Print the figures; 0 only if nothing was lost and nothing broke unreported."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--apps", type=int, default=0)
    asked = parser.parse_args()
    listed = list(pairs(asked.pairs, asked.seed))
    begun = time.process_time()
    found = measured(iter(listed))
    print(found.sentence)
    print(f"{time.process_time() - begun:.1f} s of CPU for merging and looking")
    print("edits: " + ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in found.edits.most_common()))
    for line in (*found.lost, *found.broken, *found.wrong)[:40]:
        print(f"  {line}")
    unreported = _apps(listed[: asked.apps]) if asked.apps else 0
    return 1 if found.lost or found.broken or found.wrong or unreported else 0


def _apps(listed: Iterable[Pair]) -> int:
    """Deliver whole projects; how many no longer load without anybody having been told."""
    ends = {"loads": 0, "loads, with conflicts": 0, "did not load before either": 0, "does not load, and is reported": 0, "unreported": 0}
    for pair in listed:
        with TemporaryDirectory() as name:
            folder = Path(name) / "project"
            end = _app(pair, folder)
        ends[end] += 1
        if end == "unreported":
            print(f"  pair {pair.number} ({pair.before.name}; {', '.join(pair.edits)}) does not load, and nobody was told")
    print("as whole projects: " + ", ".join(f"{number} {end}" for end, number in ends.items()))
    return ends["unreported"]


def _app(pair: Pair, folder: Path) -> str:
    folder.mkdir()
    tree.write(folder, [Change(path, "create", "", text, generated=text, base=text) for path, text in pair.before.files.items()])
    compiled.compile(folder, folder.parent / "told.json", migration="first")
    for path in pair.before.files:
        if path not in pair.theirs:
            (folder / path).unlink()
    for path, text in pair.theirs.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(encoded(text))
    before = _loads(folder)
    put = put_together(folder, survey(folder), pair.after.files)
    tree.write(folder, put.changes)
    if _loads(folder, migration="second"):
        return "loads, with conflicts" if any(change.open for change in put.changes) else "loads"
    return "did not load before either" if not before else "does not load, and is reported" if put.broken else "unreported"


def _loads(folder: Path, migration: str = "") -> bool:
    try:
        compiled.compile(folder, folder.parent / "told.json", migration=migration)
    except compiled.Uncompiled:
        return False
    return True


if __name__ == "__main__":
    raise SystemExit(main())
