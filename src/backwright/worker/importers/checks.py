"""What is wrong with a design as a whole, once all of it is read: names, paths, security, defaults and examples."""

import re

from backwright.worker.design import ABSENT, Design, Operation, Parameter, Requirement, Schema, every_schema
from backwright.worker.place import Place, Problem, Severity
from backwright.worker.values import misfits

MAX_CHAIN = 64


class Checks:
    """Adds every problem it finds to the list it was given."""

    def __init__(self, design: Design, problems: list[Problem]) -> None:
        self.design, self.problems = design, problems
        self.seen: set[Place] = set()

    def circles(self) -> None:
        """A schema that is ``allOf`` itself, or a chain of references without an end, cannot be merged."""
        for address, schema in self.design.schemas.items():
            if self.leads_back(address):
                self.wrong(
                    schema.place, f"{schema.name or 'This schema'} is built from itself by $ref or allOf.", "Take itself out of its allOf."
                )

    def leads_back(self, start: str) -> bool:
        passed: set[str] = set()
        level = {start}
        for _ in range(MAX_CHAIN):
            level = {ref for address in level for ref in _built_from(self.design.schemas[address])} - passed
            if not level:
                return False
            if start in level:
                return True
            passed |= level
        return True

    def run(self) -> None:
        """Everything that needs merged schemas; only when `circles` found nothing."""
        self.operation_ids()
        for operation in self.design.operations:
            self.path_parameters(operation)
        self.security()
        for schema in every_schema(self.design):
            self.schema(schema)
        for operation in (*self.design.operations, *self.design.webhooks):
            self.examples(operation)

    def operation_ids(self) -> None:
        first: dict[str, Operation] = {}
        for operation in (*self.design.operations, *self.design.webhooks):
            if operation.id and operation.id in first and first[operation.id].place != operation.place:
                self.wrong(
                    operation.place,
                    f"The operationId {operation.id!r} is used twice (first in line {first[operation.id].place.line}).",
                    "Give each operation its own.",
                )
            first.setdefault(operation.id, operation)

    def path_parameters(self, operation: Operation) -> None:
        wanted = re.findall(r"\{([^{}/]+)\}", operation.path)
        declared = {p.name: p for p in operation.parameters if p.location == "path"}
        for name in wanted:
            if name not in declared:
                self.wrong(
                    operation.place,
                    f"{operation.method} {operation.path}: the path parameter {name!r} is not declared.",
                    f"Add {{name: {name}, in: path, required: true, schema: …}}.",
                )
            if wanted.count(name) > 1:
                self.wrong(operation.place, f"{operation.path} names {name!r} twice.", "Give each parameter its own name.")
        for name, parameter in declared.items():
            if name not in wanted:
                self.wrong(
                    parameter.place,
                    f"The path parameter {name!r} is not in the path {operation.path}.",
                    f"Write {{{name}}} in the path, or drop the parameter.",
                )

    def security(self) -> None:
        everywhere: list[Requirement] = list(self.design.security)
        for operation in (*self.design.operations, *self.design.webhooks):
            everywhere += operation.security or ()
        for requirement in everywhere:
            for name, _ in requirement.schemes:
                if name not in self.design.security_schemes:
                    self.wrong(
                        requirement.place,
                        f"The security scheme {name!r} is not defined.",
                        f"Define it under components/securitySchemes, e.g. {name}: {{type: http, scheme: bearer}}.",
                    )

    def schema(self, schema: Schema) -> None:
        whole = self.design.whole(schema)
        if schema.required and not schema.ref and (schema.properties or schema.all_of or schema.types == ("object",)):
            self.required(schema, whole)
        if schema.default is not ABSENT:
            for reason in misfits(self.design, schema, schema.default)[:3]:
                self.wrong(
                    _inner(schema, "default"), f"The default does not fit its own schema: {reason}.", "Correct the default or the schema."
                )
        for example in schema.examples[:20]:
            for reason in misfits(self.design, schema, example)[:3]:
                self.wrong(
                    _inner(schema, "example"),
                    f"The example does not fit its schema: {reason}.",
                    "Correct the example or the schema.",
                    "warning",
                )

    def required(self, schema: Schema, whole: Schema) -> None:
        names = {p.name for p in whole.properties}
        branches = [self.design.whole(b) for b in (*whole.one_of, *whole.any_of)]
        names |= {p.name for branch in branches for p in branch.properties}
        if not names and whole.additional is not False and not schema.properties:
            return
        for name in schema.required:
            if name not in names and whole.additional in (None, False):
                self.wrong(
                    _inner(schema, "required"),
                    f"required names {name!r}, which is not among the properties.",
                    f"Add {name} to properties, or take it out of required.",
                )

    def examples(self, operation: Operation) -> None:
        for parameter in operation.parameters:
            self.parameter(parameter)
        bodies = [*(operation.body.media if operation.body is not None else ()), *(m for r in operation.responses for m in r.media)]
        for media in bodies:
            for example in media.examples[:20] if media.schema is not None and "json" in media.type else ():
                if media.schema is not None and example.place not in self.seen:
                    self.seen.add(example.place)
                    self.example(media.schema, example.value, example.place)

    def parameter(self, parameter: Parameter) -> None:
        for example in parameter.examples[:20] if parameter.schema is not None else ():
            if parameter.schema is not None and example.place not in self.seen:
                self.seen.add(example.place)
                self.example(parameter.schema, example.value, example.place)

    def example(self, schema: Schema, value: object, place: Place) -> None:
        for reason in misfits(self.design, schema, value)[:5]:
            self.wrong(place, f"The example does not match its schema: {reason}.", "Correct the example or the schema.", "warning")

    def wrong(self, place: Place, what: str, mend: str, severity: Severity = "error") -> None:
        problem = Problem(place.file, place.line, place.pointer, severity, what, mend)
        if problem not in self.problems:
            self.problems.append(problem)


def _built_from(schema: Schema) -> list[str]:
    refs = [schema.ref] if schema.ref else []
    waiting = list(schema.all_of)
    while waiting:
        part = waiting.pop()
        refs += [part.ref] if part.ref else []
        waiting += part.all_of
    return refs


def _inner(schema: Schema, key: str) -> Place:
    place = schema.place
    return Place(place.file, schema.lines.get(key, place.line), f"{place.pointer}/{key}")
