"""``access.py``: the rules of a design and the table of who may do what. Pure."""

from dataclasses import dataclass

from backwright.domain.naming import snake
from backwright.worker.blueprint import AccessLine, Blueprint, Who
from backwright.worker.write.serving import Serving
from backwright.worker.write.source import Source, docstring

WRITES = ("create", "update", "delete")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule function: its name, parameters and condition."""

    name: str
    parameters: str
    condition: str
    doc: str


class Access:
    """The rules and grants of a blueprint."""

    def __init__(self, serving: Serving) -> None:
        self.blueprint = blueprint = serving.blueprint
        served = blueprint.operations
        self.account = blueprint.sign_in_account
        self.rules: dict[str, Rule] = {}
        self.grants: dict[str, dict[str, str]] = {}
        """Entity → action → the name of its rule, in the order of the design."""
        self.calls: dict[str, str] = {}
        """Operation → the name of its rule."""
        costs = {o.name: o.cost for o in blueprint.operations}
        self.costs = {name: cost for name, cost in costs.items() if cost != 1}
        own = {o.entity for o in served if o.kind in ("me", "update_me")}
        others = {o.entity for o in served if o.kind in ("read", "list", "create", "update", "replace", "delete")}
        doors: dict[str, set[str]] = {}
        for plan in serving.resources:
            doors.setdefault(plan.entity.name, set()).update({"replace": "update"}.get(verb, verb) for verb in plan.operations)
        for line in blueprint.access:
            if line.action == "call":
                self.calls[line.target] = self.rule(line)
                continue
            reached = line.action == "read" or line.action in doors.get(line.target, ())
            if line.target not in own - others and reached and (rule := self.rule(line)):
                self.grants.setdefault(line.target, {})[line.action] = rule

    def rule(self, line: AccessLine) -> str:
        """The name of the rule that the line means; nothing where nobody may."""
        who = set(line.who)
        if "anyone" in who:
            return "anyone"
        if "signed_in" in who:
            return "signed_in"
        if self.account is None or not who & {"owner", "staff"}:
            return ""
        entity = "" if line.action == "call" else line.target
        made = _rule(who, entity, line.owner, line.role, self.account.name)
        self.rules.setdefault(made.name, made)
        return made.name


def _rule(who: set[Who], entity: str, owner: str, role: str, account: str) -> Rule:
    role_name = role.removeprefix("is_") or "staff"
    if "owner" not in who or not entity:
        return Rule(role_name, f"who: {account}", f"who.{role}", f"Whether the caller is {role_name}.")
    row = snake(entity)
    key = f"{row}.id" if owner == "id" else f"{row}.{owner}"
    name, doc = ("oneself", "Everybody has his own.") if owner == "id" else (f"own_{row}", f"The {owner} of the {row.replace('_', ' ')}.")
    condition = f"{key} == who.id"
    if "staff" in who:
        name, condition = f"{name}_or_{role_name}", f"{condition} or who.{role}"
        doc = f"{doc[:-1]}, or {role_name}."
    return Rule(name, f"{row}: {entity}, who: {account}", condition, doc)


def access_file(blueprint: Blueprint, access: Access, functions: dict[str, str]) -> str:
    """The file's text. ``functions`` says in which module each function that may be called stands."""
    source = Source("Who may do what. What is not named here cannot be reached.", blueprint.names)
    for rule in access.rules.values():
        for parameter in rule.parameters.split(", "):
            source.use("model", parameter.partition(": ")[2])
        source.add(f"def {rule.name}({rule.parameters}) -> bool:\n{docstring(rule.doc)}\n    return {rule.condition}")
    lines = [_grant(source, entity, rules) for entity, rules in access.grants.items()]
    for name, called in access.calls.items():
        if name in functions:
            cost = f", cost={access.costs[name]}" if name in access.costs else ""
            lines.append(f"{source.kit('allow')}({source.use(functions[name], name)}, call={_named(source, called)}{cost})")
    source.add("access = [\n" + "\n".join(f"    {line}," for line in lines) + "\n]")
    return source.text()


def _grant(source: Source, entity: str, rules: dict[str, str]) -> str:
    said = dict(rules)
    if len({said.get(action) for action in WRITES}) == 1 and "create" in said:
        said = {"read": said["read"]} if "read" in said else {}
        said["write"] = rules["create"]
    words = ", ".join(f"{action}={_named(source, rule)}" for action, rule in said.items())
    return f"{source.kit('allow')}({source.use('model', entity)}, {words})"


def _named(source: Source, rule: str) -> str:
    return source.kit(rule) if rule in ("anyone", "signed_in") else rule
