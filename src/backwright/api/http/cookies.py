"""Cookies (RFC 6265): reading the request's header, writing Set-Cookie. Pure."""

import re
from typing import Literal

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,4000}")
_ATTRIBUTE = re.compile(r"[\x20-\x3a\x3c-\x7e]*")
MOST = 100


def parse_cookies(header: str) -> dict[str, str]:
    """The cookies of a request by name. What is not well formed is left out; of two with one name, the first counts."""
    found: dict[str, str] = {}
    for part in header.split(";", MOST)[:MOST]:
        name, equals, value = part.strip(" \t").partition("=")
        if value.startswith('"') and value.endswith('"') and len(value) > 1:
            value = value[1:-1]
        if equals and _NAME.fullmatch(name) and _VALUE.fullmatch(value):
            found.setdefault(name, value)
    return found


def format_cookie(
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    path: str = "/",
    domain: str | None = None,
    secure: bool = True,
    http_only: bool = True,
    same_site: Literal["Strict", "Lax", "None"] = "Lax",
) -> str:
    """A Set-Cookie value; ``max_age`` in seconds (0 deletes the cookie, None ends it with the session).

    Raises ``ValueError`` for a name or value that no cookie can have: encode such values first.
    """
    if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value) or not _ATTRIBUTE.fullmatch(path + (domain or "")):
        raise ValueError("a cookie holds only printable ASCII without blanks, quotes, commas, semicolons and backslashes")
    if same_site == "None" and not secure:
        raise ValueError("SameSite=None needs secure=True: browsers drop the cookie otherwise")
    parts = [f"{name}={value}", f"Path={path}", f"SameSite={same_site}"]
    parts += [f"Max-Age={max_age}"] if max_age is not None else []
    parts += [f"Domain={domain}"] if domain is not None else []
    return "; ".join(parts + ["Secure"] * secure + ["HttpOnly"] * http_only)
