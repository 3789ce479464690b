"""A real browser without a window: Chromium, cut off from every network but this machine."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.support.missing import missing

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip


def chromium() -> str:
    """Where the browser is."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return found or missing("Chromium", "not on PATH (Debian and Ubuntu: apt-get install chromium; or set CHROMIUM)")


def rendered(url: str, scratch: Path) -> str:
    """The document as the browser holds it after its scripts ran."""
    return _run(url, scratch, "--dump-dom")


def complaints(url: str, scratch: Path) -> list[str]:
    """What the page said on the console: refused resources, policy breaches, errors."""
    _run(url, scratch, "--enable-logging", "--log-level=0", f"--log-file={scratch / 'console.log'}", "--dump-dom")
    said = (scratch / "console.log").read_text(encoding="utf-8", errors="replace")
    return [line for line in said.splitlines() if "CONSOLE" in line]


def screenshot(url: str, scratch: Path, width: int, height: int) -> Path:
    """A picture of the page at this size, in pixels."""
    place = scratch / f"{width}x{height}.png"
    _run(url, scratch, f"--window-size={width},{height}", f"--screenshot={place}")
    return place


def _run(url: str, scratch: Path, *words: str) -> str:
    profile = scratch / "profile"
    command = [chromium(), *FLAGS, f"--user-data-dir={profile}", "--virtual-time-budget=3000", *words, url]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
