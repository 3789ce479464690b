"""The survey of Node.js repositories."""

from pathlib import Path

import pytest

from backwright.worker.survey.surveyor import survey_repository
from tests.support.repositories import repository

EXPRESS = """\
=== package.json
{
  "name": "shop",
  "type": "module",
  "scripts": {"start": "node src/server.js", "test": "vitest"},
  "dependencies": {"express": "^4.18.0", "pg": "^8.11.0", "joi": "^17.0.0", "bullmq": "^5.0.0", "knex": "^3.0.0"},
  "devDependencies": {"vitest": "^1.0.0", "koa": "^2.0.0"}
}
=== package-lock.json
{"lockfileVersion": 3, "packages": {"": {}, "node_modules/express": {"version": "4.19.2"}, "node_modules/pg": {"version": "8.11.5"}}}
=== src/server.js
// import fastify from 'fastify'
import express from 'express'
import { pool } from './db.js'
const app = express()
app.listen(3000)
=== src/db.js
import pg from 'pg'
export const pool = new pg.Pool({ connectionString: 'postgres://shop:secret@db/shop' })
=== test/server.test.js
import { test } from 'vitest'
import fastify from 'fastify'
=== migrations/20240101120000_first.js
exports.up = () => {}
=== README.md
This used to be built with koa and fastify.
"""


def test_a_service_with_its_framework(tmp_path: Path) -> None:
    """The framework comes with the locked version, the range, and the lines that declare and use it."""
    found = survey_repository(repository(tmp_path, EXPRESS))

    [service] = found.services
    [framework] = service.frameworks
    assert (framework.name, framework.version, framework.range) == ("Express", "4.19.2", "^4.18.0")
    assert [(e.file, e.line) for e in framework.declared] == [("package.json", 5)]
    assert [(e.file, e.line) for e in framework.used] == [("src/server.js", 2), ("src/server.js", 4)]
    assert (service.commands[0].text, service.commands[0].at.line) == ("npm run start", 4)
    assert found.frameworks == (framework,) and not found.kit


def test_declared_and_used_differ(tmp_path: Path) -> None:
    """A dependency that nothing imports is declared, not used; one for development says so and makes no framework."""
    [service] = survey_repository(repository(tmp_path, EXPRESS)).services
    by_name = {t.name: t for t in service.technologies}

    assert by_name["pg"].used and by_name["pg"].version == "8.11.5"
    assert not by_name["Joi"].used and by_name["Joi"].kind == "validation"
    assert not by_name["BullMQ"].used and by_name["BullMQ"].kind == "jobs"
    assert by_name["Vitest"].development and by_name["Vitest"].used


def test_no_credential_is_kept(tmp_path: Path) -> None:
    """Of a connection string only the scheme is evidence."""
    found = survey_repository(repository(tmp_path, EXPRESS))

    assert "secret" not in repr(found.graph)
    assert [(e.source, e.target) for e in found.graph.edges if e.target == "postgresql"] == [("service_shop", "postgresql")]


def test_migrations_and_the_rest(tmp_path: Path) -> None:
    """Migrations by folder, languages by line, package managers by manifest; none found is an empty tuple."""
    found = survey_repository(repository(tmp_path, EXPRESS))

    assert [(m.name, m.path, m.note) for m in found.migrations] == [("Node.js migrations", "migrations", "1 files")]
    assert [(one.name, one.files, one.lines) for one in found.languages] == [("JavaScript", 4, 10)]
    assert [m.name for m in found.package_managers] == ["npm"]
    assert (found.ci, found.documents, found.containers, found.findings) == ((), (), (), ())


FALSE_FRIENDS = {
    "for development only": """\
        === package.json
        {"name": "docs", "devDependencies": {"express": "^4.0.0"}}
        === serve.js
        const express = require('express')
        express().listen(1)
        """,
    "only in a comment": """\
        === package.json
        {"name": "lib", "dependencies": {"express": "^4.0.0"}}
        === index.js
        // const express = require('express')
        /* import express from 'express'
        const app = express() */
        export const x = `
        import express from 'express'
        const app = express()`
        """,
    "installed": """\
        === package.json
        {"name": "lib"}
        === node_modules/express/package.json
        {"name": "express", "dependencies": {"koa": "1"}}
        === node_modules/express/index.js
        const app = express()
        """,
    "an example": """\
        === package.json
        {"name": "lib", "peerDependencies": {"express": "^4.0.0"}}
        === examples/server/package.json
        {"name": "example", "dependencies": {"express": "^4.0.0"}}
        === examples/server/index.js
        require('express')().listen(1)
        """,
    "a type only": """\
        === package.json
        {"name": "lib", "dependencies": {"express": "^4.0.0"}}
        === index.ts
        import type { Request } from 'express'
        """,
    "a site without routes": """\
        === package.json
        {"name": "site", "scripts": {"start": "next start"}, "dependencies": {"next": "14.2.3", "react": "18"}}
        === app/page.tsx
        import Link from 'next/link'
        """,
}


