"""The routes of functions: where each parameter comes from (path, query, body), and how the result goes out."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from backwright.api.http.message import HttpRequest
from backwright.api.http.router import decoded
from backwright.api.rest import writing
from backwright.api.rest.conditions import prepare_write
from backwright.api.rest.contract import Route
from backwright.api.rest.endpoint import RestEndpoint
from backwright.api.rest.renaming import renamed
from backwright.domain.model import Model
from backwright.domain.refusals import Malformed, Problem
from backwright.operations.call import Call
from backwright.operations.execution import Executor
from backwright.operations.gate import Gate
from backwright.operations.inputs import Decoder, Input, call_type
from backwright.operations.operation import Operation
from backwright.operations.parameters import ParameterDecoder
from backwright.operations.prescan import InputLimits
from backwright.operations.shapes import Member

WITHOUT_BODY = ("GET", "HEAD", "DELETE")
_encode = msgspec.json.Encoder().encode


class FunctionRoute:
    """Compiles the route of one function."""

    def __init__(
        self, route: Route, operation: Operation, model: Model, executor: Executor, gate: Gate, *, naming: Callable[[str], str], limits: InputLimits
    ) -> None:
        self.route = route
        self.operation = operation
        self.executor = executor
        self.gate = gate
        self.limits = limits
        shape = call_type(route.function, model).shape
        self.members = tuple(replace(m, wire=route.names.get(m.name, naming(m.wire))) for m in shape.members)
        self.in_path = re.findall(r"{(\w+)(?::path)?}", route.path)
        by_wire = {m.wire: m for m in self.members} | {m.name: m for m in self.members}
        self.path_members = [by_wire[name] for name in self.in_path]
        rest = tuple(m for m in self.members if m not in self.path_members)
        self.query_members: tuple[Member, ...] = rest if route.method in WITHOUT_BODY else ()
        self.body = renamed(Input(replace(shape, members=rest)), naming, route.takes) if rest and not self.query_members else None

    def endpoint(self) -> RestEndpoint:
        """The endpoint."""
        operation, executor = self.operation, self.executor

        async def act(inputs: Any, call: Call) -> Any:
            return await executor.command(operation, inputs, call)

        write = writing.value(self.route.status, self.route.gives, _encode)
        limit = None if self.route.method in WITHOUT_BODY else self.limits.max_bytes
        return RestEndpoint(self.gate, operation, self._decode(), act, write, body_limit=limit)

    def _decode(self) -> Callable[[HttpRequest, bytes, Call], dict[str, Any]]:
        from_path, from_query, from_body = self._from_path(), self._from_query(), self._from_body()

        def decode(request: HttpRequest, body: bytes, call: Call) -> dict[str, Any]:
            inputs = from_path(request)
            inputs.update(from_query(request))
            if from_body is not None:
                inputs.update(from_body(request, body, call))
            return inputs

        return decode

    def _from_path(self) -> Callable[[HttpRequest], dict[str, Any]]:
        if not self.path_members:
            return lambda request: {}
        names = [m.wire for m in self.path_members]
        decode = ParameterDecoder(self.path_members, "path").decode
        return lambda request: decode(zip(names, map(decoded, request.params), strict=True))

    def _from_query(self) -> Callable[[HttpRequest], dict[str, Any]]:
        decode = ParameterDecoder(self.query_members, "query").decode

        def read(request: HttpRequest) -> dict[str, Any]:
            try:
                pairs = parse_qsl(request.query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
            except ValueError:
                raise Malformed(problems=(Problem("The query string cannot be read."),)) from None
            return decode(pairs)

        return read

    def _from_body(self) -> Callable[[HttpRequest, bytes, Call], dict[str, Any]] | None:
        prepare = prepare_write()
        if self.body is None:
            return None
        decoder = Decoder(self.body, self.limits)
        takes = self.route.takes

        def read(request: HttpRequest, body: bytes, call: Call) -> dict[str, Any]:
            prepare(request, body, call)
            value = decoder.decode(body)
            inner = value if takes is None else value.enveloped
            return {name: getattr(inner, name) for name in inner.__struct_fields__}

        return read
