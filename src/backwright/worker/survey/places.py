"""What a file is for, by its path: source, test, example; a document, a migration, a container file, a CI system. Pure."""

import re

from backwright.worker.survey.repository import Thing

MAIN, TEST, ASIDE = "main", "test", "aside"

_ASIDE = frozenset(
    {
        "testdata", "fixtures", "fixture", "__fixtures__", "__mocks__", "mocks", "examples", "example", "samples", "sample", "docs", "doc",
        "docs_src", "documentation", "demo", "demos", "stubs", "snapshots", "__snapshots__", "cookiecutter", "scaffolds",
        "benchmarks", "bench",
    }
)  # fmt: skip
_TEST = frozenset(
    {"test", "tests", "__tests__", "spec", "specs", "e2e", "cypress", "testing", "integrationtest", "androidtest", "testfixtures"}
)
_TEST_FILE = re.compile(
    r"^test_.*\.py$|_test\.(py|go|rb)$|\.(spec|test|e2e-spec)\.[cm]?[jt]sx?$|(Test|Tests|IT|Spec)\.(java|kt|cs|php|groovy)$|_spec\.rb$|^conftest\.py$|^tests\.py$"
)
_TEST_PROJECT = re.compile(r"[._-](unit|integration|functional|e2e)?_?tests?$|^(Unit|Integration|Functional)Tests$", re.I)

_MIGRATIONS = [
    (re.compile(r"^(.*?)/versions/[^/]+\.py$"), "Alembic", re.compile(r"(^|/)(alembic|migrations?)/versions/")),
    (re.compile(r"^(.*/migrations)/\d{4}_\w+\.py$"), "Django migrations", None),
    (re.compile(r"^((?:.*/)?prisma/migrations)/[^/]+/migration\.sql$"), "Prisma Migrate", None),
    (re.compile(r"^((?:.*/)?drizzle(?:/migrations)?)/\d{4}_\w+\.sql$"), "Drizzle Kit", None),
    (re.compile(r"^((?:.*/)?db/migrate)/\d+_\w+\.rb$"), "Active Record migrations", None),
    (re.compile(r"^((?:.*/)?database/migrations)/\d{4}_\d\d_\d\d_\d+_\w+\.php$"), "Laravel migrations", None),
    (re.compile(r"^((?:.*/)?migrations)/(?:\d{4}/)?Version\d+\.php$"), "Doctrine migrations", None),
    (re.compile(r"^((?:.*/)?db/migrations?(?:/[\w/]+)?)/[VUR]\d*[\d._]*__[^/]+\.(?:sql|java|kt)$"), "Flyway", None),
    (re.compile(r"^((?:.*/)?db/changelog)/.+\.(?:xml|ya?ml|sql|json)$"), "Liquibase", None),
    (re.compile(r"^(.*/?Migrations)/\d{14}_\w+\.cs$"), "EF Core migrations", None),
    (re.compile(r"^((?:.*/)?(?:migrations?|migrate))/\d+_[\w.-]+\.(?:up|down)\.sql$"), "golang-migrate", None),
    (re.compile(r"^((?:.*/)?migrations?)/\d{10,}[-_][\w.-]+\.[cm]?[jt]s$"), "Node.js migrations", None),
    (re.compile(r"^((?:.*/)?migrations?)/\d+[-_][\w.-]+\.sql$"), "SQL migrations", None),
]  # fmt: skip
_MAYBE_MIGRATION = re.compile(r"igrat|versions/|drizzle/|db/")
"""What every path of a migration holds: most paths need no closer look."""
_CI = [
    (re.compile(r"^\.github/workflows/[^/]+\.ya?ml$"), "GitHub Actions"),
    (re.compile(r"^\.gitlab-ci\.ya?ml$"), "GitLab CI"),
    (re.compile(r"^\.circleci/config\.ya?ml$"), "CircleCI"),
    (re.compile(r"^(.*/)?Jenkinsfile$"), "Jenkins"),
    (re.compile(r"^azure-pipelines.*\.ya?ml$|^\.azure-pipelines/.*\.ya?ml$"), "Azure Pipelines"),
    (re.compile(r"^bitbucket-pipelines\.ya?ml$"), "Bitbucket Pipelines"),
    (re.compile(r"^\.travis\.ya?ml$"), "Travis CI"),
    (re.compile(r"^\.drone\.ya?ml$"), "Drone"),
    (re.compile(r"^\.buildkite/.*\.ya?ml$"), "Buildkite"),
    (re.compile(r"^appveyor\.ya?ml$"), "AppVeyor"),
    (re.compile(r"^\.woodpecker(/.*)?\.ya?ml$"), "Woodpecker"),
]
_ADR = re.compile(r"(^|/)(adrs?|decisions|architecture-decisions|decision-records)/(?!readme|index|template)[^/]+\.(md|adoc|rst)$", re.I)
_DOCUMENT = re.compile(r"\.(ya?ml|json)$", re.I)
_COMPOSE = re.compile(r"(^|/)(docker-)?compose([.-][\w.-]+)?\.ya?ml$")
_DOCKERFILE = re.compile(r"(^|/)(Dockerfile|Containerfile)([.-][\w.-]+)?$|\.Dockerfile$")
_CONFIGURATION = re.compile(
    r"(^|/)\.env(\.[\w.-]+)?$|(^|/)(env|dotenv)\.(example|sample|dist|template)$|(^|/)(application|bootstrap)(-[\w-]+)?\.(ya?ml|properties)$"
    r"|(^|/)appsettings(\.\w+)?\.json$|(^|/)config/(\w+/)*[\w.-]+\.(ya?ml|json|toml|ini)$|\.prisma$|(^|/)alembic\.ini$|(^|/)ormconfig\.json$"
)


