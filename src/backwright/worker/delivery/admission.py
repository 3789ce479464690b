"""Letting a delivery in: as the only one in its folder, into a new session or into the one in which it was interrupted."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from backwright.worker import journal
from backwright.worker.delivery.gates import Waiting
from backwright.worker.design import Design
from backwright.worker.importers.design import address_of, import_design
from backwright.worker.place import BrokenDesign
from backwright.worker.progress import Progress
from backwright.worker.protocol import opening, steps
from backwright.worker.protocol.completion import WORKER
from backwright.worker.protocol.record import read
from backwright.worker.protocol.session import Session

SOURCES = "design_named"


@contextmanager
def alone(into: Path, session_root: Path | None, resume: Path | None) -> Generator[None]:
    """Be the only delivery into this folder, and the only one in a session that others share. Raises `journal.Held`."""
    shared = {place.resolve() for place in (session_root, resume) if place is not None and opening.is_session(place)}
    with ExitStack() as stack:
        for place in (into / ".backwright" / "deliver.lock", *(folder / ".deliver.lock" for folder in shared)):
            stack.enter_context(journal.held(place))
        yield


def designed(sources: Sequence[str | Path], into: Path, session_root: Path | None) -> Design:
    """The design. One that is broken is told in a session, unless there is nothing at all yet. Raises `BrokenDesign`."""
    try:
        return import_design(sources)
    except BrokenDesign as broken:
        if session_root is not None or (into.is_dir() and any(into.iterdir())):  # else nothing at all is written
            session = opening.start(_task(sources, into), into, session_root=_root(into, session_root))
            session.log.log_event("design_refused", {"problems": [str(p) for p in broken.problems]}, "failed")
            session.fail(f"{len(broken.problems)} problems in {called(sources)}")
        raise


def admitted(
    sources: Sequence[str | Path], into: Path, session_root: Path | None, show: Progress, *, task: str = "", resume: Path | None = None
) -> Session:
    """The session to work in: the one named, else one of the same delivery that was interrupted, else a new one. Raises `NoSession`."""
    words, root = _task(sources, into), _root(into, session_root)
    into.mkdir(parents=True, exist_ok=True)
    folder = resume or opening.interrupted(root, words, into)
    if folder is None:
        session = opening.start(words, into, session_root=root, task_id=task)
        session.log.log_event(SOURCES, {"files": [str(Path(s).resolve()) for s in map(str, sources) if not address_of(s)]})
        return session
    session = opening.resume(folder)
    following = steps.following(session.record.events)
    show.say(f"going on with the session {session.id}, which was interrupted: next is {following or 'the end'}", "yellow")
    return session


def named(said: Path, into: Path | None) -> Path:
    """The folder of a session that is named by it or by its id. Raises `NoSession`."""
    places = [said, *([] if into is None else [into / ".backwright" / "sessions" / said])]
    for place in places:
        if opening.is_session(place):
            return place
    raise opening.NoSession(f"there is no session {said}")


def begun(session: Path) -> tuple[Path | None, list[str]]:
    """Where a session's delivery goes, and the files that it is from; a database is not remembered, its address may hold a secret."""
    record = read(session, WORKER)
    files = record.all(SOURCES)[-1:] or [{}]
    into = record.begun.get("folder")
    return Path(into) if into else None, list(files[0].get("files", []))


@contextmanager
def recorded(session: Session) -> Generator[None]:
    """However the delivery ends, the session says so; one that waits for an answer has not ended."""
    try:
        yield
    except Waiting:
        raise
    except BaseException as error:
        session.fail(f"{type(error).__name__}: {error}")
        raise


def called(sources: Sequence[str | Path]) -> str:
    """The sources in a word or two; of a database only its name."""
    names = [str(s).partition("?")[0].rpartition("/")[2] if address_of(str(s)) else Path(s).stem for s in sources]
    return " and ".join(dict.fromkeys(names))


def _task(sources: Sequence[str | Path], into: Path) -> str:
    return f"deliver {called(sources)} into {into.name}"


def _root(into: Path, session_root: Path | None) -> Path:
    return session_root or into / ".backwright" / "sessions"
