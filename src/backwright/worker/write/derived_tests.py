"""The tests of functions that follow from a design: signing in as the design has it, and each operation for those who may. Pure."""

from collections.abc import Iterator
from typing import Any

from backwright.domain.naming import snake
from backwright.worker.blueprint import BodyPlan, Member, OperationPlan
from backwright.worker.write import samples
from backwright.worker.write.access import Access
from backwright.worker.write.serving import Serving
from backwright.worker.write.source import Source, docstring, literal, sentence
from backwright.worker.write.tests import a

PASSWORD = "correct horse battery staple"
EMAIL = "ada@example.com"


class DerivedTests:
    """Writes the tests of ``sign_in.py`` and ``operations.py``."""

    def __init__(self, serving: Serving, access: Access, operations: list[OperationPlan]) -> None:
        self.serving, self.blueprint, self.access, self.operations = serving, serving.blueprint, access, operations
        self.prefix = serving.blueprint.contract.prefix

    # --- signing in ---------------------------------------------------------------------------------------------------

    def sign_in_file(self) -> str:
        """``tests/integration/test_sign_in.py``; nothing unless the design lets people sign up and in."""
        kinds = {o.kind: o for o in self.operations}
        up, into = kinds.get("sign_up"), kinds.get("sign_in")
        where = self.token_of(into) if into is not None else None
        if up is None or into is None or up.body is None or into.body is None or where is None:
            return ""
        source = Source("Signing up and in, as a client of the design goes through it.")
        source.add(f"SIGN_UP = {self.body(up.body)!r}")
        source.add(f"SIGN_IN = {self.body(into.body)!r}")
        source.use("backwright.testing", "Client")
        source.use("tests.served", "served")
        source.add(
            f'async def signed_in(client: Client) -> str:\n    """Sign up and in; gives the access token."""\n'
            f"    made = await client.{up.method.lower()}({literal(self.prefix + up.path)}, SIGN_UP)\n"
            f"    assert made.status == {up.answer.status}, made\n"
            f"    answer = await client.{into.method.lower()}({literal(self.prefix + into.path)}, SIGN_IN)\n"
            f"    assert answer.status == {into.answer.status}, answer\n"
            f"    return str(answer.json(){where})"
        )
        self.test(source, "sign_up_and_in", "Who has signed up signs in.", ["assert await signed_in(client)"])
        wrong = repr(self.body(into.body, password="quite another one"))
        asked = f"answer = await client.{into.method.lower()}({literal(self.prefix + into.path)}, {wrong})"
        self.test(
            source,
            "wrong_password",
            "A wrong password is refused.",
            ["await signed_in(client)", asked, "assert answer.status == 401, answer"],
        )
        for kind in ("me", "update_me", "sign_out"):
            if (operation := kinds.get(kind)) is not None:
                self.own(source, operation)
        return source.text()

    def own(self, source: Source, operation: OperationPlan) -> None:
        """Showing, changing and leaving one's own account."""
        body = f", {self.body(operation.body, changed=True)!r}" if operation.body is not None else ""
        path, method = literal(self.prefix + operation.path), operation.method.lower()
        asked = f"answer = await client.{method}({path}{body}, as_=await signed_in(client))"
        self.test(
            source, operation.name, sentence(operation.summary), [asked, f"assert answer.status == {operation.answer.status}, answer"]
        )
        nobody = [f"answer = await client.{method}({path}{body})", "assert answer.status == 401, answer"]
        self.test(source, f"{operation.name}_needs_sign_in", "Nobody gets in without signing in.", nobody)

    def body(self, body: BodyPlan, *, password: str = PASSWORD, changed: bool = False) -> dict[str, Any]:
        """A body with the address and password of these tests."""
        found: dict[str, Any] = {}
        for member in self.blueprint.shape(body.shape).members if body.shape else ():
            if member.source == "password":
                found[member.wire] = password
            elif member.field == "email" or member.name in ("email", "login") or (member.name == "username" and not member.field):
                found[member.wire] = f"new-{EMAIL}" if changed else EMAIL
            elif member.required or changed:
                found[member.wire] = samples.of_member(self.blueprint, member)
        return {body.envelope: found} if body.envelope else found

    def token_of(self, operation: OperationPlan) -> str | None:
        """Where the answer carries the access token."""
        members: tuple[Member, ...] = self.blueprint.shape(operation.answer.shape).members if operation.answer.shape else ()
        wire = next((m.wire for m in members if m.source == "token"), None)
        envelope = operation.answer.envelope
        return None if wire is None else f"{f'[{literal(envelope)}]' if envelope else ''}[{literal(wire)}]"

    # --- operations ---------------------------------------------------------------------------------------------------

    def operations_file(self) -> str:
        """``tests/api/test_operations.py``; nothing if there are none."""
        source = Source("Operations that no resource serves by itself, as clients see them.")
        for operation in self.operations:
            if operation.kind in ("list", "read", "create", "update", "replace", "delete") and all(k.entity for k in operation.keys):
                self.operation(source, operation)
        return source.text() if source.parts else ""

    def operation(self, source: Source, operation: OperationPlan) -> None:
        """Somebody who may, and who may not."""
        lines, who = list(self.rows(source, operation)), self.who(operation)
        body = self.sent(operation)
        asked = f"answer = await client.{operation.method.lower()}({self.path(operation)}{body}"
        fine = [*lines, f"{asked}{', as_=who' if who else ''})", f"assert answer.status == {operation.answer.status}, answer"]
        self.test(source, operation.name, sentence(operation.summary, operation.name), fine)
        if operation.who != "anyone":
            nobody = [*lines, f"{asked})", "assert answer.status == 401, answer"]
            self.test(source, f"{operation.name}_needs_sign_in", "Nobody gets in without signing in.", nobody)
        owned = any(a.target == operation.entity and a.action == operation.kind and a.who == ("owner",) for a in self.blueprint.access)
        if owned and self.access.account is not None:
            other = f"stranger = await {a(self.access.account.name)}(client.app)"
            strange = [*lines, other, f"{asked}, as_=stranger)", "assert answer.status == 403, answer"]
            self.test(source, f"{operation.name}_by_a_stranger", "Somebody else may not.", strange)

    def who(self, operation: OperationPlan) -> bool:
        """Whether somebody must be signed in."""
        return operation.who != "anyone" and self.access.account is not None

    def rows(self, source: Source, operation: OperationPlan) -> Iterator[str]:
        """Lines that store what the path names, all of it the caller's, and each in the one before it."""
        account = self.access.account
        if account is not None:
            source.use("tests.rows", a(account.name))
            flag = f"{operation.role}=True" if operation.role and account.field(operation.role) else ""
            yield f"who = await {a(account.name)}(client.app{', ' + flag if flag else ''})"
        before = ""
        for key in operation.keys:
            entity = self.blueprint.entity(key.entity)
            given = [f"{entity.owner}=who.id"] if entity.owner and account is not None else []
            given += [f"{f.name}={snake(before)}.id" for f in entity.fields if before and f.target == before and f.name != entity.owner]
            source.use("tests.rows", a(entity.name))
            yield f"{snake(entity.name)} = await {a(entity.name)}({', '.join(['client.app', *given])})"
            before = entity.name

    def path(self, operation: OperationPlan) -> str:
        """The path with the keys of the rows."""
        path = self.prefix + operation.path
        for key in operation.keys:
            path = path.replace("{" + key.wire + "}", "{" + f"{snake(key.entity)}.{key.field or 'id'}" + "}")
        return f"f{literal(path)}" if operation.keys else literal(path)

    def sent(self, operation: OperationPlan) -> str:
        """A body that fits."""
        if operation.body is None or not operation.body.shape:
            return ""
        members = [m for m in self.blueprint.shape(operation.body.shape).members if m.required or operation.kind == "update"]
        found = {m.wire: samples.of_member(self.blueprint, m) for m in members if m.source == "field"}
        envelope = operation.body.envelope
        return f", { ({envelope: found} if envelope else found)!r}"

    def test(self, source: Source, name: str, doc: str, lines: list[str]) -> None:
        """One test."""
        source.use("backwright.testing", "Client")
        source.use("tests.served", "served")
        head = ["@served", f"async def test_{name}(client: Client) -> None:", docstring(doc)]
        source.add("\n".join([*head, *(f"    {line}" for line in used(lines))]))


def used(lines: list[str]) -> list[str]:
    """The lines, without names for rows that nothing asks for."""
    text = "\n".join(lines)

    def bare(line: str) -> str:
        name, _, value = line.partition(" = ")
        alone = value.startswith("await a") and text.count(f"{name}.") + text.count(f"={name}") == 0
        return value if alone and name != "answer" else line

    return [bare(line) for line in lines]
