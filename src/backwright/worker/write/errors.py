"""``errors.py``: the shape of errors that a design declares, where it is not RFC 9457. Pure."""

from backwright.domain.model import Kind
from backwright.worker.blueprint import Blueprint, Member
from backwright.worker.write.source import Source, literal

_STATUS = ("status", "code", "statuscode", "status_code")
_WHERE = ("field", "name", "path", "parameter", "property", "pointer", "location", "loc", "source", "key", "attribute", "target", "param")
_PROBLEMS = '''def problems(what: Refusal | Fault) -> tuple[Problem, ...]:
    """What is wrong with the request, one by one, where more than one thing can be."""
    return getattr(what, "problems", ())'''
_HEAD = '''def told(what: Refusal | Fault, request_id: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """{doc}"""
    headers = protocol_headers(what{scheme}) if isinstance(what, Refusal) else []
    body = {body}
    return [(b"content-type", b{media}), *headers], msgspec.json.encode(body)'''
_SENTENCES = '''def sentences(what: Refusal | Fault) -> list[str]:
    """What is wrong, a sentence each; nothing of what happened inside."""
    if isinstance(what, Fault):
        return ["Something went wrong on our side."]
    if isinstance(what, NotImplementedYet):
        return [f"{what.message()} ({what.rule})"]
    problems = [f"{problem.parameter or problem.pointer or ''} {problem.detail}".strip() for problem in getattr(what, "problems", ())]
    return problems or [what.message()]'''


def errors_file(blueprint: Blueprint) -> str:
    """The file's text; nothing where the kit's own shape is served."""
    errors = blueprint.contract.errors
    if errors.style not in ("errors-body", "declared"):
        return ""
    source = Source("How this API tells its errors.")
    for name in ("Fault", "NotImplementedYet", "Refusal", "protocol_headers"):
        source.kit(name)
    source.module("msgspec")
    body = '{"errors": {"body": sentences(what)}}' if errors.style == "errors-body" else _declared(blueprint, errors.shape)
    doc = "Every refusal and fault in the shape that the design declares. The status is the refusal's own."
    word = next((a.prefix for a in blueprint.contract.auth if a.built), "Bearer")
    scheme = f", {literal(word)}" if word not in ("", "Bearer") else ""
    source.add(_HEAD.format(doc=doc, scheme=scheme, body=body, media=literal(errors.media_type or "application/json")))
    source.add(_SENTENCES)
    if "problems(what)" in body:
        source.kit("Problem")
        source.add(_PROBLEMS)
    return source.text()


def _declared(blueprint: Blueprint, shape: str, depth: int = 0) -> str:
    members = blueprint.shape(shape).members if shape and depth < 4 else ()
    return "{" + ", ".join(f"{literal(m.wire)}: {_member(blueprint, m, depth)}" for m in members) + "}"


def _member(blueprint: Blueprint, member: Member, depth: int) -> str:
    """A value by the member's type: numbers are the status, texts the sentences, the request's id where the name says so."""
    if member.shape and (member.many or member.kind is Kind.LIST):
        pairs = ", ".join(f"{literal(m.wire)}: {_of_problem(m)}" for m in blueprint.shape(member.shape).members)
        return f"[{{{pairs}}} for problem in problems(what)]"
    if member.shape:
        return _declared(blueprint, member.shape, depth + 1)
    if member.kind is Kind.LIST:
        return "sentences(what)"
    if member.kind in (Kind.INT, Kind.FLOAT):
        return "what.status"
    if member.kind is Kind.BOOL:
        return "False" if member.wire.lower() in ("ok", "success") else "True"
    if member.kind is Kind.TEXT and member.wire.lower() in _STATUS:
        return 'what.code() if isinstance(what, Refusal) else "internal-error"'
    if member.kind is Kind.TEXT and "id" in member.name.split("_"):
        return "request_id"
    return '"; ".join(sentences(what))' if member.kind is Kind.TEXT else "None"


def _of_problem(member: Member) -> str:
    """What a detail of an error says of one problem: where it is, its code, or what is wrong."""
    word = member.name.rstrip("_")
    if member.kind is not Kind.TEXT:
        return "what.status" if member.kind in (Kind.INT, Kind.FLOAT) else "None"
    if word in _WHERE:
        return 'problem.parameter or (problem.pointer or "").strip("/")'
    return "problem.code" if word in ("code", "type", "rule", "kind") else "problem.detail"
