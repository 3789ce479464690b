"""The prepared requests of each mode: the same for every peer and both load generators."""

import json
import random
from pathlib import Path

from benchmarks.databases import CATEGORIES, PRODUCTS

MODES = ("one", "list", "nested", "create")
HOW_MANY = 500


def write_requests(mode: str, port: int, file: Path, token: str | None = None) -> None:
    """Write `HOW_MANY` requests, each behind its length: whole HTTP messages, the same choice in every run."""
    chance = random.Random(42)
    messages = [_message(mode, number, chance, port, token) for number in range(HOW_MANY)]
    file.write_bytes(b"".join(b"%d\n%s" % (len(message), message) for message in messages))


def _message(mode: str, number: int, chance: random.Random, port: int, token: str | None) -> bytes:
    method, path, body = "GET", "", b""
    match mode:
        case "one":
            path = f"/products/{chance.randint(1, PRODUCTS)}"
        case "list":
            path = f"/products?category_id={chance.randint(1, CATEGORIES)}&limit=20"
        case "nested":
            path = f"/nested?limit=20&after={chance.randint(0, PRODUCTS - 100)}"
        case "create":
            method, path, body = "POST", "/products", _product(number)
        case _:
            raise ValueError(mode)
    head = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    head += [f"Authorization: Bearer {token}"] if token else []
    head += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*head, "", ""]).encode() + body


def _product(number: int) -> bytes:
    values = {
        "name": f"made {number}",
        "description": "by the load",
        "price": number + 0.25,
        "stock": number,
        "category_id": 1 + number % CATEGORIES,
    }
    return json.dumps(values, separators=(",", ":")).encode()
