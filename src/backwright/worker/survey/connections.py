"""Which systems a text connects to: the schemes of connection strings and the names of adapters, never what else stands there. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.worker.survey.catalogue import catalogue

_MARK = re.compile(r"://(?:[^\s/@\"'`<>{}]*@)?([\w.-]*)|:(?:thin|mem|file):()")
_SCHEME = re.compile(r"(?<![\w+.-])(?:jdbc:|r2dbc:)?([a-z][a-z0-9]{1,15})(?:\+\w+)?$")
_ADAPTERS = [
    ("adapter:", re.compile(r"^[ \t]*adapter:[ \t]*[\"']?(\w+)", re.M)),
    ("DB_CONNECTION", re.compile(r"^[ \t]*DB_CONNECTION[ \t]*=[ \t]*(\w+)", re.M)),
    ("db.backends", re.compile(r"django\.db\.backends\.(postgresql|mysql|sqlite3|oracle)\b")),
    ("db.backends", re.compile(r"django\.contrib\.gis\.db\.backends\.(postgis)\b")),
    ("provider", re.compile(r"^[ \t]*provider[ \t]*=[ \t]*[\"'](postgresql|mysql|sqlite|sqlserver|mongodb)[\"']", re.M)),
    ("ootstrap", re.compile(r"\b(kafka)[\w.-]*bootstrap[._-]?servers", re.I)),
    ("rabbitmq:", re.compile(r"\b(rabbitmq):[ \t]*$", re.M)),
]
"""Adapters by name, each with a word that must stand in the text before it is worth looking."""
_KEY = re.compile(r"[\"']?([A-Za-z_][\w.-]*)[\"']?\s*[:=]")
_HTTP = ("http", "https")
_FAR = 40
"""Characters before ``://`` that may hold the scheme."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A system or host that a line names."""

    system: str
    """Nothing for an HTTP address."""
    host: str
    offset: int
    text: str
    """What may be shown: the key and the scheme, no credentials."""


def connections(text: str, *, comments: str = "#;!/") -> Iterator[Connection]:
    """The connections that the text names, lines that begin with a mark of a comment left out."""
    schemes = catalogue().schemes
    for match in _MARK.finditer(text):
        scheme = _SCHEME.search(text, max(0, match.start() - _FAR), match.start())
        system = schemes.get(scheme[1], "") if scheme else ""
        if scheme is None or not (system or scheme[1] in _HTTP):
            continue
        line = _line(text, match.start())
        if line.lstrip()[:1] not in comments:
            key = _KEY.match(line.strip())
            yield Connection(system, match[1] or "", match.start(), f"{key[1]}: {scheme[1]}://…" if key else f"{scheme[1]}://…")
    for word, pattern in _ADAPTERS:
        for match in pattern.finditer(text) if word in text else ():
            line = _line(text, match.start(1))
            if line.lstrip()[:1] not in comments and (system := schemes.get(match[1].lower(), "")):
                yield Connection(system, "", match.start(1), match[0].strip())


def may_connect(text: str) -> bool:
    """A quick look: is there anything at all?"""
    return "://" in text or "jdbc:" in text or "db.backends." in text


def _line(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return text[start : end if end >= 0 else len(text)]
