"""What every peer must answer. It is checked before each load, so that nobody is fast by answering something else."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from typing import Any

FIELDS = {"id", "name", "description", "price", "stock", "active", "category_id", "created_at"}
GOOD = {"name": "made by the check", "description": None, "price": 2.5, "stock": 1, "category_id": 3}
BAD: dict[str, dict[str, Any]] = {
    "an empty name": {"name": ""},
    "a name of 121 characters": {"name": "y" * 121},
    "a price of 0": {"price": 0},
    "a price below 0": {"price": -1},
    "a wrong type": {"stock": "many"},
    "an unknown category": {"category_id": 99},
}


def breaches(url: str, modes: Iterable[str], token: str | None = None) -> list[str]:
    """What the server at `url` answers other than the contract says, for the given modes."""
    checks = {"one": _one, "list": _list, "nested": _nested, "create": _create}
    return [f"{mode}: {sentence}" for mode in modes for sentence in _sentences(checks[mode], Client(url, token))]


def _sentences(check: "Check", client: "Client") -> list[str]:
    try:
        return list(check(client))
    except (LookupError, TypeError, ValueError) as error:
        return [f"the answer has another shape: {type(error).__name__}: {error}"]


class Client:
    """Asks, and reads JSON."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self.headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def ask(self, path: str, body: object = None) -> tuple[int, Any]:
        """The status and the decoded answer (None if it is not JSON)."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, self.headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, _decoded(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _decoded(error.read())


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _one(client: Client) -> Iterator[str]:
    status, product = client.ask("/products/7")
    if status != 200 or set(product) != FIELDS or float(product["price"]) != 7.99 or product["id"] != 7:
        yield f"GET /products/7: {status} {product}"
    if (status := client.ask("/products/99999999")[0]) != 404:
        yield f"an absent product: {status}"


def _list(client: Client) -> Iterator[str]:
    path = "/products?category_id=3&limit=20"
    status, page = client.ask(path)
    if status != 200 or set(page) != {"items", "next"}:
        yield f"GET {path}: {status} {page}"
        return
    ids = [item["id"] for item in page["items"]]
    if len(ids) != 20 or ids != sorted(ids) or any(item["category_id"] != 3 or set(item) != FIELDS for item in page["items"]):
        yield f"GET {path}: {page}"
    if page["next"] != ids[-1] or client.ask(f"{path}&after={ids[-1]}")[1]["items"][0]["id"] <= ids[-1]:
        yield f"next is {page['next']} behind {ids[-1]}"


def _nested(client: Client) -> Iterator[str]:
    status, page = client.ask("/nested?limit=20&after=100")
    if status != 200 or len(page["items"]) != 20 or page["items"][0]["id"] != 101 or page["next"] != 120:
        yield f"GET /nested: {status} {page}"
        return
    for item in page["items"]:
        if set(item) != FIELDS | {"category"} or item["category"]["id"] != item["category_id"] or not item["category"]["name"]:
            yield f"nested: {item}"


def _create(client: Client) -> Iterator[str]:
    status, made = client.ask("/products", GOOD)
    if status != 201 or set(made) != FIELDS or made["id"] <= 10_000 or float(made["price"]) != 2.5 or not made["created_at"]:
        yield f"POST /products: {status} {made}"
    elif client.ask(f"/products/{made['id']}")[1] | {"price": made["price"]} != made:  # 2.5 may read back as 2.50
        yield "what was created does not read back the same"
    for what, change in BAD.items():
        status, answer = client.ask("/products", {**GOOD, **change})
        if not 400 <= status < 500:
            yield f"{what}: {status} {answer}"


Check = Callable[[Client], Iterator[str]]
