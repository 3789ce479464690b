"""The default contract's routes for accounts: sign-up, sign-in, refresh, sign-out and me."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from backwright.api.http.message import HttpRequest
from backwright.api.rest import writing
from backwright.api.rest.conditions import expect_json
from backwright.api.rest.documented import JSON, Documented, Given, Taken
from backwright.api.rest.door import RestDoor
from backwright.api.rest.endpoint import Act, Decode, RestEndpoint
from backwright.api.rest.renaming import renamed
from backwright.domain.access import anyone, signed_in
from backwright.domain.entity import Account
from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.domain.naming import kebab
from backwright.identity.accounts import Accounts, SignedInTokens
from backwright.operations.call import Call
from backwright.operations.inputs import Decoder, Input, create_type, input_of
from backwright.operations.operation import Operation
from backwright.operations.reply import NOTHING, Reply
from backwright.operations.results import Result
from backwright.operations.rules import Rule
from backwright.operations.shapes import Leaf, Member, ObjectOf, Shape, shape_of

_ANYONE = Rule("anyone", needs_caller=anyone.signed_in)
_encode = msgspec.json.Encoder().encode
SHOWN = "seven wet otters"
PASSWORD = Leaf(kind=Kind.TEXT, python=str, limits=Limits(min_length=1, max_length=1024))


def account_routes(door: RestDoor, kind: type[Account], accounts: Accounts[Any], *, sign_up: bool) -> None:
    """Add the routes for one class of accounts; a second class gets its name in front: ``/v1/member/sign-in``."""
    made = AccountRoutes(door, kind, accounts)
    base = door.rest.prefix
    if ("POST", f"{base}/sign-in") in door.site.router.templates:
        base += f"/{kebab(kind.__name__)}"
    shown, tokens = Result(entity=kind), Result(shape=_shape_of_tokens(door))
    if sign_up:
        _add(door, "POST", f"{base}/sign-up", made.sign_up(f"{base}/me"), Given(status=201, result=shown, tagged=True, located=True))
    _add(door, "POST", f"{base}/sign-in", made.sign_in(), Given(status=200, result=tokens))
    _add(door, "POST", f"{base}/refresh", made.refresh(), Given(status=200, result=tokens))
    _add(door, "POST", f"{base}/sign-out", made.sign_out(), Given(status=204))
    _add(door, "GET", f"{base}/me", made.me(), Given(status=200, result=shown, tagged=True))


def _add(door: RestDoor, method: str, path: str, endpoint: RestEndpoint, gives: Given) -> None:
    takes = Taken(media=(JSON,), shape=endpoint.input.shape) if endpoint.input is not None else None
    door.add_account(
        Documented(
            method=method, path=path, operation=endpoint.operation, tag="Accounts", takes=takes, gives=gives, references=takes is not None
        ),
        endpoint,
    )


def _shape_of_tokens(door: RestDoor) -> Shape:
    shape = shape_of(SignedInTokens, door.model)
    assert isinstance(shape, ObjectOf)
    return renamed(Input(shape), door.naming).shape


class AccountRoutes:
    """Compiles the routes of one class of accounts."""

    def __init__(self, door: RestDoor, kind: type[Account], accounts: Accounts[Any]) -> None:
        self.door = door
        self.kind = kind
        self.accounts = accounts
        self.represent = door.executor.represented
        self.shape = door.shape_of(kind)
        own = Rule("signed_in", needs_caller=signed_in.signed_in, caller_type=kind)
        self.own = own

    def sign_up(self, location: str) -> RestEndpoint:
        shape = create_type(self.door.model, self.kind).shape
        password = Member(name="password", wire="password", shape=self.password(), example=SHOWN, doc="Common passwords are refused.")
        members = (*(m for m in shape.members), password)
        input = renamed(Input(ObjectOf(name=f"{self.kind.__name__}SignUp", members=members)), self.door.naming)

        async def act(given: dict[str, Any], call: Call) -> Reply:
            values = {name: value for name, value in given.items() if name not in ("email", "password")}
            account = await self.accounts.sign_up(given["email"], given["password"], values)
            call.shape = self.shape
            return await self.represent(call, account)

        return self._endpoint("sign_up", "Make an account.", _ANYONE, input, act, writing.one(201, location=location))

    def password(self) -> Leaf:
        """A new password: the policy's lengths are said in the schema; the policy itself is asked later, and says more."""
        return replace(PASSWORD, limits=Limits(min_length=self.accounts.policy.min_length, max_length=1024))

    def sign_in(self) -> RestEndpoint:
        email = Member(
            name="email", wire="email", shape=Leaf(kind=Kind.TEXT, python=str, limits=Limits(max_length=254)), example="reader@example.org"
        )
        input = input_of("Credentials", (email, Member(name="password", wire="password", shape=PASSWORD, example=SHOWN)))

        async def act(given: dict[str, Any], call: Call) -> Reply:
            now = call.request.time.timestamp()
            _, tokens = await self.accounts.sign_in(given["email"], given["password"], now, address=call.request.address)
            return Reply(value=tokens)

        return self._endpoint("sign_in", "Exchange an e-mail address and a password for tokens.", _ANYONE, input, act, _tokens(self.door))

    def refresh(self) -> RestEndpoint:
        token = Member(
            name="refresh_token",
            wire=self.door.naming("refresh_token"),
            shape=Leaf(kind=Kind.TEXT, python=str, limits=Limits(max_length=512)),
        )
        input = input_of("RefreshToken", (token,))

        async def act(given: dict[str, Any], call: Call) -> Reply:
            return Reply(value=await self.accounts.refresh(given["refresh_token"], call.request.time.timestamp()))

        return self._endpoint(
            "refresh", "Exchange a refresh token for new tokens; each refresh token is good once.", _ANYONE, input, act, _tokens(self.door)
        )

    def sign_out(self) -> RestEndpoint:
        async def act(given: Any, call: Call) -> Reply:
            await self.accounts.sign_out(call.caller, call.request.time.timestamp())
            return NOTHING

        return self._endpoint("sign_out", "End this session: its tokens are refused from now on.", self.own, None, act, writing.empty(204))

    def me(self) -> RestEndpoint:
        async def act(given: Any, call: Call) -> Reply:
            assert call.caller.account is not None
            call.shape = self.shape
            return await self.represent(call, call.caller.account)

        return self._endpoint("me", "Who is signed in.", self.own, None, act, writing.one(200))

    def _endpoint(self, name: str, doc: str, rule: Rule, input: Input | None, act: Act, write: Callable[..., Any]) -> RestEndpoint:
        operation = Operation(name=name, verb="call", rule=rule, doc=doc)
        if input is None:
            return RestEndpoint(self.door.gate, operation, lambda request, body, call: None, act, write)
        return RestEndpoint(
            self.door.gate, operation, _decode(input, self.door), act, write, body_limit=self.door.limits.max_bytes, input=input
        )


def _decode(input: Input, door: RestDoor) -> Decode:
    decoder = Decoder(input, door.limits)

    def decode(request: HttpRequest, body: bytes, call: Call) -> dict[str, Any]:
        expect_json(request)
        return input.given(decoder.decode(body))

    return decode


def _tokens(door: RestDoor) -> writing.Write:
    """Tokens under the contract's names. They must not be cached (RFC 6749, 5.1)."""
    names = {name: door.naming(name) for name in SignedInTokens.__struct_fields__}
    write = writing.value(200, None, lambda tokens: _encode({wire: getattr(tokens, name) for name, wire in names.items()}))

    def uncached(request: HttpRequest, reply: Reply) -> Any:
        response = write(request, reply)
        response.headers.append((b"cache-control", b"no-store"))
        return response

    return uncached
