"""What the code does with other machines and versions, and whether it is candid: found, left alone, or not asked for."""

import json
from pathlib import Path

import pytest

from backwright.worker.prove import agreed, challenge
from backwright.worker.prove.checks.agreed import AGREED
from backwright.worker.prove.checks.candid import CANDID
from backwright.worker.prove.checks.dependencies import DEPENDENCIES
from backwright.worker.prove.checks.timeouts import TIMEOUTS
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Verdict
from tests.support.bookshop import bookshop
from tests.support.proof import shop

EVENTS = [{"introduced": "1.0"}, {"fixed": "1.4"}]
ADVISORY = {
    "id": "TEST-2026-1",
    "summary": "Cookies are eaten by anybody",
    "affected": [
        {"package": {"ecosystem": "PyPI", "name": "Cookie_Jar"}, "ranges": [{"type": "ECOSYSTEM", "events": EVENTS}]},
        {"package": {"ecosystem": "npm", "name": "other"}, "versions": ["1.0"]},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import requests\nrequests.get('x', retries=2)\n", "requests.get may wait for ever"),
        ("import requests\nrequests.get('x', timeout=None, retries=2)\n", "may wait for ever"),
        ("import requests\nrequests.get('x', timeout=2)\n", "no rule for trying again"),
        ("import requests\ns = requests.Session()\ns.get('x')\n", "requests.Session.get may wait for ever"),
        ("import httpx\nc = httpx.AsyncClient(timeout=None)\n", "httpx.AsyncClient may wait for ever"),
        ("import aiohttp\nasync def f():\n    async with aiohttp.ClientSession() as s:\n        await s.get('x')\n", "get may wait"),
        ("from urllib.request import urlopen\nurlopen('x')\n", "urlopen may wait for ever"),
        ("import asyncio\nasync def f():\n    await asyncio.open_connection('h', 1)\n", "put it into asyncio.timeout"),
        ("import asyncpg\nasync def f():\n    await asyncpg.connect('x')\n", "say timeout or command_timeout="),
        ("import redis\nr = redis.Redis()\n", "say socket_timeout="),
        ("import smtplib\nsmtplib.SMTP('h')\n", "smtplib.SMTP may wait"),
        ("import boto3\nboto3.client('s3')\n", "say config="),
    ],
)  # fmt: skip
def test_a_call_that_may_wait_for_ever_is_found(tmp_path: Path, code: str, reason: str) -> None:
    """By every library that people use, with the word that bounds it."""
    found = TIMEOUTS.check(shop(tmp_path, {"outside.py": code}))

    assert found.verdict is Verdict.FAILED
    assert reason in found.finding


@pytest.mark.parametrize(
    "code",
    [
        "import httpx\nc = httpx.Client(transport=httpx.HTTPTransport(retries=2))\n",
        "import requests\nfrom tenacity import retry\n\n@retry\ndef f():\n    requests.get('x', timeout=2)\n",
        "import requests\nwhile True:\n    try:\n        requests.get('x', timeout=2)\n    except OSError:\n        ...\n",
        "import asyncio\nasync def f(job: 'Job'):\n    async with asyncio.timeout(2):\n        await asyncio.open_connection('h', 1)\n",
        "import redis\nr = redis.Redis(socket_timeout=1, retry_on_timeout=True)\n",
        "import boto3\nfrom botocore.config import Config as C\nboto3.client('s3', config=C(read_timeout=2, retries={'a': 2}))\n",
    ],
)  # fmt: skip
def test_a_call_that_ends_passes(tmp_path: Path, code: str) -> None:
    """A timeout and a rule for trying again, however they are said."""
    found = TIMEOUTS.check(shop(tmp_path, {"outside.py": code}))

    assert found.verdict is Verdict.PROVED, found.finding


def test_who_calls_nobody_has_nothing_to_bound(tmp_path: Path) -> None:
    """Without an outbound call the standard does not apply."""
    assert TIMEOUTS.check(shop(tmp_path)).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("version", "verdict"), [("1.0", Verdict.FAILED), ("1.3.9", Verdict.FAILED), ("1.4", Verdict.PROVED), ("0.9", Verdict.PROVED)]
)
@pytest.mark.parametrize("lock", ["requirements.txt", "uv.lock"])
def test_a_locked_version_is_looked_up(tmp_path: Path, lock: str, version: str, verdict: Verdict) -> None:
    """From where it was introduced up to where it was fixed, under any spelling of the name."""
    texts = {
        "requirements.txt": f"cookie-jar=={version} \\\n    --hash=sha256:0\n",
        "uv.lock": f'[[package]]\nname = "cookie.jar"\nversion = "{version}"\n',
    }
    target = shop(tmp_path, {"advisories/a.json": json.dumps(ADVISORY), lock: texts[lock]})
    found = DEPENDENCIES.check(Target(target.dir, advisories=target.dir / "advisories"))

    assert found.verdict is verdict, found.finding
    if verdict is Verdict.FAILED:
        assert "TEST-2026-1: Cookies are eaten" in found.finding


def test_without_a_list_nothing_is_known(tmp_path: Path) -> None:
    """Nobody gave a list: not measured, and nothing is fetched."""
    assert DEPENDENCIES.check(shop(tmp_path)).verdict is Verdict.NOT_MEASURED


@pytest.mark.parametrize("plant", [*CANDID.plants, *TIMEOUTS.plants, *DEPENDENCIES.plants], ids=lambda plant: plant.id)
def test_a_planted_fault_is_caught(tmp_path: Path, plant: Plant) -> None:
    """Each of the three catches its own."""
    target = shop(tmp_path, {"advisories/a.json": json.dumps(ADVISORY), "requirements.txt": "cookie-jar==1.4\n"})
    standard = next(s for s in (CANDID, TIMEOUTS, DEPENDENCIES) if s.id == plant.standard)

    assert challenge.challenge(plant, standard, Target(target.dir, advisories=target.dir / "advisories")).caught


@pytest.mark.parametrize("plant", AGREED.plants, ids=lambda plant: plant.id)
def test_more_than_was_agreed_is_found(tmp_path: Path, plant: Plant) -> None:
    """What was accepted passes; what grants more does not."""
    target = bookshop(tmp_path)
    agreed.accept(target)

    assert challenge.challenge(plant, AGREED, target).caught


def test_as_much_or_less_is_agreed(tmp_path: Path) -> None:
    """The same rule under another name, and a narrower one, need nobody's word; the row that is wider is named."""
    everyone = agreed.Policy(access={"A": {"read": [], "call": [["the caller has signed in"]]}}, limits={"x": 5}, load={"rate": 9})
    narrower = agreed.Policy(
        access={"A": {"read": [["who.is_staff"]], "call": [["the caller is a B"], ["who.x"]]}}, limits={"x": 4}, load={"rate": 9}
    )

    assert agreed.wider(everyone, narrower) == []
    assert agreed.wider(narrower, everyone)[0] == "A: call is granted to the caller has signed in; agreed was the caller is a B and who.x"
    assert len(agreed.wider(narrower, everyone)) == 3
