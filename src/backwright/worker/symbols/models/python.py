"""Models of Django, SQLAlchemy, SQLModel, Pydantic, msgspec and the kit."""

import re

from tree_sitter import Node

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.models.model import Candidate, Column, Model
from backwright.worker.symbols.syntax import call, every, literal, text_of

_ROOTS: dict[str, tuple[str, bool]] = {
    "models.Model": ("django", True),
    "db.Model": ("sqlalchemy", True),
    "DeclarativeBase": ("sqlalchemy", True),
    "SQLModel": ("sqlmodel", True),
    "Document": ("mongoengine", True),
    "Entity": ("backwright", True),
    "Account": ("backwright", True),
    "BaseModel": ("pydantic", False),
    "pydantic.BaseModel": ("pydantic", False),
    "BaseSettings": ("pydantic", False),
    "Struct": ("msgspec", False),
    "msgspec.Struct": ("msgspec", False),
    "Schema": ("marshmallow", False),
    "serializers.Serializer": ("rest_framework", False),
    "serializers.ModelSerializer": ("rest_framework", False),
}
"""What a class extends → its framework, and whether rows of it are stored."""
_NEEDS = {"Entity": "backwright", "Account": "backwright", "Document": "mongoengine", "Struct": "msgspec", "Schema": "marshmallow"}
_COLUMNS = frozenset({"Column", "mapped_column", "relationship", "column_property", "association_proxy", "synonym"})
_NONE = frozenset({"objects", "model_config", "query", "metadata", "registry"})


def read(code: Code) -> list[Candidate]:
    """The classes of a module that are models, or would be if a class they extend is."""
    made = set(re.findall(r"^(\w+)\s*=\s*(?:\w+\.)*(?:declarative_base|automap_base)\(", code.text(0, len(code.data)), re.M))
    return [one for node in every(code.root, ("class_definition",)) if (one := _candidate(code, node, made)) is not None]


def _candidate(code: Code, node: Node, made: set[str]) -> Candidate | None:
    superclasses, body = node.child_by_field_name("superclasses"), node.child_by_field_name("body")
    if superclasses is None or body is None:
        return None
    given = [child for child in superclasses.named_children if child.type != "keyword_argument"]
    texts = [text_of(child).partition("[")[0] for child in given]
    options = {
        text_of(c.named_children[0]): text_of(c.named_children[-1]) for c in superclasses.named_children if c.type == "keyword_argument"
    }
    framework, stored = next((_ROOTS[t] for t in texts if t in _ROOTS and _meant(code, t)), ("", False))
    if framework == "sqlmodel" and options.get("table") != "True":
        stored = False
    fields, table, columns = _fields(body)
    if not framework and (columns or any(text in made for text in texts)):
        framework, stored = "sqlalchemy", True
    if framework == "sqlalchemy" and not fields and table is None:
        return None  # the declarative base itself
    name = text_of(node.child_by_field_name("name"))
    model = Model(name, framework, stored, code.file, node.start_point.row + 1, tuple(fields), table)
    return Candidate(model, tuple(text.rpartition(".")[2] for text in texts))


def _meant(code: Code, base: str) -> bool:
    needed = _NEEDS.get(base)
    return needed is None or needed.encode() in code.data


def _fields(body: Node) -> tuple[list[Column], str | None, bool]:
    """The fields, the table where it is named, and whether there are columns of SQLAlchemy."""
    found: list[Column] = []
    table: str | None = None
    columns = False
    for statement in body.named_children:
        node = statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else statement
        if statement.type == "class_definition" and text_of(statement.child_by_field_name("name")) == "Meta":
            said = re.search(r"\bdb_table\s*=\s*['\"]([^'\"]+)", text_of(statement))
            table = said[1] if said else table
        if node.type != "assignment":
            continue
        name, kind, value = (text_of(node.child_by_field_name(field)) for field in ("left", "type", "right"))
        right = call(node.child_by_field_name("right"))
        if name == "__tablename__":
            table, columns = literal(node.child_by_field_name("right")) or value, True
        if name.startswith("_") or name in _NONE or not re.fullmatch(r"\w+", name) or kind.startswith("ClassVar"):
            continue
        if (right is not None and right.name in _COLUMNS) or kind.startswith("Mapped["):
            columns = True
        elif not kind and right is None:
            continue
        found.append(Column(name, kind or _type(value), node.start_point.row + 1))
    return found, table, columns


def _type(value: str) -> str:
    """The type that a field's call says: ``Column(Integer, …)`` is ``Integer``, ``ForeignKey(Book, …)`` is itself."""
    name, _, rest = " ".join(value.split()).partition("(")
    first = re.match(r"[^,()]*(?:\([^()]*\))?", rest)
    inner = first[0].strip() if first else ""
    if name.rpartition(".")[2] in ("Column", "mapped_column"):
        return inner if "=" not in inner else ""
    return (
        f"{name}({inner})"
        if re.search(r"(ForeignKey|Field|relationship|OneToOne|ManyToMany)", name) and inner and "=" not in inner
        else name
    )
