"""The routes of functions: where each parameter comes from (path, query, body), and how the result goes out."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from backwright.api.http.message import HttpRequest, HttpResponse
from backwright.api.http.negotiate import require_media
from backwright.api.http.pairs import parse_pairs
from backwright.api.http.router import decoded
from backwright.api.rest import writing
from backwright.api.rest.answering import Answers
from backwright.api.rest.conditions import expect_json, remember_key
from backwright.api.rest.contract import Route
from backwright.api.rest.documented import FORM, JSON, MULTIPART, Documented, Given, Taken
from backwright.api.rest.endpoint import RestEndpoint
from backwright.api.rest.forms import FormReader
from backwright.api.rest.renaming import renamed
from backwright.data.sql.shapes import Shape
from backwright.domain.entity import Entity
from backwright.domain.mistakes import DeclarationError, Mistake
from backwright.domain.model import Model
from backwright.domain.refusals import Malformed, Problem
from backwright.operations.answers import File, Html, Stream
from backwright.operations.call import Call
from backwright.operations.execution import Executor
from backwright.operations.gate import Gate
from backwright.operations.given_inputs import Body
from backwright.operations.inputs import Decoder, Input, call_type
from backwright.operations.operation import Operation
from backwright.operations.parameters import ParameterDecoder
from backwright.operations.prescan import InputLimits
from backwright.operations.results import ANSWERS, encoder_of, optional_shape, result_of
from backwright.operations.shapes import Member, ObjectOf
from backwright.operations.signatures import body_parameter, file_parts, form_members

WITHOUT_BODY = ("GET", "HEAD", "DELETE")
_encode = msgspec.json.Encoder().encode
Inputs = dict[str, Any]
FromBody = Callable[[HttpRequest, bytes, Call], Inputs]


class FunctionRoute:
    """Compiles the route of one function."""

    def __init__(
        self, route: Route, operation: Operation, model: Model, executor: Executor, gate: Gate, *, prefix: str,
        naming: Callable[[str], str], limits: InputLimits, answers: Answers, shape_of: Callable[[type[Entity]], Shape],
    ) -> None:  # fmt: skip
        self.route = route
        self.operation = operation
        self.path = prefix + route.path
        self.executor = executor
        self.gate = gate
        self.limits = limits
        self.answers = answers
        self.result = result_of(route.function, model, naming)
        self.shape = shape_of(self.result.entity) if self.result.entity is not None else None
        given = call_type(route.function, model).shape
        self.form_members = self._named(form_members(route.function, model), naming)
        self.parts = tuple((self._wire(part.name, naming), part) for part in file_parts(route.function))
        self.raw = body_parameter(route.function)
        self._sort(given, self._named(given.members, naming), naming)

    def _wire(self, name: str, naming: Callable[[str], str]) -> str:
        return self.route.names.get(name, naming(name))

    def _named(self, members: tuple[Member, ...], naming: Callable[[str], str]) -> tuple[Member, ...]:
        return tuple(replace(m, wire=self.route.names.get(m.name, naming(m.wire))) for m in members)

    def _sort(self, shape: ObjectOf, members: tuple[Member, ...], naming: Callable[[str], str]) -> None:
        """Each parameter to where it comes from: the path, a form, and what is left from the query or a JSON body."""
        by_wire = {m.wire: m for m in members} | {m.name: m for m in members}
        in_path = re.findall(r"{(\w+)(?::path)?}", self.route.path)
        if unknown := [name for name in in_path if name not in by_wire]:
            raise self._mistake(
                f"its path names {unknown[0]}, which is no parameter of it", "Name a parameter of the function, or take it out."
            )
        self.path_members = tuple(by_wire[name] for name in in_path)
        rest = tuple(m for m in members if m not in self.path_members)
        is_form = bool(self.form_members or self.parts)
        if self.route.media in (FORM, MULTIPART) and not is_form:
            is_form, self.form_members, rest = True, rest, ()
        if is_form and self.raw:
            raise self._mistake("it takes both a form and the raw body", "Take one of them.")
        bodiless = self.route.method in WITHOUT_BODY
        if bodiless and (is_form or self.raw):
            raise self._mistake(f"a {self.route.method} has no body to take", "Serve it by POST, PUT or PATCH.")
        if self.route.media not in (JSON, FORM, MULTIPART) and not (self.raw or self.route.media.endswith("+json")):
            raise self._mistake(f"nothing in it takes a body of {self.route.media}", "Give it a parameter of type Body.")
        self.form = FormReader(self.form_members, self.parts, self.limits.max_bytes) if is_form else None
        self.has_json = not (bodiless or is_form or self.raw)
        self.query_members = () if self.has_json else rest
        plain = Input(replace(shape, members=rest if self.has_json else ()))
        self.body = renamed(plain, naming, self.route.takes if rest else None)

    def _mistake(self, what: str, mend: str) -> DeclarationError:
        code = self.route.function.__code__
        where = f"{self.route.method} {self.route.path} cannot serve {self.route.function.__name__}: {what}."
        return DeclarationError([Mistake(code.co_filename, code.co_firstlineno, where, mend)])

    # --- answering ----------------------------------------------------------------------------------------------------

    def endpoint(self) -> RestEndpoint:
        """The endpoint."""
        status = self.route.status
        write = writing.value(status, self.route.gives, _encode)

        def written(request: HttpRequest, result: Any) -> HttpResponse:
            return result if isinstance(result, HttpResponse) else write(request, result)

        limit = self.limits.max_bytes if self.has_json or self.raw else None
        return RestEndpoint(self.gate, self.operation, self._decode(), self._act(), written, body_limit=limit)

    def _act(self) -> Callable[[tuple[HttpRequest, Inputs], Call], Any]:
        operation, command, shape, form, respond = self.operation, self.executor.command, self.shape, self.form, self.answers.respond
        sent = optional_shape(self.result)
        encode = None if sent is None else encoder_of(sent)

        async def run(request: HttpRequest, inputs: Inputs, call: Call) -> Any:
            call.shape, call.encode = shape, encode
            reply = await command(operation, inputs, call)
            return await respond(request, reply.value) if isinstance(reply.value, ANSWERS) else reply

        async def act(given: tuple[HttpRequest, Inputs], call: Call) -> Any:
            request, inputs = given
            if form is None:
                return await run(request, inputs, call)
            values, opened = await form.read(request, call)
            try:
                return await run(request, inputs | values, call)
            finally:
                opened.close()

        return act

    # --- reading ------------------------------------------------------------------------------------------------------

    def _decode(self) -> Callable[[HttpRequest, bytes, Call], tuple[HttpRequest, Inputs]]:
        from_path, from_query = self._from_path(), self._from_query()
        from_body = self._from_json() if self.has_json else self._from_raw() if self.raw else None
        check_key = self._key()

        def decode(request: HttpRequest, body: bytes, call: Call) -> tuple[HttpRequest, Inputs]:
            check_key(request, body, call)
            inputs = from_path(request)
            inputs.update(from_query(request))
            if from_body is not None:
                inputs.update(from_body(request, body, call))
            return request, inputs

        return decode

    @property
    def keyed(self) -> bool:
        """Whether a repeated call with the same Idempotency-Key is answered from memory."""
        return self.route.method not in ("GET", "HEAD") and not {File, Stream, Html} & set(self.result.answers)

    def _key(self) -> Callable[[HttpRequest, bytes, Call], None]:
        keyed, later = self.keyed, self.form is not None

        def check(request: HttpRequest, body: bytes, call: Call) -> None:
            key = request.headers.get(b"idempotency-key")
            if key is None:
                return
            if not keyed:
                problem = Problem(
                    "This call cannot be repeated by a key: its answer is not kept.", parameter="Idempotency-Key", code="header"
                )
                raise Malformed(problems=(problem,))
            if not later:
                remember_key(request, key, body, call)

        return check

    def _from_path(self) -> Callable[[HttpRequest], Inputs]:
        if not self.path_members:
            return lambda request: {}
        names = [m.wire for m in self.path_members]
        decode = ParameterDecoder(self.path_members, "path").decode
        return lambda request: decode(zip(names, map(decoded, request.params), strict=True))

    def _from_query(self) -> Callable[[HttpRequest], Inputs]:
        decode = ParameterDecoder(self.query_members, "query").decode
        return lambda request: decode(parse_pairs(request.query))

    def _from_json(self) -> FromBody:
        decoder, takes, members = Decoder(self.body, self.limits), self.route.takes, self.body.shape.members

        def read(request: HttpRequest, body: bytes, call: Call) -> Inputs:
            expect_json(request)
            value = decoder.decode(body)
            inner = value if takes is None else value.enveloped
            return {name: getattr(inner, name) for name in inner.__struct_fields__}

        def read_nothing(request: HttpRequest, body: bytes, call: Call) -> Inputs:
            if body:
                expect_json(request)
                decoder.decode(body)
            return {}

        return read if members else read_nothing

    def _from_raw(self) -> FromBody:
        assert self.raw is not None
        name = self.raw
        accepts = ("*/*",) if self.route.media == JSON else (self.route.media,)

        def read(request: HttpRequest, body: bytes, call: Call) -> Inputs:
            declared = request.header(b"content-type")
            if accepts != ("*/*",) or declared is not None:
                require_media(declared, accepts)
            return {name: Body(body, declared or "application/octet-stream")}

        return read

    # --- documenting --------------------------------------------------------------------------------------------------

    def documented(self) -> Documented:
        """What the documentation says of it."""
        result = self.result
        nothing = result.nothing and result.entity is None and result.shape is None and not result.answers
        return Documented(
            method=self.route.method, path=self.path, operation=self.operation, tag=self._tag(), path_members=self.path_members,
            query_members=self.query_members, takes=self._takes(), keyed=self.keyed, reads_row=True, references=self.route.method != "GET",
            gives=Given(
                status=self.route.status or (204 if nothing else 200), result=result, envelope=self.route.gives,
                tagged=(result.entity is not None and not result.many) or self.route.method == "GET",
            ),
        )  # fmt: skip

    def _tag(self) -> str:
        return "Operations"

    def _takes(self) -> Taken | None:
        if self.form is not None:
            shape = ObjectOf(
                name=f"{self.body.shape.name}Form",
                members=tuple(replace(m, shape=replace(m.shape, optional=False)) for m in self.form_members),
            )
            return Taken(media=self.form.media, shape=shape, uploads=tuple((wire, p.several, p.required) for wire, p in self.parts))
        if self.raw is not None:
            return Taken(media=("*/*" if self.route.media == JSON else self.route.media,))
        if not self.has_json or not self.body.shape.members:
            return None
        return Taken(
            media=tuple(dict.fromkeys((JSON, self.route.media))), shape=replace(self.body.shape, name=f"{self.body.shape.name}Input")
        )
