"""What a tool says instead of doing what it was asked: a sentence for whoever asked, never a stack trace."""


class Refused(Exception):
    """A tool cannot do what it was asked, and says why."""


def sentence(error: BaseException) -> str | None:
    """What the caller is told about an error that was foreseen; None for one that was not."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'a file'}: {error.strerror}"
    return _of_the_worker(error)


def _of_the_worker(error: BaseException) -> str | None:
    """Imported here: an answer without an error does not wait for everything that proves and delivers."""
    from backwright.worker.by_hand import NotTaken
    from backwright.worker.compiled import Uncompiled
    from backwright.worker.delivery.gates import NotAgreed
    from backwright.worker.journal import Held
    from backwright.worker.place import BrokenDesign
    from backwright.worker.protocol.completion import Incomplete
    from backwright.worker.protocol.opening import NoSession
    from backwright.worker.protocol.phase import PhaseTimeout
    from backwright.worker.protocol.steps import Skipped
    from backwright.worker.prove.ledger import Broken
    from backwright.worker.prove.standard import UnknownStandard
    from backwright.worker.report.outputs import Misshapen, OutOfOrder
    from backwright.worker.symbols.symbol import Refused as NoSymbol

    if isinstance(error, BrokenDesign):
        problems = [str(problem) for problem in error.problems]
        return "\n".join([f"The design cannot be built from: {len(problems)} problems. Nothing was written.", *problems])
    foreseen = (
        Uncompiled, NotTaken, NotAgreed, PhaseTimeout, Incomplete, NoSession, Skipped, Held, Broken, UnknownStandard, Misshapen, OutOfOrder,
        NoSymbol,
    )  # fmt: skip
    return str(error) if isinstance(error, foreseen) else None
