"""How a service starts: what the repository says, then what follows from the framework's conventions."""

import re
from collections.abc import Mapping, Sequence

from backwright.worker.survey.code import PROGRAM, WEB
from backwright.worker.survey.containers import ComposeService
from backwright.worker.survey.manifests.package import PROJECT, Declared
from backwright.worker.survey.manifests.reading import folder
from backwright.worker.survey.repository import Command, Evidence
from backwright.worker.survey.signals import Begun

_SCRIPTS = ("start:prod", "start", "serve", "server", "start:dev", "dev", "develop")
_FILES = {
    "Django": [("manage.py", "Django manage.py")],
    "Rails": [("config/application.rb", "Rails application")],
    "Laravel": [("artisan", "Laravel artisan"), ("public/index.php", "front controller")],
    "Lumen": [("artisan", "Lumen artisan"), ("public/index.php", "front controller")],
    "Symfony": [("bin/console", "Symfony console"), ("public/index.php", "front controller")],
    "Slim": [("public/index.php", "front controller")],
    "CakePHP": [("bin/cake", "CakePHP console"), ("webroot/index.php", "front controller")],
    "Yii": [("yii", "Yii console"), ("web/index.php", "front controller")],
    "CodeIgniter": [("spark", "CodeIgniter console"), ("public/index.php", "front controller")],
    "Sinatra": [("config.ru", "Rack configuration")],
    "Grape": [("config.ru", "Rack configuration")],
    "Hanami": [("config.ru", "Rack configuration")],
}
_PAGE = "PHP entry page"
_NEXT = re.compile(r"^(src/)?(app/(.+/)?route\.[cm]?[jt]sx?|pages/api/.+\.[cm]?[jt]sx?)$")


class Starting:
    """What the files of the repository say about starting things."""

    def __init__(
        self, paths: frozenset[str], next_routes: Sequence[str], dockerfiles: Mapping[str, tuple[str, Evidence]],
        composed: Sequence[ComposeService], procfiles: Mapping[str, Sequence[tuple[str, str, Evidence]]],
    ) -> None:  # fmt: skip
        self.paths, self.next_routes, self.dockerfiles = paths, next_routes, dockerfiles
        self.composed, self.procfiles = composed, procfiles

    def conventional(self, declared: Declared, names: set[str]) -> list[Begun]:
        """The entry points that are known by their place."""
        found: list[Begun] = []
        for framework in sorted(names):
            for file, what in _FILES.get(framework, ()):
                path = f"{declared.folder}/{file}".strip("/")
                if path in self.paths:
                    found.append(Begun(declared.folder, declared.ecosystem, what, WEB, framework, "", Evidence(path, 0, file)))
        if declared.ecosystem == "php" and declared.manifest and not names:
            pages = [f"{declared.folder}/{file}".strip("/") for file in ("public/index.php", "index.php")]
            found += [Begun(declared.folder, "php", _PAGE, WEB, "", "", Evidence(p, 0, p)) for p in pages if p in self.paths][:1]
        if "Next.js" in names:
            prefix = f"{declared.folder}/" if declared.folder else ""
            routes = [p for p in self.next_routes if p.startswith(prefix) and _NEXT.match(p.removeprefix(prefix))]
            found += [Begun(declared.folder, "node", "Next.js API route", WEB, "Next.js", "", Evidence(p, 0, p)) for p in routes[:10]]
        return found

    def starts(self, declared: Declared, entries: Sequence[Begun]) -> bool:
        """Whether anything shows that a package among others is started and not only imported."""
        stated = self._stated(declared)
        program = any(
            re.search(r"(^|/)(main|server|index|app|manage|wsgi|asgi|__main__|bootstrap|route)\.\w+$", b.at.file) for b in entries
        )
        return bool(stated) or program

    def commands(self, declared: Declared, names: set[str], entries: Sequence[Begun]) -> tuple[Command, ...]:
        """The commands, those that a file states first, each once."""
        listed = [*self._stated(declared), *_derived(declared, names, entries)]
        return tuple({command.text: command for command in reversed(listed)}.values())[::-1]

    def _stated(self, declared: Declared) -> list[Command]:
        found: list[Command] = []
        scripts = {script.name: script for script in declared.scripts}
        if PROJECT in declared.marks:
            found += [Command(script.command, script.at) for script in declared.scripts]
        elif declared.ecosystem == "node":
            runs = {"npm": "npm run", "pnpm": "pnpm", "yarn": "yarn", "bun": "bun run"}.get(declared.manager, "npm run")
            found += [Command(f"{runs} {name}", scripts[name].at) for name in _SCRIPTS if name in scripts and scripts[name].command]
        found += [Command(text, at) for name, text, at in self.procfiles.get(declared.folder, ()) if name != "release"]
        if declared.folder in self.dockerfiles:
            found.append(Command(*self.dockerfiles[declared.folder]))
        found += [Command(c.command, c.at) for c in self.composed if c.folder == declared.folder and c.command]
        return found


