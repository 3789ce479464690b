"""Replay on another machine, as far as one machine can play another: what was claimed here comes out there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from backwright.worker.lies.world import STANDARDS, proved
from backwright.worker.prove import acceptance, harness
from backwright.worker.prove.ledger import Ledger
from backwright.worker.prove.target import Target
from tests.support.proof import PASSES, shop

REPLAY = [sys.executable, "-m", "backwright.cli.main", "replay", "--all", "--in"]


def elsewhere(folder: Path) -> dict[str, str]:
    """Another person's home, language, time zone and hash seed; nothing of this environment but what starts a program."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "HOME": str(folder), "USER": "somebody", "LOGNAME": "somebody", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "TZ": "Pacific/Chatham",
        "TMPDIR": str(folder), "PYTHONHASHSEED": "12345", "HOSTNAME": "elsewhere", "COLUMNS": "40",
    }  # fmt: skip


def test_every_claim_is_reproduced_elsewhere(tmp_path: Path) -> None:
    """In another folder under another name, from another place, by another user's environment: all of the claims, at least 95 %."""
    world = proved(tmp_path / "here")
    there = tmp_path / "there" / "by another name"
    shutil.copytree(world.dir, there)
    ran = subprocess.run([*REPLAY, str(there)], cwd="/", env=elsewhere(tmp_path), capture_output=True, text=True, timeout=120, check=False)

    assert f"reproduced {len(STANDARDS)} of {len(STANDARDS)} (100.0 %)" in ran.stdout, ran.stdout + ran.stderr
    assert ran.returncode == 0


def test_what_does_not_come_out_again_is_counted(tmp_path: Path) -> None:
    """A claim on files that have changed is not reproduced, and the share says so."""
    target = shop(tmp_path)
    harness.prove(target, [PASSES])
    (target.dir / "pricing.py").write_text("# broken")
    done = list(acceptance.again(Ledger(target.dir), Target(target.dir), [PASSES]))

    assert acceptance.reproduced(done) == "reproduced 0 of 1 (0.0 %)"
