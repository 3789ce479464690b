"""The survey of whole repositories: several languages at once, their containers and documents, and what is broken in them."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backwright.worker.survey.document import as_json, document
from backwright.worker.survey.repository import Repository
from backwright.worker.survey.surveyor import survey_repository
from tests.support.repositories import repository

THREE = """\
=== docker-compose.yml
services:
  gateway:
    build: ./apps/gateway
    depends_on: [orders, redis]
    environment:
      ORDERS_URL: http://orders:8000
  orders:
    build:
      context: .
      dockerfile: services/orders/Dockerfile
    command: uvicorn orders.app:app --host 0.0.0.0
    depends_on:
      db: { condition: service_healthy }
    environment:
      - DATABASE_URL=postgresql://orders:hunter2@db:5432/orders
  billing:
    build: services/billing
    depends_on: [mq]
  db:
    image: docker.io/library/postgres:16-alpine
  redis:
    image: redis:7
  mq:
    image: rabbitmq:3-management
  proxy:
    image: traefik:v3
    depends_on: [gateway]
=== apps/gateway/package.json
{"name": "gateway", "scripts": {"start": "node index.js"}, "dependencies": {"koa": "2.15.3"}}
=== apps/gateway/index.js
const Koa = require('koa')
new Koa().listen(3000)
=== apps/gateway/Dockerfile
FROM node:20 AS build
CMD ["false"]
FROM node:20
# CMD ["true"]
ENTRYPOINT ["node"]
CMD ["index.js"]
=== services/orders/pyproject.toml
[project]
name = "orders"
dependencies = ["fastapi==0.110.0", "asyncpg"]
=== services/orders/Dockerfile
FROM python:3.12
=== services/orders/orders/app.py
from fastapi import FastAPI
app = FastAPI()
=== services/billing/go.mod
module example.com/billing
require github.com/gofiber/fiber/v2 v2.52.4
=== services/billing/main.go
package main
import "github.com/gofiber/fiber/v2"
func main() { fiber.New().Listen(":80") }
=== services/billing/.env.example
AMQP_URL=amqp://guest:guest@mq
=== .github/workflows/ci.yml
on: push
=== docs/adr/0001-use-events.md
# Use events
=== docs/api/openapi.yaml
openapi: 3.1.0
info: {title: Orders}
=== docs/api/events.json
{"asyncapi": "3.0.0"}
=== docs/shop.postman_collection.json
{"info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}}
=== proto/billing.proto
message Bill { string id = 1; }
=== schema.graphql
type Query { orders: [Order] }
=== values.yaml
tools:
  openapi: 3.1.0
"""


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository with a service in each of three languages."""
    return survey_repository(repository(tmp_path_factory.mktemp("three"), THREE))


def test_three_services_in_three_languages(three: Repository) -> None:
    """Each is found in its folder with its framework; what the repository says of starting comes before convention."""
    assert [(s.name, s.ecosystem, [(f.name, f.version) for f in s.frameworks], s.commands[0].text) for s in three.services] == [
        ("gateway", "node", [("Koa", "2.15.3")], "npm run start"),
        ("billing", "go", [("Fiber", "v2.52.4")], "go run ."),
        ("orders", "python", [("FastAPI", "0.110.0")], "uvicorn orders.app:app --host 0.0.0.0"),
    ]
    assert [c.text for c in three.services[0].commands] == ["npm run start", "node index.js"]


def test_the_graph_of_their_needs(three: Repository) -> None:
    """Compose files, addresses and client libraries make one graph: a service of the file and a package are one node."""
    names = {node.id: (node.kind, node.name) for node in three.graph.nodes}
    edges = {(names[e.source][1], names[e.target][1]) for e in three.graph.edges}

    assert edges == {
        ("gateway", "orders"), ("gateway", "Redis"), ("orders", "PostgreSQL"), ("billing", "RabbitMQ"), ("proxy", "gateway"),
    }  # fmt: skip
    assert ("broker", "RabbitMQ") in names.values() and ("container", "proxy") in names.values()
    assert "hunter2" not in as_json(three)


def test_documents_containers_and_ci(three: Repository) -> None:
    """API documents are told by their content, not by a word somewhere in a file."""
    assert {(d.kind, d.path) for d in three.documents} == {
        ("ADR", "docs/adr/0001-use-events.md"),
        ("OpenAPI", "docs/api/openapi.yaml"),
        ("AsyncAPI", "docs/api/events.json"),
        ("Postman", "docs/shop.postman_collection.json"),
        ("protobuf", "proto/billing.proto"),
        ("GraphQL SDL", "schema.graphql"),
    }
    assert [c.name for c in three.ci] == ["GitHub Actions"]
    assert {c.name for c in three.containers if c.kind == "compose service"} == {
        "gateway",
        "orders",
        "billing",
        "db",
        "redis",
        "mq",
        "proxy",
    }


def test_the_json_says_everything(three: Repository) -> None:
    """The document is valid JSON with the graph as Mermaid and DOT; the same repository gives the same text."""
    body = json.loads(as_json(three))

    assert body["schema"] == 1 and body["kit"] is False and [f["name"] for f in body["frameworks"]] == ["Koa", "Fiber", "FastAPI"]
    assert body["graph"]["mermaid"].startswith("flowchart LR\n") and body["graph"]["dot"].startswith("digraph services {")
    assert body["services"][0]["frameworks"][0]["declared"][0]["line"] == 1


def test_none_found(tmp_path: Path) -> None:
    """An empty folder has nothing, and that is the answer."""
    body = document(survey_repository(tmp_path))

    assert [key for key, value in body.items() if isinstance(value, list | tuple) and value] == []


BROKEN = {
    "json": ('=== package.json\n{\n  "name": "x",\n}\n', "package.json", 3, "not valid JSON"),
    "json of another kind": ("=== package.json\n[]\n", "package.json", 1, "holds a list where an object belongs"),
    "a part of another kind": ('=== package.json\n{"name": "x",\n "dependencies": ["express"]}\n', "package.json", 2, "holds a list"),
    "a key twice": ('=== package.json\n{"name": "a",\n"name": "b"}\n', "package.json", 1, "stands twice"),
    "toml": ("=== pyproject.toml\n[project]\nname = \n", "pyproject.toml", 2, "not valid TOML"),
    "yaml": ("=== compose.yaml\nservices:\n  a: [\n", "compose.yaml", 4, "not valid YAML"),
    "xml": ("=== pom.xml\n<project>\n<a></b></project>\n", "pom.xml", 2, "not valid XML"),
    "python": ("=== setup.py\nsetup(\n", "setup.py", 1, "not valid Python"),
    "a lock": ('=== package.json\n{"dependencies": {"koa": "1"}}\n=== package-lock.json\n<<<<<<< HEAD\n', "package-lock.json", 1, "JSON"),
    "go": ("=== go.mod\nrequire x\n", "go.mod", 0, "no module line"),
    "a circle": ("=== requirements.txt\n-r requirements.txt\n", "requirements.txt", 0, "in a circle"),
    "deep": ("=== package.json\n" + "[" * 100_000, "package.json", 0, "not valid JSON"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "file", "line", "problem"), BROKEN.values(), ids=BROKEN)
def test_a_broken_manifest_is_a_finding(text: str, file: str, line: int, problem: str, tmp_path: Path) -> None:
    """It is named with its line, and the rest is surveyed."""
    rest = "=== api/requirements.txt\nflask==3.0.0\n=== api/app.py\nimport flask\napp = flask.Flask('a')\n"
    found = survey_repository(repository(tmp_path, text + "\n" + rest))

    assert [(f.file, f.line) for f in found.findings] == [(file, line)] and problem in found.findings[0].problem
    assert [f.version for f in found.frameworks] == ["3.0.0"]


def test_xml_that_blows_up_is_refused(tmp_path: Path) -> None:
    """Entities are not expanded; the finding says so."""
    bomb = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><project><artifactId>&b;</artifactId></project>'
    found = survey_repository(repository(tmp_path, f"=== pom.xml\n{bomb}\n"))

    assert [f.problem for f in found.findings] == ["refused XML: EntitiesForbidden, an attack on whoever reads it"]


def test_a_huge_lock_is_not_read(tmp_path: Path) -> None:
    """A lock of fifty megabytes is a finding; the range stands."""
    repository(tmp_path, '=== package.json\n{"dependencies": {"koa": "^2.0.0"}}\n=== index.js\nconst Koa = require("koa")\nnew Koa()\n')
    with (tmp_path / "package-lock.json").open("wb") as file:
        file.truncate(50_000_000)
    found = survey_repository(tmp_path)

    assert [f.problem for f in found.findings] == ["too large: 50.0 MB, at most 16.0 MB are read"]
    assert [(f.version, f.range) for f in found.frameworks] == [("", "^2.0.0")]


NAMES = [
    "package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml", "pyproject.toml", "uv.lock", "setup.py",
    "setup.cfg", "Pipfile", "requirements.txt", "pom.xml", "build.gradle", "gradle/libs.versions.toml", "go.mod", "A.csproj",
    "Directory.Packages.props", "Gemfile", "Gemfile.lock", "composer.json", "composer.lock", "compose.yaml", "Dockerfile", "Procfile",
    ".gitignore", ".env.example", "openapi.yaml", "app.py", "app.ts", "App.java", "a.go", "A.cs", "a.rb", "a.php",
]  # fmt: skip
WORDS = [
    "name", "version", "dependencies", "devDependencies", "scripts", "workspaces", "packages", "require", "project", "tool", "poetry",
    "package", "services", "build", "depends_on", "environment", "image", "command", "libraries", "versions", "plugins", "default",
]  # fmt: skip
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
_HEADS = [
    "<project>",
    "<Project Sdk='x'>",
    "require (",
    "gem 'a', ",
    "-r ",
    "implementation(",
    "[a]\nb=",
    "services:\n a:",
    "FROM x\nCMD [",
]
_TEXTS = (
    st.binary(max_size=60)
    | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | _VALUES.map(lambda value: json.dumps(value).encode())
    | st.sampled_from(_HEADS).flatmap(lambda head: st.text(max_size=20).map(lambda tail: (head + tail).encode("utf-8", "replace")))
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.dictionaries(st.sampled_from(NAMES), _TEXTS, min_size=1, max_size=8))
def test_garbage_never_raises(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the manifests and sources hold, a survey comes out, and it can be written down."""
    root = tmp_path_factory.mktemp("garbage")
    for name, data in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(data)

    as_json(survey_repository(root)).encode()
