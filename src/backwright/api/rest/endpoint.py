"""One REST route, ready to answer: enter the gate, decode, act, write. Each step was compiled for this route at start."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from backwright.api.http.body import read_body
from backwright.api.http.message import HttpRequest, HttpResponse
from backwright.observe.events import Stages
from backwright.operations.call import Call
from backwright.operations.gate import Gate
from backwright.operations.inputs import Input
from backwright.operations.operation import Operation

Decode = Callable[[HttpRequest, bytes, Call], Any]
Act = Callable[[Any, Call], Awaitable[Any]]
Write = Callable[[HttpRequest, Any], HttpResponse]


class RestEndpoint:
    """Answers one method and path."""

    __slots__ = ("act", "body_limit", "decode", "gate", "input", "name", "operation", "write")

    def __init__(
        self, gate: Gate, operation: Operation, decode: Decode, act: Act, write: Write, *, body_limit: int | None = None,
        input: Input | None = None,
    ) -> None:  # fmt: skip
        self.gate = gate
        self.operation = operation
        self.name = operation.name
        self.decode = decode
        self.act = act
        self.write = write
        self.body_limit = body_limit
        """The largest body in bytes; None where there is none to read."""
        self.input = input
        """What the body holds, for the documentation."""

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer. Raises refusals; whatever else comes out is a fault."""
        clock = time.perf_counter
        started = clock()
        authorization = request.headers.get(b"authorization")
        credentials = None if authorization is None else authorization.decode("latin-1")
        entry = await self.gate.enter(self.operation, credentials, request.address, self.gate.wall())
        request.limit = entry.limit
        request.caller = entry.caller.pseudonym
        entered = clock()
        call = Call(entry.caller, entry.request, credentials=credentials)
        body = b"" if self.body_limit is None else await read_body(request, self.body_limit)
        inputs = self.decode(request, body, call)
        decoded = clock()
        result = await self.act(inputs, call)
        acted = clock()
        response = self.write(request, result)
        request.stages = Stages(authenticate=entered - started, decode=decoded - entered, run=acted - decoded, encode=clock() - acted)
        return response
