"""What all operations share: prefix, naming, the shape of errors, the way of signing in. Pure."""

import re
from collections import Counter
from typing import Literal

from backwright.worker.blueprint import AuthPlan, ContractPlan, ErrorPlan, OperationPlan, Shape
from backwright.worker.design import Design, SecurityScheme
from backwright.worker.infer.notes import Notes


def contract(design: Design, operations: tuple[OperationPlan, ...], shapes: dict[str, Shape], notes: Notes) -> ContractPlan:
    """The shared part of the contract."""
    prefix = design.servers[0].base if design.servers else ""
    if prefix:
        notes.add(
            "servers", f"everything is served under {prefix}", "the path of the first server says so", "certain", design.servers[0].place
        )
    errors = _errors(design, operations, shapes)
    if errors.style == "unsaid":
        notes.add("errors", "failures answer RFC 9457 problems", "the document declares no body for them", "certain", design.info.place)
    return ContractPlan(
        design.info.title, design.info.version, prefix, _naming(shapes), errors,
        tuple(_auth(scheme, notes) for scheme in design.security_schemes.values()), tuple((tag.name,
            tag.description) for tag in design.tags),
    )  # fmt: skip


def _naming(shapes: dict[str, Shape]) -> Literal["snake", "camel", "kebab"]:
    wires = Counter[str]()
    for member in (m for shape in shapes.values() for m in shape.members):
        wires["kebab" if "-" in member.wire else "snake" if "_" in member.wire else "camel" if not member.wire.islower() else "plain"] += 1
    ranked = [word for word, _ in wires.most_common() if word != "plain"]
    return "camel" if ranked[:1] == ["camel"] else "kebab" if ranked[:1] == ["kebab"] else "snake"


def _errors(design: Design, operations: tuple[OperationPlan, ...], shapes: dict[str, Shape]) -> ErrorPlan:
    refusals = [r for operation in operations for r in operation.refusals]
    statuses = {r.status for r in refusals}
    invalid = 422 if "422" in statuses or "400" not in statuses else 400
    shaped = [r for r in refusals if r.media_type]
    if not shaped:
        return ErrorPlan("unsaid", "application/problem+json", "", invalid, design.info.place)
    (media, shape), _ = Counter((r.media_type, r.shape) for r in shaped).most_common(1)[0]
    place = next(r.place for r in shaped if (r.media_type, r.shape) == (media, shape))
    if "problem+json" in media:
        return ErrorPlan("problem", media, shape, invalid, place)
    found = shapes.get(shape)
    if (
        found is not None
        and (errors := found.member("errors")) is not None
        and errors.shape
        and (inner := shapes.get(errors.shape)) is not None
        and inner.member("body")
    ):
        return ErrorPlan("errors-body", media, shape, invalid, place)
    return ErrorPlan("declared", media, shape, invalid, place)


def _auth(scheme: SecurityScheme, notes: Notes) -> AuthPlan:
    if scheme.type == "http" and scheme.scheme == "bearer":
        return AuthPlan(scheme.name, "bearer", "Authorization", "Bearer", True, "a bearer token in the Authorization header", scheme.place)
    if scheme.type == "apiKey" and scheme.location == "header" and scheme.key.lower() == "authorization":
        prefix = str(scheme.extensions.get("x-prefix", "")) or _prefix(scheme.description)
        notes.add(
            f"security scheme {scheme.name}",
            f"a token after the word {prefix!r}" if prefix else "a token without a word before it",
            "its description shows the header" if prefix else "its description shows no word",
            "likely",
            scheme.place,
        )
        return AuthPlan(scheme.name, "header", scheme.key, prefix, True, "a token in the Authorization header", scheme.place)
    kind = _kind(scheme)
    reason = f"the kit takes a bearer token in the Authorization header; {_said(scheme)} is not served"
    notes.add(f"security scheme {scheme.name}", "callers sign in with a bearer token instead", reason, "certain", scheme.place)
    return AuthPlan(scheme.name, kind, scheme.key or "Authorization", "Basic" if kind == "basic" else "", False, reason, scheme.place)


def _kind(scheme: SecurityScheme) -> Literal["basic", "header", "cookie", "query", "oauth2", "openid", "mutual_tls"]:
    if scheme.type == "apiKey":
        return "cookie" if scheme.location == "cookie" else "query" if scheme.location == "query" else "header"
    return (
        "oauth2"
        if scheme.type == "oauth2"
        else "openid"
        if scheme.type == "openIdConnect"
        else "mutual_tls"
        if scheme.type == "mutualTLS"
        else "basic"
    )


def _said(scheme: SecurityScheme) -> str:
    where = f" in the {scheme.location} {scheme.key}" if scheme.location else ""
    return f"{scheme.type} {scheme.scheme}".strip() + where


def _prefix(description: str) -> str:
    """``Token xxxxxx.yyyyyyy.zzzzzz`` → ``Token``."""
    found = re.search(r"\b([A-Z][A-Za-z-]+)\s+[`'\"<{\[]*x{3}", description) or re.search(
        r"\b(Token|Bearer|JWT|ApiKey|Api-Key)\s+[`'\"<{\[]+[\w.-]*(token|jwt|key)", description, re.IGNORECASE
    )
    return found[1] if found is not None else ""
