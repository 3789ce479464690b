"""The bodies of functions that follow from a design although no resource serves them: nested rows, other envelopes, sign-in. Pure."""

import re
from collections.abc import Iterator

from backwright.domain.model import Kind
from backwright.domain.naming import snake
from backwright.worker.blueprint import EntityPlan, FilterPlan, Member, OperationPlan, PathKey, SortPlan
from backwright.worker.design import ABSENT
from backwright.worker.infer import names
from backwright.worker.write.functions import FunctionWriter, Parameter, parameters, view_name, views_name, words
from backwright.worker.write.model import ModelWriter, stored
from backwright.worker.write.serving import TOKENS, paged
from backwright.worker.write.source import docstring
from backwright.worker.write.views import Builder, snake_of

SIGNING = ("sign_up", "sign_in", "refresh", "sign_out", "me", "update_me")
_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_MOST_FIELDS = 8
SLUG = '''def slug_of(text: str) -> str:
    """The text as a part of a path: ``Hello, World`` becomes ``hello-world``."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain)) or "untitled"'''


class Underivable(Exception):
    """The body does not follow from the design; the message says why."""


class DerivedWriter(FunctionWriter):
    """Writes the functions whose bodies follow from the design."""

    def function(self, operation: OperationPlan) -> None:
        """Add it. Raises `Underivable`, with nothing added."""
        if operation.kind == "command":
            raise Underivable("it is a business rule")
        self.by_wire = {p.wire: p for p in parameters(self.blueprint, operation)}
        self.by_field: dict[str, Parameter] = {}
        for member in self.blueprint.shape(operation.body.shape).members if operation.body and operation.body.shape else ():
            if member.wire in self.by_wire and self.by_wire[member.wire].location == "body":
                self.by_field[member.field or member.name] = self.by_wire[member.wire]
        self.builder = Builder(self.serving)
        make = {
            "list": self.listed, "read": self.read, "create": self.create, "update": self.update, "replace": self.update,
            "delete": self.delete,
            "sign_up": self.sign_up, "sign_in": self.sign_in, "refresh": self.refresh, "sign_out": self.sign_out, "me": self.me,
            "update_me": self.update_me,
        }  # fmt: skip
        lines = [f"    {line}" for line in make[operation.kind](operation)]
        self.source.add("\n".join([self.head(operation), docstring(words(operation)), *lines]))

    # --- rows ---------------------------------------------------------------------------------------------------------

    def entity(self, operation: OperationPlan) -> EntityPlan:
        self.source.use("model", operation.entity)
        return self.blueprint.entity(operation.entity)

    def row(self, entity: str) -> str:
        """The name of the variable that holds a row."""
        name = snake(entity)
        return f"{name}_row" if any(p.name == name for p in self.by_wire.values()) else name

    def found(self, key: PathKey, *, lock: bool = False) -> Iterator[str]:
        """Lines that read the row that a part of the path names."""
        if not key.entity:
            raise Underivable(f"nothing says what {{{key.wire}}} names")
        entity, row, given = self.source.use("model", key.entity), self.row(key.entity), self.by_wire[key.wire].name
        if key.field in ("", "id"):
            yield f"{row} = await tx.{'lock' if lock else 'get'}({entity}, {given})"
            return
        query = f"tx.query({entity}).where(lambda it: it.{key.field} == {given})"
        yield f"{row} = await {query}{'.lock()' if lock else ''}.first()"
        yield f"if {row} is None:"
        yield f"    raise {self.source.kit('NotFound')}"

    def link(self, entity: EntityPlan, parent: str) -> str:
        """The field by which rows belong to what the path names before them."""
        names = [f.name for f in entity.fields if f.target == parent and f.kind is Kind.REFERENCE and f.name != entity.owner]
        if len(names) != 1:
            raise Underivable(f"nothing says how a {entity.name} belongs to a {parent}")
        return names[0]

    def parents(self, operation: OperationPlan, keys: tuple[PathKey, ...]) -> Iterator[str]:
        """Lines that read what the path names before the row, each inside the one before it."""
        for above, key in zip((None, *keys), keys, strict=False):
            yield from self.found(key)
            if above is not None:
                yield from self.inside(self.blueprint.entity(key.entity), above)

    def inside(self, entity: EntityPlan, above: PathKey) -> Iterator[str]:
        """Lines that refuse a row that does not belong to what the path names before it."""
        yield f"if {self.row(entity.name)}.{self.link(entity, above.entity)} != {self.row(above.entity)}.id:"
        yield f"    raise {self.source.kit('NotFound')}"

    def own(self, operation: OperationPlan, *, lock: bool) -> Iterator[str]:
        """Lines that read the row itself, checked against what the path names before it, and against the rule of its verb."""
        entity = self.entity(operation)
        *before, last = operation.keys
        yield from self.parents(operation, tuple(before))
        yield from self.found(last, lock=lock)
        for key in before[-1:]:
            yield from self.inside(entity, key)
        yield from self.rule(operation, entity)

    def rule(self, operation: OperationPlan, entity: EntityPlan) -> Iterator[str]:
        """Lines that refuse whoever may not."""
        action = {"replace": "update"}.get(operation.kind, operation.kind)
        line = next((a for a in self.blueprint.access if (a.target, a.action) == (entity.name, action)), None)
        if line is None or action == "read" or {"anyone", "signed_in"} & set(line.who):
            return
        row = self.row(entity.name)
        own = f"{row}.{line.owner} != tx.caller.id" if "owner" in line.who and action != "create" else ""
        staff = f"not tx.caller.{line.role}" if "staff" in line.who else ""
        if own or staff:
            yield f"if {' and '.join(filter(None, [own, staff]))}:"
            yield f"    raise {self.source.kit('Forbidden')}"

    def answered(self, operation: OperationPlan, row: str) -> Iterator[str]:
        """Lines that return a row as the design shows it."""
        if not operation.answer.shape:
            return
        if operation.answer.many or paged(operation):
            raise Underivable("one row is answered as several")
        if self.as_entity(operation):
            yield f"return {row}"
            return
        shape = operation.answer.shape
        nested = self.builder.nested(shape, operation.entity)
        for field, target in nested:
            yield f"{field} = await tx.get({self.source.use('model', target)}, {row}.{field})"
        yield f"return {self.source.use('views', self.builder.name(shape))}({', '.join([row, *(field for field, _ in nested)])})"

    # --- the verbs ----------------------------------------------------------------------------------------------------

    def read(self, operation: OperationPlan) -> Iterator[str]:
        yield from self.own(operation, lock=False)
        yield from self.answered(operation, self.row(operation.entity))

    def delete(self, operation: OperationPlan) -> Iterator[str]:
        yield from self.own(operation, lock=True)
        row = self.row(operation.entity)
        if operation.answer.shape:
            raise Underivable("it answers what it deletes")
        yield f"tx.delete({row})"

    def update(self, operation: OperationPlan) -> Iterator[str]:
        entity, row = self.entity(operation), self.row(operation.entity)
        if len(self.by_field) > _MOST_FIELDS:
            raise Underivable("it changes more fields than one function should")
        yield from self.own(operation, lock=True)
        yield from self.changes(entity, row)
        if not self.as_entity(operation):
            yield "await tx.flush()"
        yield from self.answered(operation, row)

    def changes(self, entity: EntityPlan, row: str) -> Iterator[str]:
        """Lines that set what was given."""
        for name, given in self.by_field.items():
            item = entity.field(name)
            if item is None and not (entity.account and name == "email"):
                raise Underivable(f"{given.wire} is no field of {entity.name}")
            indent = "" if given.required else "    "
            if not given.required:
                yield f"if {given.name} is not None:"
            yield f"{indent}{row}.{name} = {given.name}"

    def create(self, operation: OperationPlan) -> Iterator[str]:
        entity, row = self.entity(operation), self.row(operation.entity)
        yield from self.parents(operation, operation.keys)
        yield from self.rule(operation, entity)
        yield f"{row} = tx.add({entity.name}({', '.join(self.values(operation, entity))}))"
        if not self.as_entity(operation):
            yield "await tx.flush()"
        yield from self.answered(operation, row)

    def values(self, operation: OperationPlan, entity: EntityPlan) -> Iterator[str]:
        """What a new row holds: what was given, and what the server fills in."""
        sets = {s.field: s for s in operation.sets}
        for item in stored(entity):
            given, filled = self.by_field.get(item.name), sets.get(item.name)
            if given is not None:
                yield f"{item.name}={self.given(given, entity, item.name)}"
            elif filled is not None and filled.source == "caller":
                yield f"{item.name}=tx.caller.id"
            elif filled is not None and filled.source == "path":
                key = next(k for k in operation.keys if k.wire == filled.detail)
                yield f"{item.name}={self.row(key.entity)}.id"
            elif filled is not None and filled.source == "slug" and filled.detail in self.by_field:
                yield f"{item.name}={self.slug()}({self.by_field[filled.detail].name})"
            elif filled is not None and filled.source == "now":
                yield f"{item.name}=tx.now"
            elif item.default is ABSENT and not item.optional and item.kind is not Kind.MANY:
                raise Underivable(f"nothing says what {entity.name}.{item.name} is")

    def given(self, given: Parameter, entity: EntityPlan, name: str) -> str:
        """The value of an input, or the field's default where it was left out."""
        item = entity.field(name)
        if item is None or not given.optional or item.optional:
            return given.name
        default = ModelWriter(self.blueprint, self.source).default(item)
        if not default or item.enum:
            raise Underivable(f"{given.wire} may be left out, and nothing says what {entity.name}.{name} is then")
        return f"{default} if {given.name} is None else {given.name}"

    def slug(self) -> str:
        """The helper that makes slugs, added once."""
        if SLUG not in self.source.parts:
            self.source.module("re")
            self.source.module("unicodedata")
            self.source.add(SLUG)
        return "slug_of"

    # --- lists --------------------------------------------------------------------------------------------------------

    def listed(self, operation: OperationPlan) -> Iterator[str]:
        entity = self.entity(operation)
        if needs := [need for need in operation.needs if "beside the list" not in need]:
            raise Underivable(needs[0])
        if operation.sort is not None and not operation.sort.values:
            raise Underivable(f"nothing says which orders {operation.sort.wire} may name")
        if operation.arguments or (operation.page is not None and operation.page.style == "cursor"):
            raise Underivable("its parameters need a decision")
        yield from self.parents(operation, operation.keys)
        for key in operation.keys[-1:]:
            yield f"{self.row(key.entity)}_key = {self.row(key.entity)}.id"
        where = "".join(f".where(lambda it: it.{self.link(entity, k.entity)} == {self.row(k.entity)}_key)" for k in operation.keys[-1:])
        yield f"query = tx.query({entity.name}){where}"
        for item in operation.filters:
            yield from self.filter(entity, item)
        around = [self.beside(operation, m) for m in operation.answer.around]
        if operation.answer.total or any(re.search(r"\btotal\b", said.replace("total=", "")) for said in around):
            yield "total = await query.count()"
        yield from self.sorted(entity, operation.sort)
        yield f"rows = await query{self.cut(operation)}.all()"
        yield from self.shown_all(operation)

    def filter(self, entity: EntityPlan, item: FilterPlan) -> Iterator[str]:
        """Lines that narrow the query by one parameter."""
        given = self.by_wire[item.wire].name
        if item.operator == "contains" and item.kind is Kind.TEXT and "." not in item.field:
            named = ", ".join(f"it.{name}" for name in (item.field, *item.also))
            yield f"if {given} is not None:"
            yield f"    query = query.containing({given}, lambda it: {f'({named})' if item.also else named})"
            return
        if item.operator not in _SIGNS:
            raise Underivable(f"the parameter {item.wire} asks for more than a comparison")
        yield f"if {given} is not None:"
        head, _, rest = item.field.partition(".")
        if rest:
            target = next(f.target for f in entity.fields if f.name == head)
            other = self.source.use("model", target)
            through = f"{self.source.kit('exists')}({other}, lambda one: one.id == it.{head} and one.{rest} == {given})"
            yield f"    query = query.where(lambda it: {through})"
            return
        if item.operator in ("eq", "ne"):
            yield f"    query = query.where(lambda it: it.{item.field} {_SIGNS[item.operator]} {given})"
            return
        yield f"    {given}_bound = {given}"
        yield f"    query = query.where(lambda it: it.{item.field} {_SIGNS[item.operator]} {given}_bound)"

    def sorted(self, entity: EntityPlan, sort: SortPlan | None) -> Iterator[str]:
        """Lines that put the rows in the order that a parameter names."""
        if sort is None:
            return
        given, enum = self.by_wire[sort.wire].name, self.source.use("model", sort.enum)
        turned = ""
        if sort.direction:
            way, ways = self.by_wire[sort.direction].name, self.source.use("model", sort.direction_enum)
            down = next(m for m in self.members(sort.direction_enum) if str(m[1]).lower().startswith("desc"))
            yield f"descending = {way} is {ways}.{down[0]}"
            turned = ", descending=descending"
        names = {value: name for name, value in self.members(sort.enum)}
        for n, (value, field, down_) in enumerate(sort.values):
            yield f"{'el' if n else ''}if {given} is {enum}.{names[value]}:"
            yield f"    query = query.order_by(lambda it: it.{field}{turned or (', descending=True' if down_ else '')})"

    def members(self, enum: str) -> tuple[tuple[str, str | int], ...]:
        """The members of an enum."""
        return next(e.members for e in self.blueprint.enums if e.name == enum)

    def cut(self, operation: OperationPlan) -> str:
        """The page of the list."""
        page = operation.page
        if page is None or page.style == "none":
            return ""
        size = self.by_wire[page.size].name if page.size else str(page.default_size)
        if not page.position:
            return f".limit({size})"
        position = self.by_wire[page.position].name
        start = (
            f"({position} - {page.first_page}) * {size}"
            if page.style == "page" and page.first_page
            else f"{position} * {size}"
            if page.style == "page"
            else position
        )
        return f".limit({size}).offset({start})"

    def shown_all(self, operation: OperationPlan) -> Iterator[str]:
        """Lines that return the rows as the design shows them."""
        probe_entity = self.as_rows(operation)
        shape = operation.answer.shape
        nested = [] if probe_entity else self.builder.nested(shape, operation.entity)
        for field, target in nested:
            self.source.use("model", target)
            yield f"{field}_of = await tx.related(rows, lambda it: it.{field})"
        view = "" if probe_entity else self.source.use("views", self.builder.name(shape))
        items = "rows" if probe_entity else f"[{view}({', '.join(['row', *(f'{f}_of[row.{f}]' for f, _ in nested)])}) for row in rows]"
        if not paged(operation):
            yield f"return {items}"
            return
        if probe_entity:
            raise Underivable("rows stand inside another value, where only views may")
        answer = operation.answer
        pairs = [
            (answer.envelope, items),
            *([(answer.total, "total")] if answer.total else []),
            *((m.wire, self.beside(operation, m)) for m in answer.around),
        ]
        if answer.next:
            raise Underivable("it answers a cursor")
        yield f"return {self.source.use('views', views_name(operation))}({', '.join(f'{snake(n)}={v}' for n, v in pairs)})"

    def beside(self, operation: OperationPlan, member: Member) -> str:
        """What stands beside the list: a parameter of the same name, or what follows from the page and the number of rows."""
        if member.shape and not member.many:
            inner = self.blueprint.shape(member.shape).members
            title = self.source.use("views", view_name(self.blueprint, member.shape))
            return f"{title}({', '.join(f'{snake_of(m)}={self.beside(operation, m)}' for m in inner)})"
        if member.wire in self.by_wire:
            return self.by_wire[member.wire].name
        said = self.about_page(operation, names.norm(member.wire))
        if not said:
            raise Underivable(f"nothing says what {member.wire} beside the list is")
        return said

    def about_page(self, operation: OperationPlan, word: str) -> str:
        """The expression for a word about pages; nothing for any other word."""
        page = operation.page
        if page is None or not page.size or not page.position or page.style not in ("page", "offset"):
            return "total" if names.TOTALS.fullmatch(word) else ""
        size = self.by_wire[page.size].name
        start = self.cut(operation).rpartition(".offset(")[2].removesuffix(")")
        said: list[tuple[tuple[str, ...], str]] = [
            (("total_pages", "pages", "page_count", "last_page"), f"-(-total // {size})"),
            (("size", "limit", "per_page", "page_size", "page_limit"), size),
            (("has_more", "has_next", "has_next_page"), f"{start} + len(rows) < total"),
        ]
        if page.style == "page" and page.position in self.by_wire:
            said.append((("page", "number", "current_page", "page_number"), self.by_wire[page.position].name))
        known = {one: value for words, value in said for one in words}
        return known.get(word, "total" if names.TOTALS.fullmatch(word) else "")

    def as_rows(self, operation: OperationPlan) -> bool:
        """Whether the rows' own representation is the answer."""
        return self.as_entity(operation)

    # --- signing in ---------------------------------------------------------------------------------------------------

    def sign_up(self, operation: OperationPlan) -> Iterator[str]:
        account = self._account()
        email, password = self._credentials(operation)
        more = [f"{n}={self.given(p, account, n)}" for n, p in self.by_field.items() if n not in ("email", "password", "password_hash")]
        yield f"{self.row(account.name)} = await visit.sign_up({', '.join([email, password, *more])})"
        yield from self._somebody(operation, f"(await visit.begin({self.row(account.name)})).access_token", narrow=True)

    def sign_in(self, operation: OperationPlan) -> Iterator[str]:
        account = self._account()
        email, password = self._credentials(operation)
        shape = self.blueprint.shape(operation.answer.shape) if operation.answer.shape else None
        if shape is not None and not shape.entity:
            yield f"_, tokens = await visit.sign_in({email}, {password})"
            yield f"return {self._tokens(operation)}"
            return
        yield f"{self.row(account.name)}, tokens = await visit.sign_in({email}, {password})"
        yield from self._somebody(operation, "tokens.access_token", narrow=True)

    def refresh(self, operation: OperationPlan) -> Iterator[str]:
        given = next((p.name for p in self.by_wire.values()), "")
        if not given:
            raise Underivable("nothing carries the refresh token")
        yield f"tokens = await visit.refresh({given})"
        yield f"return {self._tokens(operation)}"

    def sign_out(self, operation: OperationPlan) -> Iterator[str]:
        yield "await visit.sign_out()"

    def me(self, operation: OperationPlan) -> Iterator[str]:
        yield f"{self.row(self._account().name)} = visit.caller"
        yield from self._somebody(operation, "visit.token", narrow=False)

    def update_me(self, operation: OperationPlan) -> Iterator[str]:
        account = self._account()
        row = self.row(account.name)
        yield "async with visit.transaction() as tx:"
        yield f"    {row} = await tx.lock({self.source.use('model', account.name)}, visit.caller.id)"
        password = self.by_field.pop("password_hash", None) or self.by_field.pop("password", None)
        email = self.by_field.pop("email", None)
        if email is not None:
            yield f"    if {email.name} is not None:"
            yield f"        {row}.email = visit.address({email.name})"
        for line in self.changes(account, row):
            yield f"    {line}"
        if password is not None:
            yield f"if {password.name} is not None:"
            yield f"    await visit.set_password({password.name})"
        yield from self._somebody(operation, "visit.token", narrow=False)

    def _account(self) -> EntityPlan:
        account = self.blueprint.sign_in_account
        if account is None:
            raise Underivable("nobody signs in")
        return account

    def _credentials(self, operation: OperationPlan) -> tuple[str, str]:
        members: tuple[Member, ...] = self.blueprint.shape(operation.body.shape).members if operation.body and operation.body.shape else ()
        named = [m for name in ("email", "login", "username") for m in members if name in (m.field, m.name)]
        email = named[0] if named else None
        password = next((m for m in members if m.source == "password"), None)
        if email is None or password is None:
            raise Underivable("its body carries no address and password")
        return self.by_wire[email.wire].name, self.by_wire[password.wire].name

    def _tokens(self, operation: OperationPlan) -> str:
        shape = self.blueprint.shape(operation.answer.shape)
        odd = [m.wire for m in shape.members if m.source not in TOKENS]
        if odd:
            raise Underivable(f"nothing says what {odd[0]} is")
        pairs = ", ".join(f"{snake(m.wire)}=tokens.{TOKENS[m.source]}" for m in shape.members)
        return f"{self.shown(operation)}({pairs})"

    def _somebody(self, operation: OperationPlan, token: str, *, narrow: bool) -> Iterator[str]:
        """Lines that return the account as the design shows it."""
        row = self.row(self._account().name)
        if narrow:
            yield f"assert {row} is not None"
        if not operation.answer.shape:
            return
        if self.as_entity(operation):
            yield f"return {row}"
            return
        shape = operation.answer.shape
        if self.builder.nested(shape, self._account().name):
            raise Underivable("the account's answer embeds other rows")
        given = [row, token] if self.builder.has_token(shape) else [row]
        yield f"return {self.source.use('views', self.builder.name(shape))}({', '.join(given)})"
