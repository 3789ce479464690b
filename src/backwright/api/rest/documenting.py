"""The documentation of a resource's routes: read off what was compiled to serve them. Pure."""

from backwright.api.rest.contract import ResourceVerb
from backwright.api.rest.documented import JSON, PATCH, Documented, Given, PageWords, QueryWord, Taken
from backwright.api.rest.listing import MOST_VALUES, Listing, filter_leaf, operators
from backwright.api.rest.representation import partial, representation
from backwright.api.rest.resources import METHODS, ResourceRoutes
from backwright.api.rest.served import Served
from backwright.data.sql.shapes import build_shape
from backwright.domain.model import Field
from backwright.operations.examples import NoExample, example
from backwright.operations.operation import Operation
from backwright.operations.shapes import Leaf, ListOf, Member, ObjectOf, field_shape

CHANGES: tuple[ResourceVerb, ...] = ("update", "replace", "delete")
_WORDS = {
    "eq": "equal to this", "ne": "other than this", "lt": "less than this", "lte": "at most this", "gt": "greater than this",
    "gte": "at least this", "contains": "a text that contains this", "prefix": "a text that begins with this", "in": "one of these",
    "null": "null (true) or not null (false)",
}  # fmt: skip


def document(routes: ResourceRoutes, verb: ResourceVerb, operation: Operation) -> Documented:
    """What the documentation says of one verb of a resource."""
    served, resource = routes.served, routes.resource
    on_item = verb not in ("list", "create")
    key = Member(name="key", wire=served.naming(served.key.wire), shape=field_shape(served.key, served.model), doc=served.key.doc)
    return Documented(
        method=METHODS[verb], path=routes.item_path if on_item else routes.path, operation=operation,
        tag=served.model[resource.entity].plural.replace("_", " ").capitalize(),
        path_members=(key,) if on_item else (), query_words=_words(routes, verb), takes=_takes(routes, verb), gives=_gives(routes, verb),
        changes=verb in CHANGES, versioned=served.entity.version is not None, version_required=routes.require_versions and verb in CHANGES,
        keyed=verb in ("create", "update", "replace", "delete"), reads_row=on_item, references=verb in ("create", *CHANGES),
    )  # fmt: skip


def _takes(routes: ResourceRoutes, verb: ResourceVerb) -> Taken | None:
    input = routes.inputs.get(verb)
    if input is None:
        return None
    media = (JSON, PATCH) if verb == "update" else (JSON,)
    return Taken(media=media, shape=input.shape, batch=routes.batch if verb == "create" else 0)


def _gives(routes: ResourceRoutes, verb: ResourceVerb) -> Given:
    served, resource, paging = routes.served, routes.resource, routes.resource.paging
    status = routes.status(verb)
    if verb == "delete" or (verb == "create" and not routes.readable):
        return Given(status=status)
    shape = representation(served.shape, served.model)
    bendable = verb in ("read", "list") and resource.flexible
    if bendable:
        shape = partial(shape, [(wire, _inner(served, item)) for wire, item in routes.listing.expandable.items()])
    page = None
    if verb == "list":
        items = resource.many or paging.items
        page = PageWords(items=items, next=paging.next if items else None, next_is_key=paging.cursor_is_key, total=paging.total)
    return Given(
        status=status, shape=shape, envelope=None if page else resource.one, page=page,
        batch_key=resource.many or paging.items, tagged=True,
        located=verb == "create" and resource.key is None and "read" in resource.verbs,
    )  # fmt: skip


def _inner(served: Served, item: Field) -> ObjectOf:
    assert item.target is not None
    return representation(build_shape(served.model, item.target, naming=served.naming), served.model)


# --- the query string -------------------------------------------------------------------------------------------------


def _words(routes: ResourceRoutes, verb: ResourceVerb) -> tuple[QueryWord, ...]:
    listing = routes.listing
    shaping = _shaping(listing) if verb in ("read", "list") and routes.resource.flexible else ()
    return (*_paging(routes), *_sorting(listing), *shaping, *_filters(routes)) if verb == "list" else shaping


def _paging(routes: ResourceRoutes) -> list[QueryWord]:
    paging = routes.resource.paging
    whole = {"type": "integer", "minimum": 1}
    found: list[QueryWord] = []
    if paging.limit:
        schema = whole | {"maximum": paging.most, "default": paging.default}
        found.append(QueryWord(name=paging.limit, schema=schema, doc="The most rows of a page.", example=paging.default))
    if paging.cursor:
        kind = {"type": "integer"} if routes.served.entity.id_type is int else {"type": "string", "format": "uuid"}
        doc = (
            "The id of the last row seen." if paging.cursor_is_key else f"Continue behind a page: its {paging.next or 'cursor'}, unchanged."
        )
        found.append(QueryWord(name=paging.cursor, schema=kind if paging.cursor_is_key else {"type": "string"}, doc=doc))
    if paging.offset:
        schema = {"type": "integer", "minimum": 0, "maximum": 2**53}
        found.append(QueryWord(name=paging.offset, schema=schema, doc="How many rows to leave out.", example=0))
    if paging.page:
        found.append(QueryWord(name=paging.page, schema=whole | {"maximum": 2**40}, doc="The number of the page, from 1.", example=1))
    return found


def _sorting(listing: Listing) -> list[QueryWord]:
    if not listing.sorts:
        return []
    names = [f"{sign}{name}" for name in listing.sortable for sign in ("", "-")]
    schema = {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1, "maxItems": 5}
    doc = "The order: field names, a minus in front for descending."
    return [QueryWord(name="sort", schema=schema, doc=doc, example=names[:1], joined=True)]


def _shaping(listing: Listing) -> tuple[QueryWord, ...]:
    keys = listing.keys
    schema = {"type": "array", "items": {"type": "string", "enum": keys}}
    found = [QueryWord(name="fields", schema=schema, doc="Only these keys.", example=keys[:2], joined=True)]
    if names := list(listing.expandable):
        schema = {"type": "array", "items": {"type": "string", "enum": names}}
        found.append(QueryWord(name="expand", schema=schema, doc="Embed what these references refer to.", example=names[:1], joined=True))
    return tuple(found)


def _filters(routes: ResourceRoutes) -> list[QueryWord]:
    listing, model = routes.listing, routes.served.model
    if routes.resource.filters is not None:
        return [_filter(name, filter_leaf(item, model), operator) for name, (item, operator, _) in listing.named.items()]
    found: list[QueryWord] = []
    for name, (item, _, _) in listing.named.items():
        leaf = filter_leaf(item, model)
        found += [_filter(name if sign == "eq" else f"{name}[{sign}]", leaf, sign) for sign in operators(item)]
    return found


def _filter(name: str, leaf: Leaf, operator: str) -> QueryWord:
    doc = f"Only rows whose {name.partition('[')[0]} is {_WORDS[operator]}."
    if operator == "null":
        return QueryWord(name=name, schema={"type": "boolean"}, doc=doc, example=True)
    try:
        shown = example(leaf)
    except NoExample:
        shown = None
    if operator == "in":
        return QueryWord(
            name=name, shape=ListOf(element=leaf), most=MOST_VALUES, doc=doc, example=[shown] if shown is not None else None, joined=True
        )
    return QueryWord(name=name, shape=leaf, doc=doc, example=shown)