@pytest.mark.parametrize("text", FALSE_FRIENDS.values(), ids=FALSE_FRIENDS)
def test_false_friends_make_no_service(text: str, tmp_path: Path) -> None:
    """What is declared for development, named in a comment, installed, shown in an example or only typed is no framework."""
    found = survey_repository(repository(tmp_path, text))

    assert (found.services, found.frameworks) == ((), ())


def test_nest_with_pnpm_in_a_monorepo(tmp_path: Path) -> None:
    """A member of a pnpm workspace gets its version from the lock's importers; NestJS hides the Express below it; a library is none."""
    found = survey_repository(
        repository(
            tmp_path,
            """\
            === package.json
            {"name": "root", "private": true, "packageManager": "pnpm@9.0.0", "devDependencies": {"turbo": "^2.0.0"}}
            === turbo.json
            {}
            === pnpm-workspace.yaml
            packages: ["apps/*", "packages/*"]
            === pnpm-lock.yaml
            lockfileVersion: '9.0'
            importers:
              apps/api:
                dependencies:
                  '@nestjs/core':
                    specifier: ^10.0.0
                    version: 10.3.8(rxjs@7.8.1)
            packages:
              '@nestjs/core@9.0.0': {}
            === apps/api/package.json
            {"name": "@x/api", "scripts": {"start:prod": "node dist/main"}, "dependencies": {
              "@nestjs/core": "^10.0.0", "express": "^4.0.0", "class-validator": "^0.14.0", "@nestjs/cqrs": "^10.0.0"}}
            === apps/api/src/main.ts
            import { NestFactory } from '@nestjs/core';
            import * as express from 'express';
            import { AppModule } from '@api/app.module';
            await NestFactory.create(AppModule);
            === apps/api/src/users/create-user.dto.ts
            import {
              IsEmail, // of class-validator
            } from 'class-validator';
            === apps/api/src/users/users.controller.ts
            export class UsersController {}
            === apps/api/src/users/users.repository.ts
            @Injectable()
            export class UsersRepository {}
            === apps/api/src/users/create-user.handler.ts
            export class CreateUserHandler implements ICommandHandler<CreateUser> {}
            === apps/web/package.json
            {"name": "@x/web", "dependencies": {"react": "^18.0.0"}}
            === apps/web/src/user.service.ts
            export class UserService {}
            === packages/common/package.json
            {"name": "@x/common", "dependencies": {"@nestjs/core": "^10.0.0"}}
            === packages/common/src/guard.ts
            import { Reflector } from '@nestjs/core';
            """,
        )
    )

    [service] = found.services
    assert (service.name, service.folder, service.commands[0].text) == ("api", "apps/api", "pnpm start:prod")
    assert [(f.name, f.version) for f in service.frameworks] == [("NestJS", "10.3.8")]
    assert next(t for t in service.technologies if t.name == "class-validator").used
    assert {p.name: p.count for p in found.patterns} == {"controllers": 1, "repository": 1, "CQRS": 1}
    assert [(m.name) for m in found.package_managers] == ["pnpm", "Turborepo"]
    assert {p.name: p.role for p in found.packages} == {
        "@x/api": "service", "@x/common": "library", "@x/web": "browser", "root": "workspace",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lock", "version"),
    [
        ('=== yarn.lock\n# yarn lockfile v1\n\nfastify@^4.0.0, fastify@^4.2.0:\n  version "4.27.0"\n', "4.27.0"),
        ('=== yarn.lock\n__metadata:\n  version: 8\n\n"fastify@npm:^4.0.0":\n  version: 4.26.1\n', "4.26.1"),
        ('=== package-lock.json\n{"lockfileVersion": 1, "dependencies": {"fastify": {"version": "4.1.0"}}}\n', "4.1.0"),
        ("=== pnpm-lock.yaml\nlockfileVersion: 5.4\ndependencies:\n  fastify: 4.9.2\npackages:\n  /fastify/4.9.2: {}\n", "4.9.2"),
        ("", ""),
    ],
)
def test_locks_of_every_kind(lock: str, version: str, tmp_path: Path) -> None:
    """npm, both yarns and pnpm give the exact version; without a lock there is only the range."""
    text = '=== package.json\n{"dependencies": {"fastify": "^4.0.0"}}\n=== app.js\nconst app = require("fastify")({ logger: true })\n'
    [service] = survey_repository(repository(tmp_path, text + lock)).services

    assert [(f.name, f.version, f.range) for f in service.frameworks] == [("Fastify", version, "^4.0.0")]


