"""``Rest(...)``: the contract of a design as data, as far as it is not the default one. Pure."""

from backwright.worker.blueprint import FilterPlan, OperationPlan, PagePlan
from backwright.worker.write.functions import parameters
from backwright.worker.write.serving import ResourcePlan, Serving, paged, usual_page
from backwright.worker.write.source import Source, literal


def rest(source: Source, serving: Serving, modules: dict[str, str]) -> str:
    """The call. ``modules`` says where each function stands that has a route."""
    contract = serving.blueprint.contract
    routed = [o for o in serving.served_by("function") if o.name in modules]
    said: dict[str, str] = {"title": literal(contract.title)}
    if contract.version != "1.0.0":
        said["version"] = literal(contract.version)
    if contract.prefix != "/v1":
        said["prefix"] = literal(contract.prefix)
    if contract.naming == "camel":
        said["case"] = literal("camel")
    if not all(serving.conventional(plan) for plan in serving.resources) or _shares(serving):
        lines = "".join(f"{_resource(source, serving, plan)},\n" for plan in serving.resources)
        said["resources"] = f"[\n{lines}]"
    if not all(serving.conventional_route(o) for o in routed):
        said["routes"] = "[\n" + "".join(f"{_route(source, serving, o, modules)},\n" for o in routed) + "]"
    if contract.errors.style in ("errors-body", "declared"):
        said["errors"] = source.use("errors", "told")
    if contract.errors.invalid_status != 422:
        said["error_statuses"] = f"{{{source.kit('Invalid')}: {contract.errors.invalid_status}}}"
    if (word := _authorization(serving)) not in ("", "Bearer"):
        said["authorization"] = literal(word)
    if not serving.default_accounts and serving.blueprint.sign_in_account is not None:
        said["accounts"] = "False"
    return f"{source.kit('Rest')}({', '.join(f'{name}={value}' for name, value in said.items())})"


def _shares(serving: Serving) -> bool:
    """An entity at two paths, or one that is granted and has no resource: the default contract would serve something else."""
    served = [plan.entity.name for plan in serving.resources]
    granted = {line.target for line in serving.blueprint.access if line.action != "call"}
    account = serving.blueprint.sign_in_account
    return len(set(served)) < len(served) or bool(granted - set(served) - ({account.name} if account else set()))


def _authorization(serving: Serving) -> str:
    return next((a.prefix for a in serving.blueprint.contract.auth if a.built), "")


def _resource(source: Source, serving: Serving, plan: ResourcePlan) -> str:
    entity = plan.entity
    row = entity.name[0].lower()
    said: dict[str, str] = {}
    verbs = [verb for verb in ("list", "create", "read", "update", "replace", "delete") if verb in plan.operations]
    if len(verbs) < 6:
        said["verbs"] = f"({', '.join(map(literal, verbs))}{',' if len(verbs) == 1 else ''})"
    if entity.key != "id" and any(o.keys and o.keys[-1].field == entity.key for o in plan.operations.values()):
        said["key"] = f"lambda {row}: {row}.{entity.key}"
    said |= _envelopes(plan)
    for name, fields in (("expand", serving.expanded(plan)), ("hide", serving.hidden(plan))):
        if fields:
            said[name] = "[" + ", ".join(f"lambda {row}: {row}.{field}" for field in fields) + "]"
    if serving.echoes(plan):
        said["echo"] = "True"
    listing = plan.operations.get("list")
    if listing is not None and not usual_page(listing):
        said["paging"] = _paging(source, listing)
        if listing.filters or listing.page is not None:
            said["filters"] = f"[{', '.join(_filter(source, row, f) for f in listing.filters)}]"
        if listing.sort is None:
            said["flexible"] = "False"
    usual = {"list": 200, "create": 201, "read": 200, "update": 200, "replace": 200, "delete": 204}
    if other := {v: o.answer.status for v, o in plan.operations.items() if o.answer.status != usual[v]}:
        said["statuses"] = repr(other)
    words = "".join(f", {name}={value}" for name, value in said.items())
    return f"{source.kit('resource')}({source.use('model', entity.name)}, {literal(plan.path)}{words})"


def _envelopes(plan: ResourcePlan) -> dict[str, str]:
    one = next((o.answer.envelope for v, o in plan.operations.items() if v != "list" and o.answer.shape), "")
    listing = plan.operations.get("list")
    many = listing.answer.envelope if listing is not None else ""
    return ({"one": literal(one)} if one else {}) | ({"many": literal(many)} if many and many != "items" else {})


def _paging(source: Source, operation: OperationPlan) -> str:
    page, answer = operation.page, operation.answer
    said: dict[str, str] = {}
    if page is None or page.style == "none":
        said |= {"limit": "None", "cursor": "None", "offset": "None", "default": "1000", "most": "1000"}
    else:
        said |= _positions(page)
    if not answer.envelope:
        said["items"] = "None"
    if answer.next != "next":
        said["next"] = literal(answer.next) if answer.next else "None"
    if answer.total:
        said["total"] = literal(answer.total)
    return f"{source.kit('Paging')}({', '.join(f'{name}={value}' for name, value in said.items())})"


def _positions(page: PagePlan) -> dict[str, str]:
    said: dict[str, str] = {}
    if page.size != "limit":
        said["limit"] = literal(page.size) if page.size else "None"
    if page.default_size != 20:
        said["default"] = str(page.default_size)
    if (most := page.max_size or max(100, page.default_size)) != 100:
        said["most"] = str(most)
    names: dict[str, str] = {page.style: page.position}
    names |= {("offset" if "offset" in n else "page" if "page" in n else "cursor"): n for n in page.also}
    for word, usual in (("cursor", "cursor"), ("offset", "offset"), ("page", None)):
        if names.get(word) != usual:
            said[word] = literal(names[word]) if word in names else "None"
    return said


def _filter(source: Source, row: str, item: FilterPlan) -> str:
    operator = f", {literal(item.operator)}" if item.operator not in ("eq", "has") else ""  # of a list, eq is has
    named = ", ".join(f"{row}.{name}" for name in (item.field, *item.also))
    return f"{source.kit('Filter')}({literal(item.wire)}, lambda {row}: {f'({named})' if item.also else named}{operator})"


def _route(source: Source, serving: Serving, operation: OperationPlan, modules: dict[str, str]) -> str:
    said: dict[str, str] = {}
    body, answer = operation.body, operation.answer
    usual = 200 if answer.shape or answer.kind is not None else 204
    if answer.status != usual:
        said["status"] = str(answer.status)
    if body is not None and body.envelope:
        said["takes"] = literal(body.envelope)
    if answer.envelope and not paged(operation):
        said["gives"] = literal(answer.envelope)
    if names := renames(serving, operation):
        said["names"] = "{" + ", ".join(f"{literal(a)}: {literal(b)}" for a, b in names.items()) + "}"
    if body is not None and body.media_type != "application/json":
        said["media"] = literal(body.media_type)
    words = "".join(f", {name}={value}" for name, value in said.items())
    function = source.use(modules[operation.name], operation.name)
    return f"{source.kit('route')}({literal(f'{operation.method} {operation.path}')}, {function}{words})"


def renames(serving: Serving, operation: OperationPlan) -> dict[str, str]:
    """The parameters whose name on the wire does not follow from the Python one."""
    return {p.name: p.wire for p in parameters(serving.blueprint, operation) if p.location != "raw" and p.wire != serving.named(p.name)}
