"""The compiler of the REST contract: from declarations to a site. The default contract is made of the same values as any other."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from backwright.api.rest.answering import Answers
from backwright.api.rest.calls import FunctionRoute
from backwright.api.rest.contract import Resource, Rest, Route, named, resource, route
from backwright.api.rest.documented import Documented
from backwright.api.rest.documenting import document
from backwright.api.rest.endpoint import RestEndpoint
from backwright.api.rest.resources import ResourceRoutes, verb_of
from backwright.api.rest.site import RestSite
from backwright.data.sql.shapes import Shape, build_shape
from backwright.domain.entity import Entity
from backwright.domain.mistakes import DeclarationError, Mistake
from backwright.domain.model import Model
from backwright.domain.naming import kebab
from backwright.operations.execution import Executor
from backwright.operations.gate import Gate
from backwright.operations.operation import Catalogue
from backwright.operations.prescan import InputLimits
from backwright.operations.records import Records


class RestDoor:
    """The compiled contract: the site that answers, and what the documentation is made of."""

    def __init__(
        self, rest: Rest, model: Model, catalogue: Catalogue, executor: Executor, gate: Gate, *, secret: bytes, limits: InputLimits,
        clock: Callable[[], float], folder: Path = Path(),
    ) -> None:  # fmt: skip
        self.rest = rest
        self.model = model
        self.catalogue = catalogue
        self.executor = executor
        self.gate = gate
        self.limits = limits
        self.site = RestSite(errors=rest.errors, cors=rest.cors, clock=clock, statuses=rest.error_statuses)
        self.naming = named(rest.case)
        self.records = Records(executor, catalogue.rules)
        self.mistakes: list[Mistake] = []
        self.documented: list[Documented] = []
        self.answers = Answers(folder / rest.templates)
        self.resources = [self._resource(line, secret) for line in self._resources()]
        self.functions = [made for line in self._routes() if (made := self._function(line)) is not None]
        if self.mistakes:
            raise DeclarationError(self.mistakes)

    def _resources(self) -> list[Resource]:
        if self.rest.resources is not None:
            return list(self.rest.resources)
        granted = {op.entity: None for op in self.catalogue.operations.values() if op.entity is not None}
        return [resource(entity, "/" + self.model[entity].plural.replace("_", "-")) for entity in granted]

    def _routes(self) -> list[Route]:
        if self.rest.routes is not None:
            return list(self.rest.routes)
        functions = [op.function for op in self.catalogue.operations.values() if op.function is not None]
        return [route(f"POST /{kebab(function.__name__)}", function) for function in functions]

    def _resource(self, line: Resource, secret: bytes) -> ResourceRoutes:
        routes = ResourceRoutes(
            line, self.model, self.records, self.gate, prefix=self.rest.prefix, naming=self.naming, limits=self.limits, secret=secret,
            require_versions=self.rest.require_versions,
        )  # fmt: skip
        for verb in line.verbs:
            operation = self.catalogue.find(line.entity, verb_of(verb))
            if operation is not None:
                method, path, endpoint = routes.endpoint(verb, operation)
                self._add(method, path, endpoint, f"{self.model[line.entity].name} at {line.path}")
                self.documented.append(document(routes, verb, operation))
        return routes

    def _function(self, line: Route) -> FunctionRoute | None:
        operation = self.catalogue.find(line.function)
        if operation is None:
            self._wrong(
                f"{line.method} {line.path} serves {line.function.__name__}, which the access table does not allow.",
                f"Add allow({line.function.__name__}, call=...).",
            )
            return None
        try:
            made = FunctionRoute(
                line, operation, self.model, self.executor, self.gate, prefix=self.rest.prefix, naming=self.naming, limits=self.limits,
                answers=self.answers, shape_of=self.shape_of,
            )  # fmt: skip
        except DeclarationError as error:
            self.mistakes += error.mistakes
            return None
        self._add(line.method, made.path, made.endpoint(), operation.name)
        self.documented.append(made.documented())
        return made

    def shape_of(self, entity: type[Entity]) -> Shape:
        """How the contract shows an entity that a function returns: as the resource of it does, else whole."""
        served = next((r.shape for r in self.resources if r.resource.entity is entity), None)
        return served or build_shape(self.model, entity, naming=self.naming)

    def add_account(self, documented: Documented, endpoint: RestEndpoint) -> None:
        """Serve one of the sign-in routes. Raises `DeclarationError` if the path is taken."""
        self._add(documented.method, documented.path, endpoint, endpoint.name)
        self.documented.append(documented)
        if self.mistakes:
            raise DeclarationError(self.mistakes)

    def _add(self, method: str, path: str, endpoint: Any, what: str) -> None:
        try:
            self.site.add(method, path, endpoint)
        except ValueError as twice:
            self._wrong(f"{twice} ({what}).", "Give one of them another path.")

    def _wrong(self, what: str, mend: str) -> None:
        self.mistakes.append(Mistake("Rest(...)", 0, what, mend))
