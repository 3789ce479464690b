"""Patterns that become CHECKs: PostgreSQL and Python must find the same in every text."""

import asyncio
import re

import asyncpg  # type: ignore[import-untyped]
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backwright.data.checks import postgresql_pattern

_ITEM = st.sampled_from(["a", "b", "-", r"\.", r"\$", "[ab]", "[^a-c]", "[a-z0-9_-]", "(?:ab|c)", "(a)", "é", " ", "\n"])
_PIECE = st.tuples(_ITEM, st.sampled_from(["", "?", "*", "+", "{2}", "{1,3}", "{2,}"])).map("".join)
_BRANCH = st.lists(_PIECE, min_size=1, max_size=4).map("".join)
_PATTERNS = st.tuples(st.sampled_from(["", "^"]), st.lists(_BRANCH, min_size=1, max_size=2).map("|".join), st.sampled_from(["", "$"])).map(
    "".join
)
_TEXTS = st.lists(st.text("abc-.$é _09\nZ", max_size=8), min_size=5, max_size=12)


def test_postgresql_and_python_agree(postgres_session_url: str) -> None:
    """Whatever pattern is let through, both find it in the same texts, line breaks included."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(postgres_session_url))

    @settings(max_examples=200, deadline=None)
    @given(_PATTERNS, _TEXTS)
    def agree(pattern: str, texts: list[str]) -> None:
        translated = postgresql_pattern(pattern)
        assume(translated is not None)
        query = 'SELECT array_agg(t COLLATE "C" ~ $2 ORDER BY n) FROM unnest($1::text[]) WITH ORDINALITY AS x(t, n)'
        found = loop.run_until_complete(connection.fetchval(query, texts, translated))
        assert found == [re.search(pattern, text) is not None for text in texts]

    try:
        agree()
    finally:
        loop.run_until_complete(connection.close())
        loop.close()
