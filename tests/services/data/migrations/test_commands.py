"""What the migrate commands promise: once, locked, all or nothing, refused with reasons, and nobody else's tables touched."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from backwright.cli.migrate import migrate_app
from backwright.data.layout_of import layout_of
from backwright.data.migrations.commands import baseline, down, make, sql, status, up
from backwright.data.migrations.ensure import ensure
from backwright.data.migrations.errors import MigrationError
from backwright.data.migrations.probe import dialect_of
from backwright.data.schema import create_all_sql
from backwright.domain.entity import Entity
from backwright.domain.fields import Id, Limits, Unique
from backwright.domain.model import build_model
from tests.bookshop_model import bookshop
from tests.support.migrating import Project, differs, entity, execute, seed, tables

PYTHON = sys.executable


def quietly(_: str) -> None:
    """Say nothing."""


class Old(Entity, table="legacy", id=int, mapped=True):
    """A table of somebody else's."""

    word: str


@pytest.fixture
def project(database_url: str, tmp_path: Path) -> Project:
    """The bookshop with its first migration, not applied yet."""
    made = Project(bookshop(), database_url, tmp_path / "migrations")
    make(made, "the bookshop")
    return made


def thing(**hints: Any) -> type[Entity]:
    """An entity of these fields, all of them optional."""
    return entity("Thing", {name: hint | None for name, hint in hints.items()}, dict.fromkeys(hints))


def test_make_without_a_change_writes_nothing(project: Project) -> None:
    """Made twice, the second time there is nothing to do, and no database was needed."""
    assert make(project, "again").files == ()


def test_made_twice_is_the_same_text(project: Project, tmp_path: Path) -> None:
    """The same model gives the same file, revision included."""
    other = Project(bookshop(), project.database_url, tmp_path / "other")
    [path] = make(other, "the bookshop").files

    assert path.read_text() == next((project.directory / "versions").glob("*.py")).read_text()


def test_alembic_itself_reads_the_files(project: Project, tmp_path: Path) -> None:
    """The files are Alembic revisions: its own script directory finds them, in order, with both functions."""
    from alembic.script import ScriptDirectory

    make(project.becomes(*project.model.entities, thing(word=str)), "things")
    scripts = list(ScriptDirectory(str(project.directory)).walk_revisions())

    assert [script.doc for script in scripts] == ["Things.", "The bookshop."]
    assert all(callable(script.module.upgrade) and callable(script.module.downgrade) for script in scripts)


def test_status_says_where_the_database_stands(project: Project) -> None:
    """3 while migrations are pending, 0 when all agree, 4 when the model has changes without a migration."""
    before = asyncio.run(status(project))
    asyncio.run(up(project, say=quietly))
    after = asyncio.run(status(project))
    changed = asyncio.run(status(project.becomes(*project.model.entities, thing(word=str))))

    assert (before.code, after.code, changed.code) == (3, 0, 4)
    assert before.pending == ("0001_the_bookshop",) and changed.unmade == ("create table thing",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ('DROP INDEX "ix_book_author_id"', "index ix_book_author_id is missing"),
        ('ALTER TABLE "review" RENAME COLUMN "stars" TO "points"', "column stars is missing"),
        ('DROP TABLE "review"', "table review is missing"),
    ],
)
def test_status_sees_what_was_changed_by_hand(project: Project, change: str, says: str) -> None:
    """A database that no longer holds what its revision says is reported, with 5."""
    asyncio.run(up(project, say=quietly))
    execute(project.database_url, change)

    found = asyncio.run(status(project))

    assert found.code == 5 and any(says in line for line in found.drift)


def test_a_changed_check_is_seen(postgres_url: str, tmp_path: Path) -> None:
    """CHECKs are compared by text, which Alembic alone does not do."""
    project = Project(bookshop(), postgres_url, tmp_path)
    make(project, "first")
    asyncio.run(up(project, say=quietly))
    execute(
        postgres_url,
        'ALTER TABLE "review" DROP CONSTRAINT "ck_review_stars_le"',
        'ALTER TABLE "review" ADD CONSTRAINT "ck_review_stars_le" CHECK ("stars" <= 6)',
    )

    [line] = asyncio.run(status(project)).drift

    assert "ck_review_stars_le" in line and "<= 6" in line


