"""Who may do what: from ``security``, from ``x-access``, and from who owns a row. Pure."""

import re
from typing import Literal

from backwright.worker.blueprint import AccessLine, EntityPlan, OperationPlan, Who
from backwright.worker.design import Design, Operation
from backwright.worker.infer import names
from backwright.worker.infer.notes import Notes

_STAFF = re.compile(
    r"\b(admins?|administrators?|staff|managers?|librarians?|moderators?)\b[^.]{0,20}\bonly\b|\bonly\b[^.]{0,30}\b(admins?|administrators?|staff|managers?|moderators?)\b",
    re.I,
)
_PRIVATE = (
    "order",
    "cart",
    "basket",
    "address",
    "payment",
    "invoice",
    "notification",
    "message",
    "todo",
    "task",
    "note",
    "booking",
    "reservation",
    "subscription",
    "wishlist",
    "list",
)
Action = Literal["read", "create", "update", "delete", "call"]
_ACTIONS: dict[str, Action] = {
    "create": "create",
    "read": "read",
    "list": "read",
    "update": "update",
    "replace": "update",
    "delete": "delete",
}
_WORDS: dict[str, Who] = {"anyone": "anyone", "signed_in": "signed_in", "owner": "owner", "nobody": "nobody"}


class Access:
    """Reads the callers' part of each operation, then the lines of the access table."""

    def __init__(self, design: Design, notes: Notes) -> None:
        self.design, self.notes = design, notes
        self.said: dict[str, tuple[tuple[Who, ...], str]] = {}

    def caller(self, operation: Operation) -> tuple[Who, str, bool]:
        """Who may call: the weakest that is enough, the role's flag, and whether an anonymous caller may also be recognised."""
        requirements = self.design.requirements(operation)
        about = f"{operation.method} {operation.path}"
        declared = operation.extensions.get("x-access")
        if isinstance(declared, str):
            who, role = read(declared)
            self.said[f"{operation.place.file}#{operation.place.pointer}"] = who, role
            return who[0] if len(who) == 1 else "signed_in", role, False
        optional = any(not r.schemes for r in requirements) and any(r.schemes for r in requirements)
        if not requirements or optional or any(not r.schemes for r in requirements):
            welcome = optional or bool(re.search(r"\bauth(entication)?\b[^.]{0,20}\boptional", operation.description, re.I))
            if welcome and not optional:
                self.notes.add(
                    about,
                    "recognises a caller who has signed in, and answers others too",
                    "its description says that authentication is optional",
                    "likely",
                    operation.place,
                )
            return "anyone", "", welcome
        return self.role(operation, about)

    def role(self, operation: Operation, about: str) -> tuple[Who, str, bool]:
        scopes = {s for r in self.design.requirements(operation) for _, listed in r.schemes for s in listed}
        admin = next((s for s in sorted(scopes) if re.search(r"admin|staff|manage", s, re.I)), "")
        if admin:
            self.notes.add(about, "needs a member of staff", f"it asks for the scope {admin}", "likely", operation.place)
            return "staff", "is_staff", False
        if _STAFF.search(f"{operation.summary}. {operation.description}") is not None:
            self.notes.add(about, "needs a member of staff", "its description says so", "likely", operation.place)
            return "staff", "is_staff", False
        return "signed_in", "", False

    def lines(self, plans: dict[str, EntityPlan], operations: tuple[OperationPlan, ...], account: str) -> tuple[AccessLine, ...]:
        """The access table."""
        found: dict[tuple[str, str], AccessLine] = {}
        for operation in operations:
            for line in self.of(operation, plans, account):
                known = found.get((line.target, line.action))
                found[line.target, line.action] = line if known is None or _wider(line, known) else known
        return tuple(found.values())

    def of(self, operation: OperationPlan, plans: dict[str, EntityPlan], account: str) -> list[AccessLine]:
        plan = plans.get(operation.entity)
        if operation.kind in ("sign_up", "sign_in", "refresh", "sign_out"):
            return []
        if operation.kind in ("me", "update_me"):
            action: Action = "read" if operation.kind == "me" else "update"
            return [AccessLine(operation.entity, action, ("owner",), "id", "", "everybody has his own account", operation.place)]
        place, key = operation.place, f"{operation.place.file}#{operation.place.pointer}"
        if operation.kind == "command" or plan is None:
            said = self.said.get(key)
            own: tuple[tuple[Who, ...], str] = (operation.who,), operation.role
            who, role = said if said is not None else own
            return [
                AccessLine(
                    operation.name, "call", who, "", role, "x-access says so" if said is not None else "the operation's security", place
                )
            ]
        return [self.row(operation, plan, key, account)]

    def row(self, operation: OperationPlan, plan: EntityPlan, key: str, account: str) -> AccessLine:
        action = _ACTIONS[operation.kind]
        said = self.said.get(key)
        if said is not None:
            return AccessLine(
                plan.name,
                action,
                said[0],
                self.owner(plan, account) if "owner" in said[0] else "",
                said[1],
                "x-access says so",
                operation.place,
            )
        if operation.who == "staff":
            return AccessLine(plan.name, action, ("staff",), "", operation.role, "the operation's scope or description", operation.place)
        owner = self.owner(plan, account)
        if operation.who == "anyone" or not owner or not self.owned(action, plan):
            reason = (
                "no security applies" if operation.who == "anyone" else "its security" if owner else "its security, and nobody owns a row"
            )
            return AccessLine(plan.name, action, (operation.who,), "", "", reason, operation.place)
        reason = f"{owner} owns a row" if owner != "id" else "everybody has his own account"
        self.notes.add(
            f"access {plan.name}.{action}",
            f"only the {owner} may" if owner != "id" else "only for one's own account",
            f"the operation needs sign-in, and {reason}",
            "likely",
            operation.place,
        )
        return AccessLine(plan.name, action, ("owner",), owner, "", reason, operation.place)

    def owner(self, plan: EntityPlan, account: str) -> str:
        return "id" if plan.name == account else plan.owner

    def owned(self, action: str, plan: EntityPlan) -> bool:
        """Changes are the owner's; reading is, where rows are private by their nature; anybody who signed in may create."""
        if action == "read":
            return plan.name != "" and (names.norm(plan.name).rpartition("_")[2] in _PRIVATE)
        return action in ("update", "delete") or (plan.field(plan.owner) is not None and not _managed(plan))


def _managed(plan: EntityPlan) -> bool:
    field = plan.field(plan.owner)
    return field is not None and field.managed


def read(text: str) -> tuple[tuple[Who, ...], str]:
    """``x-access``: words joined by "or": anyone, signed_in, owner, nobody, or an account's flag such as ``staff``."""
    who: list[Who] = []
    role = ""
    for word in re.split(r"\s+or\s+|\s*[,|]\s*", text.strip()):
        known = _WORDS.get(names.norm(word))
        if known is None:
            role = names.norm(word) if names.norm(word).startswith(("is_", "can_")) else f"is_{names.norm(word)}"
        who.append(known or "staff")
    return tuple(dict.fromkeys(who)), role


def _wider(one: AccessLine, other: AccessLine) -> bool:
    order = ("nobody", "staff", "owner", "signed_in", "anyone")
    return max(order.index(w) for w in one.who) > max(order.index(w) for w in other.who)
