"""A whole project for a blueprint: every file with its text, and which functions still wait for somebody. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field

from backwright.domain.naming import plural, snake
from backwright.worker.blueprint import Blueprint, OperationPlan
from backwright.worker.survey.facts import RULES, Facts
from backwright.worker.write import flows, tests, texts
from backwright.worker.write.access import Access, access_file
from backwright.worker.write.contract import rest
from backwright.worker.write.derived import SIGNING, DerivedWriter, Underivable
from backwright.worker.write.derived_tests import DerivedTests
from backwright.worker.write.errors import errors_file
from backwright.worker.write.functions import FunctionWriter
from backwright.worker.write.model import in_order, model_file
from backwright.worker.write.serving import Serving, derived_names
from backwright.worker.write.source import Source, sentence
from backwright.worker.write.views import Builder, Unbuildable, views_file

_DERIVED = {
    "operations.py": "Operations that follow from the design, and that no resource serves by itself.",
    "sign_in.py": "Signing up and in, as the design has it.",
}


@dataclass(frozen=True, slots=True)
class Project:
    """What is to be written."""

    files: dict[str, str] = field(default_factory=dict[str, str])
    """Path → text, tests first. Python is not yet formatted."""
    unwritten: dict[str, str] = field(default_factory=dict[str, str])
    """Business function → the file in which it waits."""
    kept: dict[str, str] = field(default_factory=dict[str, str])
    """Business function that somebody has written → its file."""
    reasons: dict[str, str] = field(default_factory=dict[str, str])
    """Operation → why it is a function."""


def project(blueprint: Blueprint, facts: Facts) -> Project:
    """Everything that follows from the blueprint, with what somebody has written already wired in."""
    return _Draft(blueprint, facts).project()


class _Draft:
    def __init__(self, blueprint: Blueprint, facts: Facts) -> None:
        self.blueprint, self.facts = blueprint, facts
        self.serving = Serving(blueprint)
        self.functions = self.serving.served_by("function")
        self.access = Access(self.serving)
        self.modules: dict[str, str] = {}
        self.unwritten: dict[str, str] = {}
        self.kept: dict[str, str] = {}
        self.stubs: dict[str, list[OperationPlan]] = {}
        self.derived: dict[str, Source] = {}
        self.viewed: list[OperationPlan] = []
        self.built: dict[str, None] = {}
        for operation in self.functions:
            self._place(operation)

    def _place(self, operation: OperationPlan) -> None:
        """Where the function stands: where somebody wrote or moved it, else where it follows from the design or waits to be written."""
        name = operation.name
        found, origin = self.facts.business(name), self.facts.origin(name)
        if found is not None and found.file != origin:
            self.modules[name] = found.module
            (self.kept if found.written else self.unwritten)[name] = found.file
        elif found is not None and found.written and origin.startswith(RULES):
            self.kept[name] = origin  # the stub is generated all the same: merging puts what changes about it into the written one
            self._stub(operation, origin)
        elif not self._derived(operation):
            file = f"rules/{plural(snake(operation.entity)) if operation.entity else 'commands'}.py"
            file = f"rules/{name}.py" if self.facts.own(file) else file
            self.unwritten[name] = file
            self._stub(operation, file)

    def _stub(self, operation: OperationPlan, file: str) -> None:
        self.modules[operation.name] = file.removesuffix(".py").replace("/", ".")
        self.stubs.setdefault(file, []).append(operation)

    def _derived(self, operation: OperationPlan) -> bool:
        """Whether its body follows from the design; it is written if so."""
        file = "sign_in.py" if operation.kind in SIGNING else "operations.py"
        if self.facts.own(file):
            return False
        source = self.derived.setdefault(file, Source(_DERIVED[file], self.blueprint.names))
        before = source.snapshot()
        try:
            DerivedWriter(self.serving, source).function(operation)
        except (Underivable, Unbuildable) as why:
            source.restore(before)
            self.serving.reasons[operation.name] = str(why)
            return False
        self.modules[operation.name] = file.removesuffix(".py")
        shape = operation.answer.shape
        if shape and self.blueprint.shape(shape).entity and not FunctionWriter(self.serving, Source("")).as_entity(operation):
            self.built |= dict.fromkeys(Builder(self.serving).needed(shape, operation.entity))
        self.viewed.append(operation)
        return True

    def project(self) -> Project:
        code = dict(self._code())
        written = {path: text.lstrip("\n") if text == "\n" else text for path, text in {**dict(self._tests()), **code}.items() if text}
        written["load.json"] = texts.load(self.serving)
        written["pyproject.toml"] = texts.pyproject(
            self.blueprint, [f for f in ("rules",) if any(t.startswith("rules/") for t in self.facts.tests)]
        )
        written[".gitignore"] = texts.GITIGNORE
        written["README.md"] = texts.readme(self.blueprint, list(self.unwritten), list(written))
        return Project(written, self.unwritten, self.kept, self.serving.reasons)

    def _code(self) -> list[tuple[str, str]]:
        self.called = {name: module for name, module in self.modules.items() if name in self.access.calls or self._grant_call(name)}
        files = [("model.py", model_file(self.blueprint))]
        stubs = [o for operations in self.stubs.values() for o in operations]
        viewed = [o for o in self.functions if o in self.viewed or o in stubs or o.name in self.unwritten]
        files += [("views.py", views_file(self.serving, viewed, list(self.built)))]
        files += [(file, source.text()) for file, source in self.derived.items() if source.parts]
        files += [(file, self._rules(file, operations)) for file, operations in self.stubs.items()]
        if any(file.startswith("rules/") for file in (*self.stubs, *self.facts.files)):
            files += [("rules/__init__.py", '"""Business rules: what only a person can say."""\n')]
        files += [("errors.py", errors_file(self.blueprint))]
        files += [("access.py", access_file(self.blueprint, self.access, self.called)), ("app.py", self._app())]
        return files

    def _grant_call(self, name: str) -> bool:
        """Operations on rows that need a function are called under the rule that the design gives their verb."""
        operation = next(o for o in self.functions if o.name == name)
        self.access.calls[name] = "anyone" if operation.who == "anyone" else "signed_in"
        return True

    def _rules(self, file: str, operations: list[OperationPlan]) -> str:
        subject = file.removeprefix("rules/").removesuffix(".py").replace("_", " ")
        doc = f"Rules about {subject} that the design asks for and cannot state: each waits for somebody who knows them."
        source = Source(doc, self.blueprint.names)
        writer = FunctionWriter(self.serving, source)
        for operation in operations:
            writer.stub(operation)
        return source.text()

    def _app(self) -> str:
        blueprint = self.blueprint
        source = Source(sentence(blueprint.contract.title), blueprint.names)
        account = blueprint.sign_in_account
        said = {"access": source.use("access", "access")}
        if account is not None:
            said["sign_in"] = f"[{source.kit('Password')}({source.use('model', account.name)})]"
        said["serve"] = f"[{rest(source, self.serving, self.called)}]"
        reached = {*self.access.grants, *([account.name] if account else [])}
        if left := [e.name for e in in_order(blueprint.entities) if e.name not in self._found_from(reached)]:
            said["entities"] = f"[{', '.join(source.use('model', name) for name in left)}]"
        said["database"] = f"{source.kit('Database')}.from_environment()"
        if rows := [e.rows for e in blueprint.entities if e.rows]:
            said["load"] = f"{source.kit('Load')}(rows={max(rows):_})"
        words = "\n".join(f"    {name}={value}," for name, value in said.items())
        source.add(f"app = {source.kit('App')}(\n{words}\n)")
        return source.text()

    def _found_from(self, reached: set[str]) -> set[str]:
        """The entities that those refer to, however far away: the kit finds them by itself."""
        found, waiting = set[str](), list(reached)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [f.target for f in self.blueprint.entity(name).fields if f.target]
        return found

    def _tests(self) -> list[tuple[str, str]]:
        blueprint = self.blueprint
        made = tests.OperationTests(self.serving, self.access)
        commands = flows.CommandTests(self.serving, self.access.calls)
        names = self._operations()
        files: list[tuple[str, str]] = [(f"tests/{folder}__init__.py", "\n") for folder in ("", "unit/", "integration/", "api/")]
        files += [("tests/served.py", tests.SERVED), ("tests/rows.py", tests.rows_file(blueprint))]
        files += [("tests/unit/test_declarations.py", flows.declared_file(blueprint, names))]
        files += [("tests/integration/test_access.py", tests.rules_file(blueprint, self.access))]
        derived = DerivedTests(self.serving, self.access, self.viewed)
        files += [("tests/integration/test_sign_in.py", flows.sign_in_file(self.serving) or derived.sign_in_file())]
        files += [("tests/api/test_operations.py", derived.operations_file())]
        files += [(f"tests/api/test_{e.plural}.py", made.file(e)) for e in blueprint.entities]
        by_name: Callable[[str], OperationPlan] = lambda name: next(o for o in self.functions if o.name == name)  # noqa: E731
        files += [(f"tests/api/test_{name}.py", commands.file(by_name(name))) for name in self.kept]
        files += [(f"tests/unit/test_{name}.py", flows.rule_file(by_name(name), self.modules[name])) for name in self.unwritten]
        return files

    def _operations(self) -> list[str]:
        """The names of everything that the access table allows."""
        return [*self.modules, *(name for entity, rules in self.access.grants.items() for name in derived_names(entity, rules))]
