"""The pages in a real browser, with no network: they show what they should, and complain about nothing."""

import re
import shutil
from pathlib import Path

import pytest

from backwright.worker.prove import harness
from backwright.worker.report.page import page
from backwright.worker.report.proof import Proof
from tests.support.browser import complaints, rendered, screenshot
from tests.support.proof import ORDERS, PASSES, shop
from tests.support.report import delivery
from tests.support.serving import serving

CONDUIT = Path(__file__).parents[3] / "examples" / "conduit"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a small shop."""
    folder = tmp_path_factory.mktemp("report")
    made = shop(folder)
    harness.prove(made, [PASSES, ORDERS])
    place = folder / "report.html"
    place.write_text(
        page(delivery("2026-11-21-22-05-bookshop"), Proof(made.dir, standards=[PASSES.id, ORDERS.id]), folder), encoding="utf-8"
    )
    return place


def test_the_report_shows_its_parts(report: Path, tmp_path: Path) -> None:
    """Verdicts, endpoints and the diagram stand in the document, and the browser had nothing to complain about."""
    shown = rendered(report.as_uri(), tmp_path)
    assert [word in shown for word in (PASSES.id, "/v1/orders", "<svg", "orders.customer_id")] == [True] * 4
    assert complaints(report.as_uri(), tmp_path) == []


def test_the_report_is_a_picture_in_every_width(report: Path, tmp_path: Path) -> None:
    """On a desk and on a telephone the page paints something: the picture is not one empty colour."""
    for width, height in ((1280, 900), (390, 844)):
        picture = screenshot(report.as_uri(), tmp_path, width, height).read_bytes()
        assert picture.startswith(b"\x89PNG") and len(picture) > 12_000


def test_the_docs_page_lists_the_operations_offline(tmp_path: Path) -> None:
    """The served docs page loads its document, and nothing from anywhere else."""
    folder = shutil.copytree(CONDUIT, tmp_path / "conduit", ignore=shutil.ignore_patterns("data", "__pycache__"))
    with serving(folder) as served:
        docs = f"http://127.0.0.1:{served.port}/docs"
        found, said = rendered(docs, tmp_path), complaints(docs, tmp_path)
    assert "/articles/{slug}" in found and not re.search(r'(?:src|href)="https?://(?!127\.0\.0\.1)', found)
    assert said == []
