"""Names derived from names: table, plural and wire names. Pure."""

import re

_IRREGULAR = {
    "person": "people",
    "child": "children",
    "man": "men",
    "woman": "women",
    "datum": "data",
    "series": "series",
    "status": "statuses",
}


def snake(name: str) -> str:
    """``OrderLine`` → ``order_line``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def camel(name: str) -> str:
    """``created_at`` → ``createdAt``."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def kebab(name: str) -> str:
    """``OrderLine`` or ``order_line`` → ``order-line``."""
    return snake(name).replace("_", "-")


def plural(name: str) -> str:
    """The English plural of the last word of a snake-case name: ``order_line`` → ``order_lines``."""
    head, _, last = name.rpartition("_")
    if last in _IRREGULAR:
        many = _IRREGULAR[last]
    elif re.search(r"(s|x|z|ch|sh)$", last):
        many = last + "es"
    elif re.search(r"[^aeiou]y$", last):
        many = last[:-1] + "ies"
    else:
        many = last + "s"
    return f"{head}_{many}" if head else many