def _derived(declared: Declared, names: set[str], entries: Sequence[Begun]) -> list[Command]:
    """The conventional commands, to be run in the folder of the manifest; those of Maven, Gradle and .NET in the root."""
    found: list[Command] = []
    for one in sorted(entries, key=lambda b: (b.at.file.count("/"), b.at.file)):
        text = _command(declared, names, one)
        if text:
            found.append(Command(text, one.at, derived=True))
    return found[:3]


def _command(declared: Declared, names: set[str], one: Begun) -> str:
    inside = one.at.file.removeprefix(f"{declared.folder}/") if declared.folder else one.at.file
    bare = inside.removeprefix("src/")
    module = (bare if "/" in bare else inside).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    name = one.name or "app"
    if one.framework == "Backwright":
        return "backwright serve"
    if one.framework in ("FastAPI", "Starlette", "Litestar", "Quart", "Falcon"):
        made = "--factory " if name.endswith("()") else ""
        return f"uvicorn {made}{module}:{name.removesuffix('()')}" if one.name else ""
    if one.framework == "Sanic":
        return f"sanic {module}:{name.removesuffix('()')}{' --factory' if name.endswith('()') else ''}"
    if one.framework == "Flask":
        made = f":{name.removesuffix('()')}" if name.endswith("()") else ""
        return f"flask --app {module}{made} run" if one.name else ""
    if one.framework == "Django":
        return f"python {inside} runserver" if inside.endswith("manage.py") else ""
    simple = {
        "Celery app": f"celery -A {module} worker",
        _PAGE: f"php -S localhost:8000 -t {folder(inside)}".removesuffix(" -t "),
        "Laravel artisan": "php artisan serve", "Symfony console": "symfony serve", "front controller": "php -S localhost:8000 -t public",
        "Rails application": "bin/rails server", "Rack configuration": "bundle exec rackup", "Sinatra script": f"ruby {inside}",
        "Next.js API route": "npx next start", "aiohttp": f"python {inside}", "Tornado": f"python {inside}",
    }  # fmt: skip
    if found := simple.get(one.framework) or simple.get(one.what):
        return found
    if declared.ecosystem == "jvm":
        return _jvm(declared, names)
    if declared.ecosystem == "go" and one.kind == PROGRAM:
        below = folder(one.at.file).removeprefix(folder(declared.manifest)).strip("/")
        return f"go run ./{below}" if below else "go run ."
    if declared.ecosystem == "dotnet":
        return f"dotnet run --project {declared.manifest}" if declared.manifest else ""
    return _node(declared, inside) if declared.ecosystem == "node" and one.listens else ""


def _node(declared: Declared, inside: str) -> str:
    started = [script.command for script in declared.scripts if script.name in _SCRIPTS and script.command]
    runs = inside.endswith((".js", ".mjs", ".cjs")) and (not started or any(inside in text for text in started))
    return f"node {inside}" if runs else ""


def _jvm(declared: Declared, names: set[str]) -> str:
    if not declared.manifest:
        return ""
    maven = {"Spring Boot": "spring-boot:run", "Quarkus": "quarkus:dev", "Micronaut": "mn:run"}
    gradle = {"Spring Boot": "bootRun", "Quarkus": "quarkusDev"}
    framework = next(iter(sorted(names)), "")
    if declared.manager == "Maven":
        goal = maven.get(framework, "exec:java")
        return f"mvn -pl {declared.folder} {goal}" if declared.folder else f"mvn {goal}"
    task = gradle.get(framework, "run")
    return f"gradle :{declared.folder.replace('/', ':')}:{task}" if declared.folder else f"gradle {task}"
