"""Tables while statements still add to them: ALTER, CREATE INDEX and COMMENT come after CREATE TABLE. Frozen when all is read."""

from dataclasses import dataclass, field, replace

from backwright.worker.place import Place
from backwright.worker.tables import Check, Column, Dialect, ForeignKey, Index, Key, Table, Words


@dataclass(slots=True)
class Draft:
    """One table being read."""

    schema: str
    name: str
    place: Place
    columns: list[Column] = field(default_factory=lambda: [])
    primary: Key | None = None
    foreign_keys: list[ForeignKey] = field(default_factory=lambda: [])
    uniques: list[Key] = field(default_factory=lambda: [])
    checks: list[Check] = field(default_factory=lambda: [])
    indexes: list[Index] = field(default_factory=lambda: [])
    comment: Words | None = None
    others: list[Words] = field(default_factory=lambda: [])

    @property
    def id(self) -> str:
        """As `Table.id`."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def find(self, name: str, dialect: Dialect) -> int:
        """The position of a column, in SQLite whatever its case; -1 if there is none."""
        same = [n for n, c in enumerate(self.columns) if c.name == name]
        same += [n for n, c in enumerate(self.columns) if dialect == "sqlite" and c.name.lower() == name.lower()]
        return same[0] if same else -1

    def drop(self, name: str) -> None:
        """Forget a column or a constraint of that name, with what stands on it."""
        self.columns = [c for c in self.columns if c.name != name]
        self.foreign_keys = [k for k in self.foreign_keys if k.name != name and name not in k.columns]
        self.uniques = [k for k in self.uniques if k.name != name and name not in k.columns]
        self.checks = [c for c in self.checks if c.name != name]
        self.indexes = [i for i in self.indexes if name not in i.parts]
        if self.primary is not None and (self.primary.name == name or name in self.primary.columns):
            self.primary = None

    def frozen(self, dialect: Dialect) -> Table:
        """The table: names as its own columns spell them, keys never null, an INTEGER PRIMARY KEY of SQLite numbered."""

        def spelled(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(self.columns[n].name if (n := self.find(name, dialect)) >= 0 else name for name in names)

        primary = replace(self.primary, columns=spelled(self.primary.columns)) if self.primary is not None else None
        keys = primary.columns if primary is not None else ()
        columns = [replace(c, nullable=False) if c.name in keys else c for c in self.columns]
        if dialect == "sqlite" and len(keys) == 1:
            columns = [replace(c, identity=True) if c.name == keys[0] and c.type == "integer" else c for c in columns]
        return Table(
            schema=self.schema, name=self.name, columns=tuple(columns), primary=primary, comment=self.comment, place=self.place,
            foreign_keys=tuple(replace(k, columns=spelled(k.columns)) for k in self.foreign_keys),
            uniques=tuple(replace(k, columns=spelled(k.columns)) for k in self.uniques), checks=tuple(self.checks),
            indexes=tuple(replace(i, parts=spelled(i.parts)) for i in self.indexes), others=tuple(self.others),
        )  # fmt: skip
