"""The catalogue: every operation that anybody can ask for, with its rule; derived from the access table once, at start. Pure."""

import inspect
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from backwright.domain.access import Grant, Isolation
from backwright.domain.entity import Account, Entity
from backwright.domain.mistakes import DeclarationError, Mistake
from backwright.domain.model import Model
from backwright.domain.naming import plural, snake
from backwright.operations.rules import Rule, compile_rule

Verb = Literal["read", "list", "create", "update", "delete", "call"]
Kind = Literal["Transaction", "SignIn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing a caller can do."""

    name: str
    verb: Verb
    rule: Rule
    entity: type[Entity] | None = None
    function: Callable[..., Any] | None = None
    kind: Kind = "Transaction"
    """What the function's first parameter is."""
    anonymous: bool = False
    """Whether the function takes callers who have not signed in (its first parameter says so)."""
    result: Any = None
    """The function's declared result type."""
    cost: int = 1
    isolation: Isolation | None = None
    doc: str = ""

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return self.doc.splitlines()[0] if self.doc else self.name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Catalogue:
    """All operations, by name."""

    operations: dict[str, Operation]
    read: dict[type[Entity], Rule]
    """The read rule of every readable entity."""
    rules: dict[tuple[type[Entity], str], Rule]
    """The rule of each granted action on each entity."""

    def find(self, target: type[Entity] | Callable[..., Any], verb: Verb = "call") -> Operation | None:
        """The operation of an entity and verb, or of a function; None if it is not in the access table."""
        for operation in self.operations.values():
            if (operation.function is target) if verb == "call" else (operation.entity is target and operation.verb == verb):
                return operation
        return None


def build_catalogue(grants: Iterable[Grant], model: Model) -> Catalogue:
    """Read the access table. Raises `DeclarationError` with every mistake in it and in its rules."""
    operations: dict[str, Operation] = {}
    rules: dict[tuple[type[Entity], str], Rule] = {}
    mistakes: list[Mistake] = []
    for grant in grants:
        for action, raw in grant.rules:
            try:
                rule = compile_rule(raw, grant, model)
            except DeclarationError as error:
                mistakes += error.mistakes
                continue
            for operation in _operations(grant, action, rule, model, mistakes):
                if operation.name in operations:
                    mistakes.append(_mistake(grant, f"{operation.name} is allowed twice.", "Keep one line for it in the access table."))
                operations[operation.name] = operation
                if operation.entity is not None:
                    rules[operation.entity, operation.verb] = rule
    if mistakes:
        raise DeclarationError(mistakes)
    read = {entity: rule for (entity, verb), rule in rules.items() if verb == "read"}
    return Catalogue(operations, read, rules)


def _operations(grant: Grant, action: str, rule: Rule, model: Model, mistakes: list[Mistake]) -> list[Operation]:
    if isinstance(grant.target, type) and issubclass(grant.target, Entity):
        return _derived(grant, action, rule, model)
    operation = _called(grant, rule, mistakes)
    return [operation] if operation else []


def _derived(grant: Grant, action: str, rule: Rule, model: Model) -> list[Operation]:
    entity = model[grant.target]
    one, many = snake(entity.name), plural(snake(entity.name))
    words = {"read": "Read one", "list": "List", "create": "Create", "update": "Change", "delete": "Delete"}

    def make(verb: Verb, name: str) -> Operation:
        what = many.replace("_", " ") if verb == "list" else f"{'an' if one[0] in 'aeiou' else 'a'} {one.replace('_', ' ')}"
        doc = f"{words[verb]} {what if verb != 'read' else one.replace('_', ' ')}."
        return Operation(name=name, verb=verb, rule=rule, entity=entity.entity, cost=grant.cost, doc=doc)

    if action == "read":
        return [make("read", f"read_{one}"), make("list", f"list_{many}")]
    return [make(typing.cast(Verb, action), f"{action}_{one}")]


def _called(grant: Grant, rule: Rule, mistakes: list[Mistake]) -> Operation | None:
    function = grant.target
    if not inspect.iscoroutinefunction(function):
        mistakes.append(
            _mistake(
                grant,
                f"{getattr(function, '__name__', function)!r} is not an async function.",
                "Write it as: async def name(tx: Transaction[Account], ...)",
            )
        )
        return None
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except NameError as unknown:
        mistakes.append(
            _mistake(grant, f"{function.__name__} names a type that is not there: {unknown}.", "Define or import it in the same module.")
        )
        return None
    first = next(iter(inspect.signature(function).parameters), None)
    given = hints.get(first or "")
    kind = getattr(typing.get_origin(given), "__name__", "")
    if kind not in typing.get_args(Kind):
        mistakes.append(
            _mistake(
                grant,
                f"the first parameter of {function.__name__} does not say what kind of operation it is.",
                "Write: tx: Transaction[Customer]",
            )
        )
        return None
    if rule.predicate is not None:
        mistakes.append(
            _mistake(
                grant,
                f"the rule {rule.name} of {function.__name__} looks at rows.",
                "Let it look at the caller only, and judge rows inside the function.",
            )
        )
    caller = typing.get_args(given)[0]
    anonymous = type(None) in typing.get_args(caller)
    wanted = next((t for t in typing.get_args(caller) if t is not type(None)), None) if anonymous else caller
    if isinstance(wanted, type) and issubclass(wanted, Account):
        rule = _narrowed(rule, wanted, anonymous)
    return Operation(
        name=function.__name__, verb="call", rule=rule, function=function, kind=typing.cast(Kind, kind), anonymous=anonymous,
        result=hints.get("return"), cost=grant.cost, isolation=grant.isolation, doc=inspect.getdoc(function) or "",
    )  # fmt: skip


def _narrowed(rule: Rule, account: type[Account], anonymous: bool) -> Rule:
    """A function that takes a `Customer` is not asked by anybody else."""
    if account is Account and anonymous:
        return rule
    return replace(rule, caller_type=rule.caller_type or account, needs_caller=rule.needs_caller or not anonymous)


def _mistake(grant: Grant, what: str, mend: str) -> Mistake:
    return Mistake(grant.file, grant.line, what, mend)