def test_an_edited_file_is_reported(project: Project) -> None:
    """A file that was changed after it was applied is named."""
    asyncio.run(up(project, say=quietly))
    [path] = (project.directory / "versions").glob("*.py")
    path.write_text(path.read_text() + "# later\n")

    found = asyncio.run(status(project))

    assert found.edited == ("0001_the_bookshop",) and found.code == 5


def test_unknown_tables_columns_and_indexes_survive(project: Project) -> None:
    """What the kit does not know stays, through rebuilds and on the way down, and counts as no difference."""
    asyncio.run(up(project, say=quietly))
    execute(
        project.database_url,
        'CREATE TABLE "theirs" ("a" integer)',
        'INSERT INTO "theirs" VALUES (7)',
        'ALTER TABLE "author" ADD COLUMN "theirs" integer',
        'CREATE INDEX "their_index" ON "author" ("theirs")',
    )
    changed = [entity("Author", {"name": Annotated[str, Limits(max_length=80)]})]
    later = project.becomes(*changed, *(e for e in project.model.entities if e.__name__ in ("Customer", "Order")))
    make(later, "only authors")
    asyncio.run(up(later, say=quietly))

    found = asyncio.run(status(later))

    assert (found.code, found.unknown) == (0, ("theirs",))
    assert execute(project.database_url, 'SELECT "a" FROM "theirs"') == [(7,)]
    assert execute(project.database_url, 'SELECT "theirs" FROM "author"') == []
    execute(project.database_url, 'DROP INDEX "their_index"')


def test_mapped_tables_are_left_alone(database_url: str, tmp_path: Path) -> None:
    """A mapped entity's table is neither created, altered nor dropped; others may refer to it, and a missing column is reported."""
    execute(database_url, 'CREATE TABLE "legacy" ("id" integer PRIMARY KEY, "word" text)')
    project = Project(build_model([Old, entity("Note", {"old": Id[Old] | None}, {"old": None})]), database_url, tmp_path)
    make(project, "notes")
    if dialect_of(database_url) == "postgresql":
        execute(database_url, 'ALTER TABLE "legacy" ALTER COLUMN "id" TYPE bigint')
    asyncio.run(up(project, say=quietly))
    agrees = asyncio.run(status(project))
    asyncio.run(down(project, "base", say=quietly))

    assert agrees.code == 0, agrees
    assert "legacy" in tables(database_url) and "note" not in tables(database_url)


def test_an_irreversible_migration_refuses_to_go_down(project: Project) -> None:
    """Its reason is said, and nothing on the way to it is undone."""
    [first] = (project.directory / "versions").glob("*.py")
    first.write_text(first.read_text().replace("\nsteps =", '\nirreversible = "the old shop is closed"\nsteps ='))
    later = project.becomes(*project.model.entities, thing(word=str))
    make(later, "things")
    asyncio.run(up(later, say=quietly))

    with pytest.raises(MigrationError, match="the old shop is closed"):
        asyncio.run(down(later, "base", say=quietly))

    assert asyncio.run(status(later)).code == 0


def test_a_failing_migration_changes_nothing(project: Project) -> None:
    """A check that a row breaks stops the migration with the database's reason; tables, version and rows are as before."""
    asyncio.run(up(project, say=quietly))
    seed(project.database_url, project.model)
    narrower = entity("Author", {"name": Annotated[str, Limits(max_length=3)]})
    later = project.becomes(narrower, *(e for e in project.model.entities if e.__name__ == "Customer"))
    make(later, "short names")

    with pytest.raises(MigrationError, match=r"0002_short_names: .*ck_author_name_max_length"):
        asyncio.run(up(later, say=quietly))

    assert differs(project.database_url, layout_of(project.model)) == []
    assert asyncio.run(status(later)).pending == ("0002_short_names",)


def test_a_data_step_runs_both_ways(project: Project) -> None:
    """`bw.data` moves data up and down with the schema."""
    asyncio.run(up(project, say=quietly))
    seed(project.database_url, project.model)
    path = project.directory / "versions" / "0002_upper.py"
    path.write_text(
        '"""Upper case."""\nfrom backwright.data.migrations import types as bw\n\nrevision = "upper"\n'
        f"down_revision = {asyncio.run(status(project)).head!r}\n"
        """steps = (bw.data('UPDATE "author" SET "name" = upper("name")', 'UPDATE "author" SET "name" = lower("name")'),)\n"""
        "upgrade, downgrade = bw.both_ways(steps)\n"
    )
    read = 'SELECT "name" FROM "author" ORDER BY 1'

    asyncio.run(up(project, say=quietly))
    assert execute(project.database_url, read)[0] == ("NAME 0",)
    asyncio.run(down(project, say=quietly))
    assert execute(project.database_url, read)[0] == ("name 0",)