def role(path: str) -> str:
    """``main``, ``test``, or ``aside`` for fixtures, examples, templates and documentation."""
    *folders, name = path.split("/")
    lowered = [f.lower() for f in folders]
    if any(f in _ASIDE for f in lowered) or any("{{" in f for f in folders) or ("templates" in lowered and "generators" in lowered):
        return ASIDE
    if any(f in _TEST or _TEST_PROJECT.search(f) for f in lowered) or _TEST_FILE.search(name):
        return TEST
    return MAIN


def migration(path: str) -> tuple[str, str] | None:
    """The folder of migrations that the file belongs to, and their tool."""
    if not _MAYBE_MIGRATION.search(path):
        return None
    for pattern, tool, needed in _MIGRATIONS:
        if (match := pattern.match(path)) and (needed is None or needed.search(path)):
            return match[1].rstrip("/") + ("/versions" if tool == "Alembic" else ""), tool
    return None


def ci(path: str) -> Thing | None:
    """The CI system that reads the file."""
    return next((Thing("ci", name, path) for pattern, name in _CI if pattern.search(path)), None)


def is_compose(path: str) -> bool:
    """A Compose file."""
    return bool(_COMPOSE.search(path))


def is_dockerfile(path: str) -> bool:
    """A container's build file."""
    return bool(_DOCKERFILE.search(path)) and not path.endswith((".md", ".dockerignore", ".py", ".j2", ".txt", ".go"))


def is_configuration(path: str) -> bool:
    """A file that may say which systems the code connects to."""
    return bool(_CONFIGURATION.search(path))


def is_decision(path: str) -> bool:
    """An architecture decision record."""
    return bool(_ADR.search(path))


def may_be_document(path: str) -> bool:
    """YAML or JSON that could describe an API."""
    return bool(_DOCUMENT.search(path)) and not path.startswith(".github/")


def document(path: str, text: str) -> Thing | None:
    """The API document that the text is: OpenAPI, AsyncAPI, Postman, GraphQL SDL, protobuf. Told by its first keys, not by its name."""
    if path.endswith((".graphql", ".gql", ".graphqls")):
        return (
            Thing("GraphQL SDL", "", path)
            if re.search(r"^\s*(extend\s+)?(type|schema|interface|input|enum)\b[^\n]*\{", text, re.M)
            else None
        )
    if path.endswith(".proto"):
        return Thing("protobuf", "", path) if re.search(r"^\s*(message|service|enum)\s+\w+\s*\{", text, re.M) else None
    head = text[:5000]
    match = re.search(r"^\{?\s*[\"']?(openapi|swagger|asyncapi)[\"']?\s*:\s*[\"']?(\d[\w.]*)", head, re.M)
    if match and not _nested(head, match):
        kind = {"openapi": "OpenAPI", "swagger": "OpenAPI", "asyncapi": "AsyncAPI"}[match[1]]
        return Thing(kind, "", path, match[2])
    if path.endswith(".json") and "getpostman.com" in head:
        return Thing("Postman", "", path)
    return None


def _nested(head: str, match: re.Match[str]) -> bool:
    """In YAML the key must stand at the beginning of a line; in JSON in the outermost object."""
    before = head[: match.start(1)]
    if head.lstrip().startswith("{"):
        return before.count("{") - before.count("}") > 1
    return match[0][:1] in " \t"
