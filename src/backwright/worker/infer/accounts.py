"""Finds how callers sign in: the operations for it, and the thing that signs in. Pure."""

import re
from dataclasses import dataclass, field

from backwright.worker.blueprint import OperationKind
from backwright.worker.design import Design, Operation
from backwright.worker.infer import names, wrapping

_SIGN_IN = re.compile(r"(log_?in|sign_?in|sessions?|tokens?|authenticate|auth)$")
_SIGN_UP = re.compile(r"(register|registration|registrations|sign_?up)$")
_PEOPLE = re.compile(r"(users?|accounts?|customers?|members?|people|clients?)$")
_ME = re.compile(r"(me|user|profile|account|whoami|current_user|current|self)$")
_OUT = re.compile(r"(log_?out|sign_?out|revoke)$")


@dataclass(slots=True)
class SignIn:
    """The operations that have to do with signing in, by their place in the document."""

    kinds: dict[str, OperationKind] = field(default_factory=lambda: {})
    operations: dict[OperationKind, Operation] = field(default_factory=lambda: {})

    def of(self, operation: Operation) -> OperationKind | None:
        """The kind of an operation, if it is one of these."""
        return self.kinds.get(_key(operation))


def find(design: Design) -> SignIn:
    """The first operation of each kind is the one meant."""
    found = SignIn()
    for operation in design.operations:
        kind = _kind(design, operation)
        if kind is not None and kind not in found.operations:
            found.operations[kind], found.kinds[_key(operation)] = operation, kind
    me = found.operations.get("me")
    for operation in design.operations if me is not None else ():
        if me is not None and operation.path == me.path and operation.method in ("PUT", "PATCH") and "update_me" not in found.operations:
            found.operations["update_me"], found.kinds[_key(operation)] = operation, "update_me"
    return found


def _kind(design: Design, operation: Operation) -> OperationKind | None:
    if "{" in operation.path:
        return None
    last = ["", *names.literals(operation.path)][-1]
    name = names.norm(operation.id)
    if operation.method == "POST":
        return _posted(design, operation, last, name)
    if operation.method == "DELETE" and re.fullmatch(r"sessions?|tokens?", last):
        return "sign_out"
    if operation.method == "GET" and _ME.fullmatch(last) and _signed_in(design, operation) and _shows_one(design, operation):
        return "me"
    return None


def _posted(design: Design, operation: Operation, last: str, name: str) -> OperationKind | None:
    carried = {names.norm(n) for n in wrapping.properties(design, wrapping.request(design, operation))}
    if _OUT.fullmatch(last):
        return "sign_out"
    if last.startswith("refresh") or (carried <= {"refresh_token", "refresh"} and carried):
        return "refresh"
    if not carried & set(names.PASSWORDS):
        return None
    if _SIGN_IN.fullmatch(last) or re.match(r"(log_?in|sign_?in|authenticate)", name):
        return "sign_in"
    if _SIGN_UP.fullmatch(last) or _PEOPLE.fullmatch(last) or re.match(r"(register|sign_?up)", name):
        return "sign_up"
    return None


def _signed_in(design: Design, operation: Operation) -> bool:
    requirements = design.requirements(operation)
    return bool(requirements) and all(r.schemes for r in requirements)


def _shows_one(design: Design, operation: Operation) -> bool:
    shown = wrapping.answer(design, operation)
    return shown is not None and not shown.many and wrapping.is_object(design.whole(shown.schema))


def _key(operation: Operation) -> str:
    return f"{operation.place.file}#{operation.place.pointer}"
