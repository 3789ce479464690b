"""The routes of one resource: for each verb that the access table allows, the decoder, the act and the writer."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from backwright.api.http.message import HttpRequest
from backwright.api.http.router import decoded
from backwright.api.rest import writing
from backwright.api.rest.conditions import prepare_change, prepare_write
from backwright.api.rest.contract import STATUSES, Resource, ResourceVerb
from backwright.api.rest.endpoint import RestEndpoint, Write
from backwright.api.rest.listing import MOST_SHAPES, Listing
from backwright.api.rest.renaming import renamed
from backwright.api.rest.served import Served
from backwright.data.sql.shapes import Shape, build_shape
from backwright.domain.model import Field, Model
from backwright.domain.refusals import Invalid, Problem
from backwright.operations.call import Call
from backwright.operations.formats import Wrong
from backwright.operations.gate import Gate
from backwright.operations.inputs import BatchDecoder, Decoder, Input, create_type, patch_type, replace_type
from backwright.operations.library import Library
from backwright.operations.operation import Operation, Verb
from backwright.operations.parameters import ParameterDecoder, text_reader
from backwright.operations.prescan import InputLimits
from backwright.operations.records import Records
from backwright.operations.shapes import Leaf, Member, field_shape

METHODS: Mapping[ResourceVerb, str] = {
    "list": "GET",
    "create": "POST",
    "read": "GET",
    "update": "PATCH",
    "replace": "PUT",
    "delete": "DELETE",
}
Named = Callable[[str], str]


class ResourceRoutes:
    """Compiles the routes of one `Resource`."""

    def __init__(
        self, resource: Resource, model: Model, records: Records, gate: Gate, *, prefix: str, naming: Named, limits: InputLimits,
        secret: bytes, require_versions: bool,
    ) -> None:  # fmt: skip
        self.served = serve_resource(resource, model, records.library, prefix=prefix, naming=naming, secret=secret)
        self.resource = resource
        self.model = model
        self.entity = self.served.entity
        self.records = records
        self.gate = gate
        self.limits = limits
        self.require_versions = require_versions
        self.path, self.key, self.hidden, self.shape = self.served.path, self.served.key, self.served.hidden, self.served.shape
        self.listing = Listing(self.served)
        self.inputs: dict[ResourceVerb, Input] = {}
        self.readable = (resource.entity, "read") in records.rules
        self.batch = resource.batch if resource.one is None else 0
        self.key_reader = _key_reader(self.key, self.model, naming)

    @property
    def item_path(self) -> str:
        """The path of one row, with its key as parameter."""
        return f"{self.path}/{{{self.served.naming(self.key.wire)}}}"

    def endpoint(self, verb: ResourceVerb, operation: Operation) -> tuple[str, str, RestEndpoint]:
        """The method, path and endpoint of one verb."""
        make: dict[ResourceVerb, Callable[[Operation], RestEndpoint]] = {
            "read": self.read, "list": self.list, "create": self.create, "update": self.update, "replace": self.replace,
            "delete": self.delete,
        }  # fmt: skip
        path = self.path if verb in ("list", "create") else self.item_path
        return METHODS[verb], path, make[verb](operation)

    def status(self, verb: ResourceVerb) -> int:
        """The success code of a verb."""
        return self.resource.statuses.get(verb, STATUSES[verb])

    # --- verbs --------------------------------------------------------------------------------------------------------

    def read(self, operation: Operation) -> RestEndpoint:
        listing = self.listing
        key = self.key_reader
        reads: dict[Shape, Any] = {}

        def act_for(shape: Shape) -> Any:
            act = reads.get(shape)
            if act is None:
                if len(reads) > MOST_SHAPES:
                    reads.clear()
                act = reads[shape] = self.records.read(shape, None if self.resource.key is None else self.key)
            return act

        own = act_for(self.shape)

        def decode(request: HttpRequest, body: bytes, call: Call) -> Any:
            shape = self.shape if not request.query else listing.representation(request.query)
            return key(request.params[0]), own if shape is self.shape else act_for(shape)

        async def act(inputs: Any, call: Call) -> Any:
            value, run = inputs
            return await run(value, call)

        return RestEndpoint(self.gate, operation, decode, act, self._write("read"))

    def list(self, operation: Operation) -> RestEndpoint:
        listing = self.listing
        lists: dict[Shape, Any] = {}

        async def act(inputs: Any, call: Call) -> Any:
            shape, request = inputs
            run = lists.get(shape)
            if run is None:
                if len(lists) > MOST_SHAPES:
                    lists.clear()
                run = lists[shape] = self.records.list(shape)
            return await run(request, call)

        paging = self.resource.paging
        items = self.resource.many or paging.items
        write = writing.page(self.status("list"), items, paging.next if items else None, paging.total, listing.next_cursor)

        def decode(request: HttpRequest, body: bytes, call: Call) -> Any:
            return listing.request(request)

        return RestEndpoint(self.gate, operation, decode, act, write)

    def create(self, operation: Operation) -> RestEndpoint:
        parts = [part.entity for part in self.entity.parts] if self.resource.writable_parts else []
        input = self._echoed(create_type(self.model, self.resource.entity, parts=parts, without=self.hidden))
        single = self._write("create", location=self._location()) if self.readable else writing.empty(self.status("create"))
        paging = self.resource.paging
        items = self.resource.many or paging.items
        write = writing.batch(self.status("create"), items, single) if self.batch and self.readable else single
        return self._creating(operation, input, write)

    def update(self, operation: Operation) -> RestEndpoint:
        input = self._echoed(patch_type(self.model, self.resource.entity, without=self.hidden))
        run = self.records.change(operation, self.shape, None if self.resource.key is None else self.key)
        return self._changing("update", operation, input, run)

    def replace(self, operation: Operation) -> RestEndpoint:
        input = self._echoed(replace_type(self.model, self.resource.entity, without=self.hidden))
        run = self.records.change(operation, self.shape, None if self.resource.key is None else self.key)
        return self._changing("replace", operation, input, run)

    def delete(self, operation: Operation) -> RestEndpoint:
        run = self.records.delete(operation, self.resource.entity, None if self.resource.key is None else self.key)
        key, condition = self.key_reader, prepare_change(versioned=self.entity.version is not None, required=self.require_versions)

        def decode(request: HttpRequest, body: bytes, call: Call) -> Any:
            condition(request, b"", call)
            return key(request.params[0])

        return RestEndpoint(self.gate, operation, decode, run, writing.empty(self.status("delete")))

    # --- what they share ----------------------------------------------------------------------------------------------

    def _echoed(self, input: Input) -> Input:
        """The input with what only the server sets as read-only members, where the contract lets clients send it back."""
        if not self.resource.echo:
            return input
        shown = (f for _, f in self.shape.fields if not f.writable)
        more = (Member(name=f.name, wire=f.wire, shape=field_shape(f, self.model), default=msgspec.UNSET, read_only=True) for f in shown)
        return Input(replace(input.shape, members=(*input.shape.members, *more)))

    def _same_row(self, body: Any, key: Any) -> None:
        """Refuse a body that brings the id of another row than the path's."""
        if self.resource.echo and getattr(body, self.key.name, msgspec.UNSET) not in (msgspec.UNSET, key):
            wire = self.served.naming(self.key.wire)
            raise Invalid(problems=(Problem(f"is not that of the path: {key}", pointer=f"/{wire}", code="other-row"),))

    def _changing(self, verb: ResourceVerb, operation: Operation, input: Input, run: Any) -> RestEndpoint:
        read, key_of = self._body(verb, input), self.key_reader
        prepare = prepare_change(versioned=self.entity.version is not None, required=self.require_versions)

        def decode(request: HttpRequest, body: bytes, call: Call) -> Any:
            prepare(request, body, call)
            key = key_of(request.params[0])
            return key, read(body, key)

        async def act(inputs: Any, call: Call) -> Any:
            return await run(*inputs, call)

        return RestEndpoint(self.gate, operation, decode, act, self._write(verb), body_limit=self.limits.max_bytes)

    def _creating(self, operation: Operation, input: Input, write: Write) -> RestEndpoint:
        """One row from an object, or a batch of rows from an array, all or nothing."""
        read, prepare = self._body("create", input), prepare_write()
        run = self.records.create(operation, self.shape)
        several = BatchDecoder(self.inputs["create"], self.limits, self.batch) if self.batch else None
        given, run_all = self.inputs["create"].given, self.records.create_many(operation, self.shape)

        def decode(request: HttpRequest, body: bytes, call: Call) -> Any:
            prepare(request, body, call)
            if several is not None and body.lstrip()[:1] == b"[":
                return [given(item) for item in several.decode(body)]
            return read(body)

        async def act(inputs: dict[str, Any] | list[dict[str, Any]], call: Call) -> Any:
            return await run_all(inputs, call) if isinstance(inputs, list) else await run(inputs, call)

        return RestEndpoint(self.gate, operation, decode, act, write, body_limit=self.limits.max_bytes)

    def _body(self, verb: ResourceVerb, input: Input) -> Callable[..., dict[str, Any]]:
        """The function from a body, and the key of the row that is changed, to the values given."""
        named = self.inputs[verb] = self.input(input)
        read, given, envelope = Decoder(named, self.limits).decode, input.given, self.resource.one
        check = self._same_row if self.resource.echo else None

        def values(body: bytes, key: Any = None) -> dict[str, Any]:
            found = read(body) if envelope is None else read(body).enveloped
            if check is not None and key is not None:
                check(found, key)
            return given(found)

        return values

    def input(self, input: Input) -> Input:
        """The input under the contract's names and envelope."""
        return renamed(input, self.served.naming, self.resource.one)

    def _write(self, verb: ResourceVerb, location: str | None = None) -> Write:
        return writing.one(self.status(verb), self.resource.one, location=location)

    def _location(self) -> str | None:
        return f"{self.path}/%s" if self.resource.key is None and "read" in self.resource.verbs else None


