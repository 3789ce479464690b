"""What the engine has to know about a programming language: its grammar and its queries, as data."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from tree_sitter import Language as Grammar
from tree_sitter import Parser, Query


class Shared(StrEnum):
    """How a name of one file gets known in another."""

    IMPORTED = "imported"
    """Only where it is imported by name."""
    FOLDER = "folder"
    """In the files of its folder without a word; elsewhere by its package."""
    PROJECT = "project"
    """Everywhere: by a namespace, or by loading on demand."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Language:
    """One language. Node types are those of its tree-sitter grammar."""

    name: str
    suffixes: tuple[str, ...]
    grammar: tuple[str, str]
    """The grammar's module, and the function in it."""
    definitions: str
    """A query: each pattern captures the definition by its kind, and its ``@name``; the first pattern that fits wins."""
    comments: frozenset[str]
    strings: frozenset[str]
    """Tokens that may span lines whose indentation is content."""
    names: frozenset[str]
    """Leaves that name something."""
    imports: frozenset[str]
    members: Mapping[str, tuple[str, str]]
    """Expressions ``object.name``: their type → the fields of object and name. Empty fields: first and last child."""
    calls: frozenset[str]
    wrappers: frozenset[str] = frozenset()
    """Parents that belong to a definition when they hold nothing else, such as an export."""
    decorators: frozenset[str] = frozenset()
    """Decorators, annotations, attributes: within a definition, or in its modifiers."""
    attached: frozenset[str] = frozenset()
    """Decorators that stand beside their definition, in front of it."""
    itself: frozenset[str] = frozenset({"this", "super"})
    """How an object calls itself."""
    shared: Shared = Shared.IMPORTED
    inner_docs: bool = False
    """Documentation is the first string of a body, not the comment in front."""


@cache
def grammar(language: Language) -> Grammar:
    """The grammar, loaded when it is first used."""
    module, function = language.grammar
    pointer: object = getattr(importlib.import_module(module), function)()
    return Grammar(pointer)


@cache
def parser(language: Language) -> Parser:
    """A parser for the language. It is not to be shared between threads."""
    return Parser(grammar(language))


@cache
def query(language: Language) -> Query:
    """The definitions' query with the comments and what is attached, compiled."""
    beside = [f"({comment}) @comment" for comment in sorted(language.comments)] + [
        f"({node}) @attached" for node in sorted(language.attached)
    ]
    return Query(grammar(language), "\n".join([language.definitions, *beside]))
