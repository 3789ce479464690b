"""What counts as code: comments, texts of several lines and what stands behind the end do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.survey.code import bare, imported
from backwright.worker.survey.connections import connections


@pytest.mark.parametrize(
    ("ecosystem", "text", "kept"),
    [
        ("python", "a = '# no'  # yes\nb", "a = '# no'"),
        ("python", 'x = """\nimport flask\n"""\nb', "x ="),
        ("node", "f('//x') // yes", "f('//x')"),
        ("node", "`\nimport x from 'express'\n`;a", ";a"),
        ("node", r"x = /https?:\/\//; y = 1", r"x = /https?:\/\//; y = 1"),
        ("jvm", 'a("/*") /* b\n*/ c', 'a("/*")'),
        ("go", "a := `\nfunc main() {}\n`", "a :="),
        ("dotnet", 'a = @"c:\\"; // b', "a =       ;"),
        ("ruby", "=begin\nrequire 'sinatra'\n=end\na", "a"),
        ("ruby", "a <<~SQL\n  Sidekiq\nSQL\nb", "a"),
        ("ruby", "a\n__END__\nSidekiq", "a"),
        ("php", "#[Route('/')]\na # b", "#[Route('/')]"),
        ("php", "<?php $a = <<<TXT\nuse Illuminate\\Support\\Str;\nTXT;\nb", "<?php $a ="),
    ],
)
def test_what_is_no_code_is_blank(ecosystem: str, text: str, kept: str) -> None:
    """The first line that is left says what counts; the text keeps its length and its lines."""
    blank = bare(text, ecosystem)

    assert next(line.rstrip() for line in blank.split("\n") if line.strip()).strip() == kept.strip()
    assert len(blank) == len(text) and blank.count("\n") == text.count("\n")


@given(st.sampled_from(["python", "node", "jvm", "go", "dotnet", "ruby", "php"]), st.text(alphabet="ab\"'`/*#\\\n<=-:{}E", max_size=60))
def test_blanking_keeps_length_and_lines(ecosystem: str, text: str) -> None:
    """Whatever the source, places in the bare text are places in the file."""
    blank = bare(text, ecosystem)

    assert len(blank) == len(text) and [i for i, c in enumerate(text) if c == "\n"] == [i for i, c in enumerate(blank) if c == "\n"]


@pytest.mark.parametrize(
    ("ecosystem", "text", "names"),
    [
        ("python", "from a.b import (c as d,\n  e)\nimport f, g.h as i\nimport j; k", ["a.b", "a.b.c", "a.b.e", "f", "g.h", "j"]),
        ("node", "import a, {\n b } from '@x/y/z'\nimport 'c'\nconst d = require(\"e\")\nexport * from 'f'", ["@x/y/z", "c", "e", "f"]),
        ("jvm", "import static org.junit.Assert.*;\nimport a.b.C", ["org.junit.Assert.", "a.b.C"]),
        ("go", 'import (\n\t"a/b"\n\tx "c.d/e"\n)\nimport "f"\nvar s = "no"', ["a/b", "c.d/e", "f"]),
        ("dotnet", "global using A.B;\nusing static C.D;\nusing E = F.G;\nusing (var x = y) {}", ["A.B", "C.D", "F.G"]),
        ("php", "use A\\B\\C;\nuse function D\\e;\nclass X { use HasFactory; }", ["A\\B\\C", "D\\e"]),
        ("ruby", "require 'a/b'\nclass X < Y::Z\nend", ["a/b", "X", "Y::Z"]),
    ],
)
def test_imports(ecosystem: str, text: str, names: list[str]) -> None:
    """Every usual form of saying what a source uses."""
    assert [name for name, _ in imported(text, ecosystem)] == names


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("URL=postgresql+asyncpg://u:p@db:5432/x", [("PostgreSQL", "db", "URL: postgresql://…")]),
        ("url: jdbc:mysql://sql/x", [("MySQL", "sql", "url: mysql://…")]),
        ("spring.datasource.url=jdbc:h2:mem:test", [("H2", "", "spring.datasource.url: h2://…")]),
        ("# URL=redis://cache", []),
        ("A=http://orders:80/x", [("", "orders", "A: http://…")]),
        ("  adapter: mysql2", [("MySQL", "", "adapter: mysql2")]),
        ("x = unknown://a", []),
    ],
)
def test_connections(text: str, found: list[tuple[str, str, str]]) -> None:
    """Scheme and host are read; what is shown holds neither account nor password; comments do not count."""
    assert [(c.system, c.host, c.text) for c in connections(text)] == found
