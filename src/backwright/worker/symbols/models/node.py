"""Models of TypeORM, Sequelize, Mongoose and Prisma."""

import re

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.models.model import Candidate, Column, Model
from backwright.worker.symbols.outline import Definition, definitions
from backwright.worker.symbols.symbol import Kind
from backwright.worker.symbols.syntax import Call, bound, calls, literal, properties, text_of

_COLUMN = re.compile(
    r"@(?:Column|Primary\w*|CreateDateColumn|UpdateDateColumn|DeleteDateColumn|VersionColumn|OneToMany|ManyToOne|OneToOne|ManyToMany|Prop|Field"
    r"|ForeignKey|BelongsTo|HasMany|HasOne|Property|Enum|AutoIncrement)\b"
)
_HOLDERS = {"Entity": "typeorm", "Table": "sequelize", "Schema": "mongoose"}
_PRISMA = re.compile(r"^(?:model)\s+(\w+)\s*\{(.*?)^\}", re.M | re.S)


def read(code: Code) -> list[Candidate]:
    """The models of a module."""
    return [Candidate(model, ()) for model in [*_classes(code), *_made(code)]]


def _classes(code: Code) -> list[Model]:
    found = definitions(code)
    models: list[Model] = []
    for at, one in enumerate(found):
        said = code.text(one.start, one.own)
        holder = re.search(r"@(Entity|Table|Schema)\s*\(\s*(?:['\"]([^'\"]+)['\"])?", said) if one.kind is Kind.CLASS else None
        if holder is None:
            continue
        framework = "mikro-orm" if holder[1] == "Entity" and b"@mikro-orm" in code.data else _HOLDERS[holder[1]]
        table = holder[2] or next(iter(re.findall(r"(?:tableName|name|collection)\s*:\s*['\"]([^'\"]+)", said)), None)
        fields = [_field(code, inner) for inner in found if inner.parent == at and _COLUMN.search(code.text(inner.start, inner.own))]
        models.append(Model(one.name, framework, True, code.file, code.line(one.named), tuple(fields), table))
    return models


def _field(code: Code, one: Definition) -> Column:
    said = re.search(r":\s*([^=;]+)", code.text(one.named, one.end))
    return Column(one.name, said[1].strip() if said else "", code.line(one.named))


def _made(code: Code) -> list[Model]:
    """``sequelize.define``, ``User.init``, ``new Schema`` with ``model("Name", schema)``."""
    found: list[Model] = []
    schemas: dict[str, Call] = {}
    for one in calls(code.root):
        name = literal(one.given(0))
        if one.name == "define" and name and one.on and len(one.positional) > 1 and b"equelize" in code.data:
            found.append(_model(code, name, "sequelize", one, 1))
        elif one.name == "init" and one.on and len(one.positional) > 1 and b"equelize" in code.data:
            table = literal(properties(one.given(1)).get("tableName"))
            found.append(_model(code, one.on, "sequelize", one, 0, table))
        elif one.name == "Schema" and (variable := bound(one.node)) and b"mongoose" in code.data:
            schemas[variable] = one
        elif one.name == "model" and name and len(one.positional) > 1 and (schema := schemas.pop(text_of(one.given(1)), None)) is not None:
            found.append(_model(code, name, "mongoose", schema, 0))
    return found + [_model(code, name, "mongoose", schema, 0) for name, schema in schemas.items()]


def _model(code: Code, name: str, framework: str, one: Call, at: int, table: str | None = None) -> Model:
    fields = [
        Column(key, " ".join((text_of(properties(value).get("type")) or text_of(value)).split())[:60], value.start_point.row + 1)
        for key, value in properties(one.given(at)).items()
    ]
    return Model(name, framework, True, code.file, one.line, tuple(fields), table)


def prisma(file: str, text: str) -> list[Model]:
    """The models of a Prisma schema."""
    found: list[Model] = []
    for said in _PRISMA.finditer(text):
        line = text.count("\n", 0, said.start()) + 1
        table = re.search(r'@@map\("([^"]+)"\)', said[2])
        fields = [
            Column(parts[0], parts[1], line + at) for at, row in enumerate(said[2].split("\n"))
            if len(parts := row.split("//")[0].split()) > 1 and re.fullmatch(r"\w+", parts[0])
        ]  # fmt: skip
        found.append(Model(said[1], "prisma", True, file, line, tuple(fields), table[1] if table else None))
    return found
