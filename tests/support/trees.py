"""Sample trees on which the house rules are shown to be able to fail."""

from pathlib import Path


def plant(root: Path, files: dict[str, str]) -> Path:
    """Write files (path below `root` to text) and the ``__init__.py`` of every package on the way; returns `root`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for parent in path.relative_to(root).parents:
            if path.suffix == ".py" and parent != Path("."):
                (root / parent / "__init__.py").touch()
    return root