def test_two_branches_are_named(project: Project) -> None:
    """Two files that follow the same revision are an error that names both and says what to set."""
    first = project.becomes(*project.model.entities, thing(word=str))
    [one] = make(first, "words").files
    text = one.read_text()
    one.unlink()
    make(project.becomes(*project.model.entities, thing(number=int)), "numbers")
    one.write_text(text)

    with pytest.raises(MigrationError, match=r"0002_numbers and 0002_words both follow"):
        asyncio.run(up(first, say=quietly))


def test_baseline_takes_a_database_that_matches(project: Project) -> None:
    """Up refuses tables without a version; baseline notes it if all is there, and refuses if not."""
    execute(project.database_url, *create_all_sql(project.model, dialect_of(project.database_url)))
    with pytest.raises(MigrationError, match="migrate baseline"):
        asyncio.run(up(project, say=quietly))
    execute(project.database_url, 'DROP INDEX "ix_review_book_id"')
    with pytest.raises(MigrationError, match="ix_review_book_id is missing"):
        asyncio.run(baseline(project))
    execute(project.database_url, 'CREATE INDEX "ix_review_book_id" ON "review" ("book_id")')

    asyncio.run(baseline(project))

    assert asyncio.run(status(project)).code == 0


def test_printed_sql_does_what_up_does(project: Project) -> None:
    """The statements of `sql`, run by hand, lead to the same database, version included."""
    later = project.becomes(*project.model.entities, entity("Thing", {"word": Unique[str]}))
    make(later, "things")
    longer = project.becomes(*project.model.entities, entity("Thing", {"word": Annotated[str, Limits(max_length=9)]}))
    make(longer, "limits")

    text = sql(longer, dialect_of(project.database_url))
    execute(project.database_url, *(s for s in text.split(";\n") if s.rpartition("\n")[2] not in ("BEGIN", "COMMIT", "")))

    assert asyncio.run(status(longer)).code == 0


def test_processes_that_start_together_migrate_once(project: Project) -> None:
    """Three processes start at once on an empty database: one migrates, all serve."""
    program = (
        "import asyncio, sys; from pathlib import Path; from tests.bookshop_model import bookshop\n"
        "from backwright.data.migrations.ensure import ensure\n"
        "print(asyncio.run(ensure(sys.argv[1], bookshop(), Path(sys.argv[2]))).state)"
    )
    command = [PYTHON, "-c", program, project.database_url, str(project.directory)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]

    ended = [process.communicate(timeout=120) for process in started]

    assert all(process.returncode == 0 for process in started), ended
    assert asyncio.run(status(project)).code == 0
    assert execute(project.database_url, "SELECT count(*) FROM backwright_migration") == [(1,)]


def test_serving_fills_an_empty_database_and_refuses_one_that_is_behind(project: Project) -> None:
    """Empty: migrated. Behind: refused with the command, unless asked to migrate. Right: one query."""
    url, folder = project.database_url, project.directory
    assert asyncio.run(ensure(url, project.model, folder)).state == "migrated"
    assert asyncio.run(ensure(url, project.model, folder)).state == "current"
    later = project.becomes(*project.model.entities, thing(word=str))
    with pytest.raises(MigrationError, match="migrate make"):
        asyncio.run(ensure(url, later.model, folder))
    make(later, "things")
    with pytest.raises(MigrationError, match="migrate up"):
        asyncio.run(ensure(url, later.model, folder))

    assert asyncio.run(ensure(url, later.model, folder, migrate=True)).state == "migrated"


def test_an_older_release_serves_a_newer_database_that_holds_all_it_needs(project: Project, tmp_path: Path) -> None:
    """While releases overlap, the older one may restart; it is refused once something it needs is gone."""
    older = Project(bookshop(), project.database_url, tmp_path / "older")
    make(older, "the bookshop")
    later = project.becomes(*project.model.entities, thing(word=str))
    make(later, "things")
    asyncio.run(up(later, say=quietly))
    assert asyncio.run(ensure(older.database_url, older.model, older.directory)).state == "ahead"
    execute(project.database_url, 'DROP TABLE "review"')

    with pytest.raises(MigrationError, match="no file here has"):
        asyncio.run(ensure(older.database_url, older.model, older.directory))


