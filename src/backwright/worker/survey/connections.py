"""Which systems a text connects to: the schemes of connection strings and the names of adapters, never what else stands there. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.worker.survey.catalogue import catalogue

_URL = re.compile(r"(?<![\w+.-])(?:jdbc:|r2dbc:)?([a-z][a-z0-9]{2,15})(?:\+\w+)?:(?://(?:[^\s/@\"'`<>{}]*@)?([\w.-]*)|thin:|mem:|file:)")
_ADAPTERS = [
    re.compile(r"^\s*adapter:\s*[\"']?(\w+)", re.M),
    re.compile(r"^\s*DB_CONNECTION\s*=\s*(\w+)", re.M),
    re.compile(r"django\.db\.backends\.(postgresql|mysql|sqlite3|oracle)\b"),
    re.compile(r"django\.contrib\.gis\.db\.backends\.(postgis)\b"),
    re.compile(r"^\s*provider\s*=\s*[\"'](postgresql|mysql|sqlite|sqlserver|mongodb)[\"']", re.M),
    re.compile(r"\b(kafka)[\w.-]*bootstrap[._-]?servers", re.I),
    re.compile(r"\b(rabbitmq):\s*$", re.M),
]
_KEY = re.compile(r"[\"']?([A-Za-z_][\w.-]*)[\"']?\s*[:=]")
_HTTP = ("http", "https")


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
    for match in _URL.finditer(text):
        line = _line(text, match.start())
        system = schemes.get(match[1], "")
        if (system or match[1] in _HTTP) and line.lstrip()[:1] not in comments:
            key = _KEY.match(line.strip())
            yield Connection(system, match[2] or "", match.start(), f"{key[1]}: {match[1]}://…" if key else f"{match[1]}://…")
    for pattern in _ADAPTERS:
        for match in pattern.finditer(text):
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