def serve_resource(resource: Resource, model: Model, library: Library, *, prefix: str, naming: Named, secret: bytes) -> Served:
    """Derive everything that is derivable from one line of the contract."""
    entity = model[resource.entity]
    hidden = frozenset(library.field(resource.entity, pick).name for pick in resource.hide)
    expand = [library.field(resource.entity, pick).name for pick in resource.expand]
    return Served(
        resource=resource, model=model, entity=entity, library=library, naming=naming, path=prefix + resource.path, hidden=hidden,
        secret=secret,
        key=entity.id if resource.key is None else library.field(resource.entity, resource.key),
        shape=build_shape(model, resource.entity, expand=expand, parts=resource.parts, naming=naming, leave_out=hidden),
    )  # fmt: skip


def verb_of(verb: ResourceVerb) -> Verb:
    """The operation behind a verb: PUT is an update too."""
    return "update" if verb == "replace" else verb


def _key_reader(key: Field, model: Model, naming: Named) -> Callable[[str], Any]:
    """A path parameter to a key's value. Raises `Malformed`."""
    shape = field_shape(replace(key, optional=False), model)
    assert isinstance(shape, Leaf)
    wire = naming(key.wire)
    decode, of_text = ParameterDecoder([Member(name="key", wire=wire, shape=shape)], "path").decode, text_reader(shape)

    def read(segment: str) -> Any:
        text = decoded(segment)
        try:
            return of_text(text)
        except Wrong:
            return decode([(wire, text)])["key"]  # says what is wrong

    return read