def test_without_migrations_an_empty_database_gets_the_models_tables(database_url: str, tmp_path: Path) -> None:
    """The quick start: created and said so; the second time right; another model is refused with what to do."""
    model = bookshop()
    first = asyncio.run(ensure(database_url, model, tmp_path))
    second = asyncio.run(ensure(database_url, model, tmp_path))

    assert (first.state, second.state) == ("created", "current")
    assert differs(database_url, layout_of(model)) == []
    with pytest.raises(MigrationError, match="table thing is missing"):
        asyncio.run(ensure(database_url, build_model([*model.entities, thing(word=str)]), tmp_path))


def test_a_database_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    """An unreachable server is one sentence with the address and no secret."""
    project = Project(bookshop(), "postgresql://me:hidden@127.0.0.1:1/x", tmp_path)
    make(project, "first")

    with pytest.raises(MigrationError) as error:
        asyncio.run(up(project, say=quietly))

    assert "cannot reach postgresql://me:***@127.0.0.1:1/x" in str(error.value) and "hidden" not in str(error.value)


def test_a_lock_is_waited_for_only_so_long(postgres_url: str, tmp_path: Path) -> None:
    """While somebody holds the table, the migration gives up in time, says so, and has changed nothing."""
    project = Project(build_model([thing(word=str)]), postgres_url, tmp_path)
    make(project, "first")
    asyncio.run(up(project, say=quietly))
    later = project.becomes(thing(word=str, number=int))
    make(later, "number")

    async def main() -> None:
        import asyncpg

        other = await asyncpg.connect(postgres_url)
        async with other.transaction():
            await other.execute('LOCK TABLE "thing" IN ACCESS SHARE MODE')
            with pytest.raises(MigrationError, match=r"a lock was not granted within 0\.2 s"):
                await up(later, lock_timeout=0.2, say=quietly)
        await other.close()

    asyncio.run(main())
    assert asyncio.run(status(later)).pending == ("0002_number",)


def test_an_interrupted_index_build_is_built_again(postgres_url: str, tmp_path: Path) -> None:
    """A unique index that rows contradict leaves nothing noted; when the rows are mended, up builds it."""
    project = Project(build_model([entity("Thing", {"word": str})]), postgres_url, tmp_path)
    make(project, "first")
    asyncio.run(up(project, say=quietly))
    seed(postgres_url, project.model)
    execute(postgres_url, """UPDATE "thing" SET "word" = 'same'""")
    later = project.becomes(entity("Thing", {"word": Unique[str]}))
    [path] = make(later, "unique").files
    assert path.name == "0002_unique_indexes.py" and "concurrently=True" in path.read_text()
    with pytest.raises(MigrationError, match="uq_thing_word"):
        asyncio.run(up(later, say=quietly))
    execute(postgres_url, """UPDATE "thing" SET "word" = "id"::text""")

    asyncio.run(up(later, say=quietly))

    assert asyncio.run(status(later)).code == 0


def test_the_command_line(project: Project) -> None:
    """make, status, up, down, sql and baseline say what they did, and end with the status they promise."""
    cli = typer.Typer()
    cli.add_typer(migrate_app(lambda _: project), name="migrate")

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["migrate", *words])
        return result.exit_code, result.output

    assert run("make", "again") == (0, "the model has not changed\n")
    assert run("status")[0] == 3
    assert run("up") == (0, "up    0001_the_bookshop\n1 applied\n")
    assert run("status")[0] == 0
    assert run("down", "-1") == (0, "down  0001_the_bookshop\n1 undone\n")
    assert 'CREATE TABLE "book"' in run("sql", "--dialect", "postgresql")[1]
    assert run("baseline")[0] == 1


def test_finding_the_database_right_loads_no_library(project: Project) -> None:
    """Each start but the first costs one query by the bare driver: neither SQLAlchemy nor Alembic is loaded."""
    asyncio.run(ensure(project.database_url, project.model, project.directory))
    program = (
        "import asyncio, sys; from pathlib import Path; from tests.bookshop_model import bookshop\n"
        "from backwright.data.migrations.ensure import ensure\n"
        "state = asyncio.run(ensure(sys.argv[1], bookshop(), Path(sys.argv[2]))).state\n"
        "print(state, {'sqlalchemy', 'alembic'} & set(sys.modules))"
    )
    command = [PYTHON, "-c", program, project.database_url, str(project.directory)]

    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "current set()\n"
