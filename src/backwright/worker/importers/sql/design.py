"""SQL files as a design: their tables, everything in them that must be accounted for, and what is wrong with it."""

from collections.abc import Sequence
from pathlib import Path

from backwright.worker.design import Design, Info
from backwright.worker.importers.reading import Unreadable, text_of
from backwright.worker.importers.sql.sound import unsound
from backwright.worker.importers.sql.statements import Reader, dialect_of
from backwright.worker.infer.stored_elements import elements_of
from backwright.worker.place import BrokenDesign, Place, Problem
from backwright.worker.tables import Dialect, Tables


def import_sql(files: Sequence[tuple[Path, str]]) -> Design:
    """The design in SQL files, read in their order as if they were one; each path comes with the name that places show.

    Raises `BrokenDesign` with every problem if there is an error.
    """
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    for path, name in files:
        try:
            texts[name] = text_of(path)
        except Unreadable as error:
            problems.append(Problem(name, error.line, error.pointer, "error", error.what, error.mend))
    tables = read_sql(texts, problems)
    if any(problem.severity == "error" for problem in problems):
        raise BrokenDesign(tuple(dict.fromkeys(problems)))
    return design_of(tables, files[0][1], files[0][0].stem, tuple(problems))


def read_sql(texts: dict[str, str], problems: list[Problem], dialect: Dialect | None = None) -> Tables:
    """The tables in these texts, by the name of each; every problem is added to the list. The dialect is told by the words, or given."""
    reader = Reader(dialect or dialect_of(list(texts.values())), problems)
    for name, text in texts.items():
        reader.read(name, text)
    tables = reader.tables()
    problems += unsound(tables)
    if not tables.tables and not problems:
        problems.append(Problem(next(iter(texts), "design"), 1, "", "error", "There is no CREATE TABLE.", "Write what is to be stored."))
    return tables


def design_of(tables: Tables, file: str, title: str, warnings: tuple[Problem, ...] = ()) -> Design:
    """Tables alone as a design: it promises no contract."""
    words = title.replace("_", " ").replace("-", " ").strip() or "Tables"
    return Design(
        file=file, version=tables.dialect, info=Info(words[:1].upper() + words[1:], "1.0.0", "", "", Place(file, min(1, len(file)), "")),
        servers=(), tags=(), security=(), security_schemes={}, schemas={}, operations=(), webhooks=(), elements=elements_of(tables),
        warnings=tuple(sorted(p for p in warnings if p.severity == "warning")), tables=tables,
    )  # fmt: skip
