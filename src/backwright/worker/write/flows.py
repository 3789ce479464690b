"""The other tests of a delivered project: that it compiles, that one can sign in, and that every business rule is written. Pure."""

from backwright.worker.blueprint import Blueprint, OperationPlan
from backwright.worker.write import samples
from backwright.worker.write.functions import words
from backwright.worker.write.serving import Serving
from backwright.worker.write.source import Source, docstring, literal, sentence

DECLARED = '''"""The declarations fit together."""

from app import app


def test_model() -> None:
    """Every entity is read without a mistake."""
    assert {{model.name for model in app.model.in_order}} >= {{{names}}}


def test_access() -> None:
    """Every rule and every function of the access table is read without a mistake."""
    assert set(app.catalogue.operations) == {{{operations}}}
'''

SIGN_IN = '''"""Signing up, in and out, as a client goes through it."""

from typing import Any

from backwright.testing import Client
from tests.served import served

CREDENTIALS = {{"email": "ada@example.com", "password": "correct horse battery staple"}}


async def signed_in(client: Client) -> dict[str, Any]:
    """Sign up and in; gives the tokens."""
    made = await client.post("{prefix}/sign-up", CREDENTIALS{more})
    assert made.status == 201, made
    answer = await client.post("{prefix}/sign-in", CREDENTIALS)
    assert answer.status == 200, answer
    tokens: dict[str, Any] = answer.json()
    return tokens


@served
async def test_sign_up_and_in(client: Client) -> None:
    """The tokens of a sign-in say who one is."""
    tokens = await signed_in(client)
    answer = await client.get("{prefix}/me", as_=tokens["{access}"])
    assert answer.json()["email"] == CREDENTIALS["email"]


@served
async def test_one_account_an_address(client: Client) -> None:
    """An address that is taken is a conflict."""
    await signed_in(client)
    answer = await client.post("{prefix}/sign-up", CREDENTIALS{more})
    assert answer.status == 409, answer


@served
async def test_weak_password(client: Client) -> None:
    """A short password is refused."""
    answer = await client.post("{prefix}/sign-up", CREDENTIALS{more} | {{"password": "short"}})
    assert answer.status == {invalid}, answer


@served
async def test_wrong_password(client: Client) -> None:
    """A wrong password and an unknown address are answered alike."""
    await signed_in(client)
    wrong = await client.post("{prefix}/sign-in", CREDENTIALS | {{"password": "quite another one"}})
    unknown = await client.post("{prefix}/sign-in", CREDENTIALS | {{"email": "nobody@example.com"}})
    assert wrong.status == unknown.status == 401


@served
async def test_refresh_rotates(client: Client) -> None:
    """A refresh token is good once; used twice it ends the session."""
    tokens = await signed_in(client)
    first = await client.post("{prefix}/refresh", {{"{refresh}": tokens["{refresh}"]}})
    again = await client.post("{prefix}/refresh", {{"{refresh}": tokens["{refresh}"]}})
    assert (first.status, again.status) == (200, 401)
    assert (await client.get("{prefix}/me", as_=first.json()["{access}"])).status == 401


@served
async def test_sign_out(client: Client) -> None:
    """After signing out the tokens are worth nothing."""
    tokens = await signed_in(client)
    assert (await client.post("{prefix}/sign-out", as_=tokens["{access}"])).status == 204
    assert (await client.get("{prefix}/me", as_=tokens["{access}"])).status == 401


@served
async def test_nobody(client: Client) -> None:
    """Without a token one is nobody."""
    assert (await client.get("{prefix}/me")).status == 401
'''


def declared_file(blueprint: Blueprint, operations: list[str]) -> str:
    """``tests/unit/test_declarations.py``."""
    names = ", ".join(literal(e.name) for e in blueprint.entities)
    return DECLARED.format(names=names, operations=", ".join(map(literal, sorted(operations))))


def sign_in_file(serving: Serving) -> str:
    """``tests/integration/test_sign_in.py``; nothing where the default sign-in is not served."""
    account = serving.blueprint.sign_in_account
    if not serving.default_accounts or account is None:
        return ""
    contract = serving.blueprint.contract
    needed = [f for f in account.fields if not f.managed and not f.secret and not f.stamp and f.default is not None and not f.optional]
    more = {f.wire: samples.of_field(serving.blueprint, f) for f in needed if f.name != "email" and repr(f.default) == "ABSENT"}
    return SIGN_IN.format(
        prefix=contract.prefix, more=f" | {more!r}" if more else "", invalid=contract.errors.invalid_status,
        access=serving.named("access_token"), refresh=serving.named("refresh_token"),
    )  # fmt: skip


def rule_file(operation: OperationPlan, module: str) -> str:
    """A test that fails until somebody has written the rule, and names it."""
    source = Source(f"The business rule {operation.name}: {sentence(operation.rule or operation.summary, operation.name)}")
    source.use(module, operation.name)
    where = module.replace(".", "/") + ".py"
    message = f"the business rule {operation.name} is not written yet: {where}"
    lines = [
        f"def test_{operation.name}_is_written() -> None:",
        docstring(words(operation).splitlines()[0]),
        f'    assert "NotImplementedYet" not in {operation.name}.__code__.co_names, {literal(message)}',
    ]
    source.add("\n".join(lines))
    return source.text()


class CommandTests:
    """``tests/api/test_<command>.py`` for functions that somebody has written: who may not call them."""

    def __init__(self, serving: Serving, access: dict[str, str]) -> None:
        self.serving, self.access = serving, access

    def file(self, operation: OperationPlan) -> str:
        """The file's text; nothing where everybody may call it."""
        if self.access.get(operation.name, "anyone") == "anyone":
            return ""
        source = Source(f"{sentence(operation.summary, operation.name)}")
        source.use("tests.served", "served")
        source.use("backwright.testing", "Client")
        path = self.serving.blueprint.contract.prefix + operation.path
        for key in operation.keys:
            path = path.replace("{" + key.wire + "}", "1" if key.kind.value == "int" else "0190a5c8-7d2e-7c3a-9f10-2b6a4d5e6fff")
        body = ", {}" if operation.body is not None else ""
        lines = [
            "@served", f"async def test_{operation.name}_needs_sign_in(client: Client) -> None:",
            '    """Nobody gets in without signing in."""',
            f"    answer = await client.{operation.method.lower()}({literal(path)}{body})", "    assert answer.status == 401, answer",
        ]  # fmt: skip
        source.add("\n".join(lines))
        return source.text()