def test_next_routes(tmp_path: Path) -> None:
    """A Next.js project with API routes is a service, its routes the entry points."""
    found = survey_repository(
        repository(
            tmp_path,
            """\
            === package.json
            {"name": "site", "scripts": {"start": "next start"}, "dependencies": {"next": "14.2.3", "react": "18", "zod": "3"}}
            === src/app/api/users/route.ts
            import { NextResponse } from 'next/server'
            === src/app/page.tsx
            export default function Page() { return null }
            """,
        )
    )

    [service] = found.services
    assert [(f.name, f.version) for f in service.frameworks] == [("Next.js", "14.2.3")]
    assert [e.at.file for e in service.entry_points] == ["src/app/api/users/route.ts"]


def test_a_file_is_started_only_where_it_serves_or_a_script_says_so(tmp_path: Path) -> None:
    """An app that is made for another file gives no ``node`` command; nor does any file beside a script that starts another."""
    needs = '"dependencies": {"express": "^4.18.2"}}\n'
    app = "const express = require('express');\nconst app = express();\n"
    bare = '=== package.json\n{"name": "a", ' + needs + "=== app.js\n" + app + "app.listen(1);\n=== lib/middleware.js\n" + app
    told = '=== package.json\n{"name": "a", "scripts": {"start": "node loader"}, ' + needs + "=== web.js\n" + app + "app.listen(1);\n"

    (first,) = survey_repository(repository(tmp_path / "1", bare)).services
    (second,) = survey_repository(repository(tmp_path / "2", told)).services

    assert [c.text for c in first.commands] == ["node app.js"]
    assert [c.text for c in second.commands] == ["npm run start"]


def test_the_projects_of_one_package(tmp_path: Path) -> None:
    """Each project of Nx or Nest that begins a program is a service of its own; libraries and applications for browsers are none."""
    main = "import { NestFactory } from '@nestjs/core';\nNestFactory.create(A).then((app) => app.listen(1));\n"
    package = '=== package.json\n{"name": "all", "dependencies": {"@nestjs/core": "^10.0.0", "pg": "^8.0.0", "react": "18"}}\n'
    nx = (
        package + "=== nx.json\n{}\n=== libs/x/project.json\n{\"projectType\": \"library\"}\n=== libs/x/src/i.ts\nexport const a = 1\n"
        '=== apps/api/project.json\n{"name": "api", "targets": {"serve": {}}}\n=== apps/api/src/main.ts\n' + main
        + '=== apps/jobs/project.json\n{"targets": {}}\n=== apps/jobs/src/main.ts\nimport pg from "pg";\n' + main
        + '=== apps/web/project.json\n{"targets": {"serve": {}}}\n=== apps/web/src/main.tsx\nimport r from "react"\n'
    )  # fmt: skip
    nest = (
        package + '=== nest-cli.json\n{"projects": {"a": {"type": "application", "root": "apps/a"}, "l": {"root": "libs/l"}}}\n'
        "=== apps/a/src/main.ts\n" + main
    )
    first = survey_repository(repository(tmp_path / "1", nx)).services
    second = survey_repository(repository(tmp_path / "2", nest)).services

    assert [(s.folder, [c.text for c in s.commands], [t.name for t in s.technologies]) for s in first] == [
        ("apps/api", ["npx nx serve api"], []), ("apps/jobs", [], ["pg"]),
    ]  # fmt: skip
    assert [(s.name, [c.text for c in s.commands]) for s in second] == [("a", ["npx nest start a"])]
