"""Lower floors never know higher ones; neighbours never know each other; no rings."""

from pathlib import Path

import pytest

from tests.support.floors import floor_breaches, rings
from tests.support.trees import plant

SOURCE = Path(__file__).parents[2] / "src"


def test_imports_go_down_only() -> None:
    """No module of the kit or the worker imports sideways or upward, or from a package's ``__init__``."""
    assert floor_breaches(SOURCE) == []


def test_no_modules_import_each_other_in_a_ring() -> None:
    """The modules can be put in one order in which each imports only what stands before it."""
    assert rings(SOURCE) == []


@pytest.mark.parametrize(
    "text",
    [
        "from backwright.connect.http import Client",
        "import backwright.api.rest.routes",
        "from backwright.api.rest import routes",
        "from ..api.rest import routes",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from backwright.connect.http import Client",
        "def late():\n    from backwright.connect.http import Client",
        "import importlib\nx = importlib.import_module('backwright.connect.http')",
    ],
    ids=["sideways", "upward", "upward by package", "relative", "for type checkers", "inside a function", "by string"],
)
def test_a_forbidden_import_is_found_wherever_it_stands(text: str, tmp_path: Path) -> None:
    """An import from data to its neighbour connect, or up to api, is reported, once, with the module that does it."""
    others = {"backwright/connect/http.py": "class Client: ...", "backwright/api/rest/routes.py": ""}

    found = floor_breaches(plant(tmp_path, {"backwright/data/unit.py": text, **others}))

    assert len(found) == 1
    assert found[0].startswith("backwright.data.unit:")


def test_a_downward_import_is_allowed(tmp_path: Path) -> None:
    """The rule has nothing against data using domain, or a module of its own area."""
    files = {
        "backwright/domain/model.py": "",
        "backwright/data/rows.py": "",
        "backwright/data/unit.py": "from backwright.domain import model\nfrom backwright.data import rows\n",
    }

    assert floor_breaches(plant(tmp_path, files)) == []


def test_an_import_from_a_package_is_found(tmp_path: Path) -> None:
    """Names come from the module that defines them: the package's ``__init__`` is not a source."""
    tree = plant(
        tmp_path,
        {"backwright/domain/model.py": "", "backwright/data/unit.py": "from backwright import App\nfrom backwright.domain import Model\n"},
    )

    assert [line.split(": ")[0] for line in floor_breaches(tree)] == [
        "backwright.data.unit:1 imports backwright.App",
        "backwright.data.unit:2 imports backwright.domain.Model",
    ]


def test_the_kit_that_loads_the_worker_is_found(tmp_path: Path) -> None:
    """``import backwright`` may re-export the kit, never the worker: not even from a lazy table."""
    tree = plant(tmp_path, {"backwright/worker/delivery/deliver.py": ""})
    (tree / "backwright/__init__.py").write_text("LAZY = {'deliver': 'backwright.worker.delivery.deliver'}")

    assert floor_breaches(tree) == ["backwright:1 imports backwright.worker.delivery.deliver: the kit never loads worker"]


def test_an_area_without_a_floor_is_found(tmp_path: Path) -> None:
    """A new top-level package must be given its floor."""
    assert floor_breaches(plant(tmp_path, {"backwright/attic/box.py": ""})) == ["backwright.attic stands on no floor: add it to FLOORS"]


def test_a_ring_is_found(tmp_path: Path) -> None:
    """Two modules that need each other are reported, also when one of the imports hides in a function; typing imports are tolerated."""
    one = {"backwright/data/a.py": "from backwright.data import b"}
    late, typed = (
        "def f():\n    import backwright.data.a",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import backwright.data.a",
    )

    assert len(rings(plant(tmp_path / "late", {**one, "backwright/data/b.py": late}))) == 1
    assert rings(plant(tmp_path / "typed", {**one, "backwright/data/b.py": typed})) == []
