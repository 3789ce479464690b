"""The one door for designs: what it takes for what, and what it refuses."""

from pathlib import Path

import pytest

from backwright.worker.importers.design import import_design
from backwright.worker.place import BrokenDesign
from tests.unit.worker.designs import HEAD, written

CONTRACT = f"{HEAD}paths: {{}}\n"


def refused(*sources: str | Path) -> list[str]:
    """What is said against these sources."""
    with pytest.raises(BrokenDesign) as found:
        import_design(sources)
    return [str(problem) for problem in found.value.problems]


def test_by_content(tmp_path: Path) -> None:
    """A file without a telling name is known by what it says."""
    assert import_design([written(tmp_path, CONTRACT, "api.txt")]).info.title == "T"


def test_nothing_known(tmp_path: Path) -> None:
    """What is no design is refused, with the kinds that are read."""
    (line,) = refused(written(tmp_path, "Dear diary", "diary.txt"))
    assert "what kind of design" in line
    assert "OpenAPI" in line


def test_no_such_file(tmp_path: Path) -> None:
    """A file that is not there is one problem, and so is a folder without designs."""
    (line,) = refused(tmp_path / "none.sql")
    assert "cannot be read" in line
    (line,) = refused(tmp_path)
    assert "holds no design" in line


def test_folder(tmp_path: Path) -> None:
    """Of a folder its contracts are read, not the YAML that they refer to."""
    written(tmp_path, CONTRACT)
    written(tmp_path, "type: object\n", "book.yaml")
    assert import_design([tmp_path]).file == "api.yaml"


def test_two_contracts(tmp_path: Path) -> None:
    """There is one contract; a second is refused by name."""
    (line,) = refused(written(tmp_path, CONTRACT), written(tmp_path, CONTRACT, "second.yaml"))
    assert line.startswith("second.yaml:1: error: A second OpenAPI document")


def test_every_source_speaks(tmp_path: Path) -> None:
    """The problems of all sources come at once."""
    lines = refused(written(tmp_path, "openapi: 9\n"), tmp_path / "gone.sql", tmp_path / "no.txt")
    assert {line.partition(":")[0] for line in lines} == {"api.yaml", "gone.sql", "no.txt"}
