"""GraphQL SDL as a design: its types are stored and its root fields served, in the kit's own manner, until GraphQL itself is."""

from collections.abc import Sequence
from pathlib import Path

from backwright.worker.design import Design
from backwright.worker.importers.graphql.operations import Operations
from backwright.worker.importers.graphql.sdl import read
from backwright.worker.importers.graphql.types import Types
from backwright.worker.importers.projection import Projection
from backwright.worker.place import BrokenDesign, Problem


def import_graphql(files: Sequence[tuple[Path, str]]) -> Design:
    """The design in SDL files, read as one document; each path comes with the name that places show.

    Raises `BrokenDesign` with every problem if there is an error.
    """
    problems: list[Problem] = []
    sdl = read(files, problems)
    if any(problem.severity == "error" for problem in problems):
        raise BrokenDesign(tuple(dict.fromkeys(problems)))
    into = Projection(files[0][0].stem.replace("_", " ").replace("-", " ").capitalize(), files[0][1], problems=problems)
    types = Types(sdl, into)
    types.run()
    Operations(sdl, types, into).run()
    return into.design()
