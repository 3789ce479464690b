"""Which mounted app a path belongs to, and what that app sees."""

from typing import Any

import pytest

from backwright.app.mounts import find_mount


async def legacy(scope: Any, receive: Any, send: Any) -> None:
    """An app."""


@pytest.mark.parametrize(
    ("path", "root", "seen"),
    [
        ("/legacy", "", ("/legacy", "/legacy")),
        ("/legacy/a", "", ("/legacy/a", "/legacy")),
        ("/shop/legacy/a", "/shop", ("/shop/legacy/a", "/shop/legacy")),
        ("/legacy/a", "/shop", ("/shop/legacy/a", "/shop/legacy")),  # servers that leave the root out of the path
    ],
)
def test_a_mounted_app_sees_the_whole_path_and_its_root(path: str, root: str, seen: tuple[str, str]) -> None:
    """As ASGI says: ``root_path`` is where it is mounted, ``path`` includes it."""
    found = find_mount({"/legacy": legacy}, {"type": "http", "path": path, "root_path": root, "router": "the outer one's"})

    assert found is not None
    assert (found[1]["path"], found[1]["root_path"]) == seen
    assert "router" not in found[1]


@pytest.mark.parametrize("path", ["/", "/legacyish", "/v1/legacy", ""])
def test_other_paths_are_ours(path: str) -> None:
    """A prefix ends where a segment ends."""
    assert find_mount({"/legacy": legacy}, {"type": "http", "path": path}) is None
