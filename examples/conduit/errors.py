"""Conduit's error shape: ``{"errors": {"<what>": ["<why>"], "body": ["<what> <why>"]}}``, whatever went wrong."""

import msgspec

from backwright import AlreadyExists, Fault, Forbidden, Invalid, Malformed, NotFound, Problem, Refusal, Unauthenticated, protocol_headers


class ArticleMissing(NotFound):
    """There is no such article."""


class CommentMissing(NotFound):
    """There is no such comment."""


class ProfileMissing(NotFound):
    """There is no such user."""


class NotYourArticle(Forbidden):
    """Only its author may change an article."""


class NotYourComment(Forbidden):
    """Only its author may delete a comment."""


_SUBJECTS: dict[type[Refusal], tuple[str, str]] = {
    ArticleMissing: ("article", "not found"), CommentMissing: ("comment", "not found"), ProfileMissing: ("profile", "not found"),
    NotYourArticle: ("article", "forbidden"), NotYourComment: ("comment", "forbidden"),
}  # fmt: skip
_BLANK = ("must not be empty", "is required")


def conduit_errors(what: Refusal | Fault, request_id: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Every refusal and fault in Conduit's shape. A 401 names the scheme it wants."""
    headers = protocol_headers(what, "Token") if isinstance(what, Refusal) else []
    errors: dict[str, list[str]] = {}
    for subject, why in reasons(what):
        errors.setdefault(subject, []).append(why)
    sentences = [f"{subject} {why}" for subject, whys in errors.items() for why in whys]
    errors.setdefault("body", []).extend(sentence for sentence in sentences if "body" not in errors or not sentence.startswith("body "))
    return [(b"content-type", b"application/json"), *headers], msgspec.json.encode({"errors": errors})


def reasons(what: Refusal | Fault) -> list[tuple[str, str]]:
    """What is wrong, as pairs of subject and reason."""
    match what:
        case Fault():
            return [("server", "failed")]
        case AlreadyExists():
            return [(name, "has already been taken") for name in what.fields]
        case Unauthenticated():
            return (
                [("credentials", "invalid")]
                if what.reason == "credentials"
                else [("token", "is missing" if what.reason == "missing" else "is invalid")]
            )
        case Invalid() | Malformed() if what.problems:
            return [(_subject(problem), _why(problem)) for problem in what.problems]
        case _:
            return [_SUBJECTS.get(type(what), ("request", what.message()))]


def _subject(problem: Problem) -> str:
    return problem.parameter or (problem.pointer or "").rpartition("/")[2] or "request"


def _why(problem: Problem) -> str:
    return "can't be blank" if problem.detail in _BLANK else problem.detail
