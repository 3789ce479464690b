"""The compiled statements and row makers of every entity: one set, shared by derived operations, transactions and all doors."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from backwright.data.engines.engine import Dialect
from backwright.data.objects import Objects
from backwright.data.sql.shapes import Shape, build_shape
from backwright.data.sql.statements import ReadRule, Statement, Statements
from backwright.domain.entity import Entity
from backwright.domain.model import EntityModel, Field, Model


class EntityPlans:
    """What is compiled for one entity."""

    def __init__(self, statements: Statements, model: EntityModel) -> None:
        self.statements = statements
        self.model = model
        self.entity = model.entity
        self.objects = Objects(model, statements.dialect)
        self._updates: dict[tuple[Field, ...], Statement] = {}

    @cached_property
    def shape(self) -> Shape:
        return build_shape(self.statements.model, self.entity)

    @cached_property
    def load(self) -> Statement:
        return self.statements.load(self.entity)

    @cached_property
    def lock(self) -> Statement:
        return self.statements.load(self.entity, lock=True)

    @cached_property
    def insert(self) -> Statement:
        return self.statements.insert(self.entity, self.objects.columns)

    @cached_property
    def delete(self) -> Statement:
        return self.statements.delete(self.entity)

    @cached_property
    def touch(self) -> Statement | None:
        return self.statements.touch(self.entity)

    @cached_property
    def several(self) -> Statement:
        return self.statements.several(self.shape)

    def update(self, fields: tuple[Field, ...]) -> Statement:
        """The update of just these fields; there are as many as combinations that really occur."""
        statement = self._updates.get(fields)
        if statement is None:
            statement = self._updates[fields] = self.statements.update(self.entity, fields)
        return statement

    def rows(self, rows: Sequence[Sequence[Any]]) -> list[Entity]:
        """Objects of loaded rows."""
        make = self.objects.from_row
        return [make(row) for row in rows]


class Plans:
    """`EntityPlans` of all entities of a model on one dialect."""

    def __init__(self, model: Model, dialect: Dialect, read_rule: ReadRule = lambda entity: None) -> None:
        self.model = model
        self.dialect: Dialect = dialect
        self.statements = Statements(model, dialect, read_rule)
        self._of = {entity: EntityPlans(self.statements, entity_model) for entity, entity_model in model.entities.items()}

    def __getitem__(self, entity: type[Entity]) -> EntityPlans:
        return self._of[entity]
