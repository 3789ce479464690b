"""What ``backwright symbols`` costs on many files: ``python -m benchmarks.symbols [--files 100000]`` prints time and memory."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FILES = {
    "py": """
from fastapi import APIRouter

router = APIRouter(prefix="/r{n}")


class Thing{n}:
    def go{n}(self, x):
        if x > {n}:
            return x * 2
        return x


@router.get("/x{n}")
async def read{n}(q: int):
    return Thing{n}().go{n}(q)
""",
    "js": """
const express = require("express");
const router = express.Router();
class Thing{n} {{
  go{n}(x) {{ return x > {n} ? x * 2 : 0; }}
}}
router.get("/x{n}", (req, res) => res.json(new Thing{n}().go{n}(1)));
module.exports = router;
""",
    "ts": "export interface I{n} {{ a: string }}\nexport class Thing{n} {{\n  go{n}(x: number): I{n} {{ return null; }}\n}}\n",
    "java": "package a;\n\npublic class Thing{n} {{\n    public int go{n}(int x) {{\n        return x > {n} ? x * 2 : x;\n    }}\n}}\n",
    "kt": "package a\n\nclass Thing{n}(val x: Int) {{\n    fun go{n}(y: Int): Int {{\n        return x * y\n    }}\n}}\n",
    "go": "package p\n\ntype Thing{n} struct {{\n\tx int\n}}\n\nfunc (t *Thing{n}) Go{n}(x int) int {{\n\treturn x * 2\n}}\n",
    "cs": "namespace A{n};\n\npublic class Thing{n}\n{{\n    public int Go{n}(int x) {{ return x * 2; }}\n}}\n",
    "rb": "class Thing{n}\n  def go{n}(x)\n    x * 2\n  end\nend\n",
    "php": "<?php\nnamespace App;\n\nclass Thing{n}\n{{\n    public function go{n}($x) {{ return $x * 2; }}\n}}\n",
}
COMMANDS = (
    ("find", "Thing", "--substring", "--limit", "200000"),
    ("find", "Thing99"),
    ("references", "Thing9", "d0/f9.py"),
    ("search", r"Thing99\b"),
    ("routes",),
    ("models",),
    ("logic",),
)


def plant(root: Path, files: int) -> None:
    """So many small files, a ninth of them in each language, 500 to a folder, and installed packages that nobody wants read."""
    suffixes = list(FILES)
    for n in range(files):
        folder = root / f"d{n // 500}"
        if n % 500 == 0:
            folder.mkdir()
        suffix = suffixes[n % len(suffixes)]
        (folder / f"f{n}.{suffix}").write_text(FILES[suffix].format(n=n))
    (root / "node_modules" / "x").mkdir(parents=True)
    (root / "node_modules" / "x" / "index.js").write_text("function Thing99() {}\n")


def measure(root: Path, command: tuple[str, ...]) -> None:
    """Run one command and print its seconds, its processor seconds and the most memory it held."""
    word, *rest = command
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "backwright.cli.main", "symbols", word, str(root), *rest], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = [line.rstrip() for line in process.stdout]
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    summary = next((line for line in reversed(lines) if not line.startswith("left out")), "nothing")
    print(
        f"{' '.join(command):<45} {time.monotonic() - started:7.1f} s  {used.ru_utime + used.ru_stime:7.1f} s CPU  "
        f"{used.ru_maxrss / 1024:6.0f} MB  {summary}",
        flush=True,
    )
    if process.returncode:
        raise SystemExit(process.returncode)


def main() -> None:
    """Make the files, ask every question, take the files away."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="symbols-") as scratch:
        plant(Path(scratch), asked.files)
        for command in COMMANDS:
            measure(Path(scratch), command)


if __name__ == "__main__":
    main()
