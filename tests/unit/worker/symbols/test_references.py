"""References: where a symbol is used, and how sure that is."""

from pathlib import Path
from textwrap import dedent

import pytest

from backwright.worker.symbols.references import references
from tests.support.trees import plant

PYTHON = {
    "shop/books.py": """
        def price(book):
            return price

        class Book:
            def lend(self):
                return self.lend()

            def other(self, lend):
                return lend
    """,
    "shop/till.py": """
        from shop.books import Book, price
        from shop import books

        def total(rows):
            return sum(price(row) for row in rows) + books.price(1)

        def hidden(price: int):
            return price

        def lending(row, book):
            row.lend()
            book.lend()
            Book.lend(row)
            Book().lend()
    """,
    "other/own.py": """
        import ast

        def price(): ...

        price()
        ast.price()
        x(price=1)
    """,
    "other/same.py": "def f():\n    return price\n",
}
TYPESCRIPT = {
    "src/users.ts": "export function find(id) { return find(id - 1); }\nexport class Users { get() {} }\n",
    "src/api.ts": """
        import { find as look, Users } from './users';
        import * as users from './users';
        const { find } = require('./users');
        look(1); users.find(2); find(3);
        list.find(4);
        class Own { get() { return this.get(); } }
        new Users().get();
    """,
    "src/elsewhere.ts": "import { find } from 'lodash';\nfind(5);\n",
}
GO = {
    "shop/a.go": "package shop\n\nfunc Price() int { return 1 }\n",
    "shop/b.go": "package shop\n\nfunc total() int { return Price() }\n",
    "main.go": 'package main\n\nimport "x/shop"\n\nfunc main() { shop.Price(); other.Price() }\n',
}
JAVA = {
    "a/Shop.java": "package a;\nclass Shop { void open() { open(); this.open(); } }\n",
    "b/Use.java": "package b;\nimport a.Shop;\nclass Use { void f(Shop shop, Other o) { shop.open(); o.open(); } }\n",
}


def shown(root: Path, files: dict[str, str], name: str, path: str) -> list[str]:
    plant(root, {file: dedent(text).lstrip("\n") for file, text in files.items()})
    return [
        f"{r.file.rpartition('/')[2]}:{r.place.line} {r.use} {r.sure} {r.within or '-'}" for r in references(root, name, path).references
    ]


def test_imports_and_scopes_of_python(tmp_path: Path) -> None:
    """The module's own uses and imported ones are sure; another function of that name, a parameter, a keyword are none."""
    assert shown(tmp_path, PYTHON, "price", "shop/books.py") == [
        "same.py:2 name possible f",
        "books.py:2 name sure price",
        "till.py:1 import sure -",
        "till.py:5 call sure total",
        "till.py:5 call sure total",
    ]


def test_members_are_only_as_sure_as_their_object(tmp_path: Path) -> None:
    """``self`` in the class and the class itself are sure, an object named like it is likely, any other is possible."""
    assert shown(tmp_path, PYTHON, "Book/lend", "shop/books.py") == [
        "books.py:6 call sure Book/lend",
        "till.py:11 call possible lending",
        "till.py:12 call likely lending",
        "till.py:13 call sure lending",
        "till.py:14 call sure lending",
    ]


def test_modules_of_typescript(tmp_path: Path) -> None:
    """Named, whole and required imports are followed by their paths; the same name from elsewhere is none."""
    found = shown(tmp_path, TYPESCRIPT, "find", "src/users.ts")

    assert found == [
        "api.ts:1 import sure -",
        "api.ts:3 import sure -",
        "api.ts:4 call sure -",
        "api.ts:4 call sure -",
        "api.ts:5 call possible -",
        "users.ts:1 call sure find",
    ]


def test_packages_of_go(tmp_path: Path) -> None:
    """In its package a name is known without a word, elsewhere by the package."""
    assert shown(tmp_path, GO, "Price", "shop/a.go") == [
        "main.go:5 call sure main",
        "main.go:5 call possible main",
        "b.go:3 call sure total",
    ]


def test_members_of_java(tmp_path: Path) -> None:
    """Inside its class with and without ``this``; outside by the object's name."""
    assert shown(tmp_path, JAVA, "Shop/open", "a/Shop.java") == [
        "Shop.java:2 call likely Shop/open",
        "Shop.java:2 call sure Shop/open",
        "Use.java:3 call likely Use/f",
        "Use.java:3 call possible Use/f",
    ]


@pytest.mark.parametrize("limit", [1, 3])
def test_a_limit_says_that_there_is_more(limit: int, tmp_path: Path) -> None:
    """No more are listed than asked for."""
    shown(tmp_path, PYTHON, "price", "shop/books.py")

    found = references(tmp_path, "price", "shop/books.py", limit=limit)

    assert found.more and len(found.references) == limit and found.symbol.name_path == "price"
