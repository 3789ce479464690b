"""Functions over HTTP: what they take besides JSON, what they answer besides JSON, and how values look on the wire."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from backwright import App, Database, DeclarationError, Entity, Html, Json, Redirect, Rest, Text, Tier, Transaction, allow, anyone, route
from backwright.testing import Client
from tests.support.served import Author, Book, Tx, contact, download, hook, moved, perhaps, quote, served_app, set_cover, take


def served(test: Callable[[Client], Awaitable[None]], app: App | None = None) -> None:
    """Run a test against the app."""

    async def main() -> None:
        async with Client(app or served_app()) as client:
            await test(client)

    asyncio.run(main())


async def a_book(client: Client, **fields: Any) -> Book:
    author = await client.app.given(Author(name="Le Guin"))
    return await client.app.given(Book(isbn="1", author=author.id, price=10, labels=[], **fields))  # type: ignore[arg-type]


def test_values_have_the_forms_of_the_wire() -> None:
    """Decimals are texts of their scale, times are UTC with microseconds, durations ISO 8601, enumerations their values."""

    async def test(client: Client) -> None:
        book = await a_book(client)
        answer = await client.post("/v1/quote", {"book_id": book.id, "copies": 2})
        assert answer.json() == {
            "total_price": "20.0000",
            "valid_until": "2026-11-21T12:00:00.000005Z",
            "cover": "soft",
            "takes": "PT90S",
            "book_id": str(book.id),
        }

    served(test)


def test_names_are_the_contracts_unless_a_struct_renames_itself() -> None:
    """In camel case a dataclass follows the contract; a Struct with names of its own keeps them."""

    async def test(client: Client) -> None:
        book = await a_book(client)
        assert "totalPrice" in (await client.post("/v1/quote", {"bookId": book.id})).json()
        assert (await client.post("/v1/renamed")).json() == {"SomeValue": 7}
        assert "createdAt" in (await client.post("/v1/take", {"bookId": book.id})).json()

    served(test, served_app(case="camel"))


def test_a_list_of_entities_is_a_list_of_representations() -> None:
    """Each looks as the resource shows it; an empty list is an empty list."""

    async def test(client: Client) -> None:
        assert (await client.post("/v1/newest", {})).json() == []
        book = await a_book(client)
        assert (await client.post("/v1/newest", {})).json() == [(await client.get(f"/v1/books/{book.id}")).json()]

    served(test)


def test_a_function_that_may_return_nothing() -> None:
    """None is 204, an entity 200."""

    async def test(client: Client) -> None:
        assert (await client.post("/v1/perhaps", {"there": False})).status == 204
        assert (await client.post("/v1/perhaps", {"there": True})).json()["text"] == "here"

    served(test)


def multipart(fields: dict[str, str]) -> dict[str, Any]:
    """A form without files as multipart."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    return {"body": "".join(parts) + "--b--\r\n", "content_type": "multipart/form-data; boundary=b"}


@pytest.mark.parametrize("sent", [lambda fields: {"form": fields}, multipart], ids=["urlencoded", "multipart"])
def test_forms_are_read_and_checked(sent: Any) -> None:
    """Fields come typed; every problem of a form is told, with its field."""

    async def test(client: Client) -> None:
        answer = await client.post("/v1/contact", **sent({"name": "Ann & Bob", "age": "7"}))
        assert (answer.text, answer.headers["content-type"]) == ("Ann & Bob 7", "text/plain; charset=utf-8")
        refused = await client.post("/v1/contact", **sent({"age": "x", "nose": "1"}))
        assert {e["parameter"]: e["code"] for e in refused.json()["errors"]} == {"name": "required", "age": "type", "nose": "unknown"}
        assert refused.status == 422

    served(test)


def test_a_form_is_not_json() -> None:
    """A form route refuses JSON, a JSON route refuses forms: 415 with what is accepted."""

    async def test(client: Client) -> None:
        refused = await client.post("/v1/contact", {"name": "Ann"})
        assert refused.status == 415 and "application/x-www-form-urlencoded" in refused.headers["accept"]
        assert (await client.post("/v1/notes", form={"text": "x"})).status == 415

    served(test)


def test_an_upload_comes_with_fields_and_query() -> None:
    """Uploads and form fields are read from the form, other parameters from the query."""

    async def test(client: Client) -> None:
        book = await a_book(client)
        files = {"picture": ("../../etc/a.png", b"\x89PNG" * 100)}
        answer = await client.post(f"/v1/set-cover?book_id={book.id}", form={"title": "Dawn"}, files=files)
        assert answer.json() == {"file": "a.png", "size": 400, "kind": "application/octet-stream", "title": "Dawn"}
        assert answer.headers["x-own"] == "1"
        missing = await client.post(f"/v1/set-cover?book_id={book.id}", form={"picture": "not a file"}, files={"other": ("a", b"x")})
        assert sorted((e["parameter"], e["code"]) for e in missing.json()["errors"]) == [
            ("other", "unknown"),
            ("picture", "required"),
            ("picture", "unknown"),
        ]

    served(test)


def test_raw_bodies_come_as_they_are() -> None:
    """Whatever the content type, up to the body limit."""

    async def test(client: Client) -> None:
        assert (await client.post("/v1/hook", body=b"\x00\xff{", content_type="text/odd")).json() == {"bytes": 3, "kind": "text/odd"}
        assert (await client.post("/v1/hook", body=b"x" * 1_048_577)).status == 413

    served(test)


def test_a_route_can_ask_for_one_content_type() -> None:
    """``media`` narrows a raw body; another type is 415."""
    app = served_app(routes=[route("PUT /raw", hook, media="text/csv")])

    async def test(client: Client) -> None:
        assert (await client.put("/v1/raw", body=b"a,b", content_type="text/csv")).json()["kind"] == "text/csv"
        assert (await client.put("/v1/raw", body=b"a,b", content_type="text/plain")).status == 415

    served(test, app)


def test_functions_stand_at_any_method_and_path() -> None:
    """Parameters come from the path, the query and the body as the route says; envelopes and names are the contract's."""
    app = served_app(
        routes=[
            route("GET /books/{book}/quote", quote, names={"book_id": "book"}),
            route("POST /books/{book_id}/take", take, gives="book", status=202),
            route("DELETE /perhaps", perhaps),
        ]
    )

    async def test(client: Client) -> None:
        book = await a_book(client)
        assert (await client.get(f"/v1/books/{book.id}/quote?copies=3")).json()["total_price"] == "30.0000"
        taken = await client.post(f"/v1/books/{book.id}/take")
        assert (taken.status, taken.json()["book"]["stock"]) == (202, 2)
        assert (await client.delete("/v1/perhaps?there=false")).status == 204
        assert (await client.post(f"/v1/books/{book.id}/take", {"copies": 1})).status == 422

    served(test, app)


def test_a_page_is_a_template_whose_values_are_escaped() -> None:
    """Markup in a value is shown, not run; the page has one policy, and it allows no inline script."""

    async def test(client: Client) -> None:
        answer = await client.post("/v1/page", {"who": "<script>x</script>"})
        assert answer.text == "<h1>Hello &lt;script&gt;x&lt;/script&gt;</h1>"
        (policy,) = answer.headers.all("content-security-policy")
        assert answer.headers["content-type"] == "text/html; charset=utf-8" and "script-src" not in policy

    served(test, served_app(templates=str(Path(__file__).parents[2] / "support/templates")))


def test_files_have_ranges_and_validators() -> None:
    """A file that a function answers is sent in parts, conditionally, and for HEAD without its body."""
    app = served_app(routes=[route("GET /ten", download)])

    async def test(client: Client) -> None:
        whole = await client.get("/v1/ten")
        assert (whole.body, whole.headers.all("content-length")) == (b"0123456789", ["10"])
        part = await client.get("/v1/ten", headers={"range": "bytes=2-4"})
        assert (part.status, part.body, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
        assert (await client.get("/v1/ten", headers={"if-none-match": whole.headers["etag"]})).status == 304
        assert (await client.get("/v1/ten", headers={"range": "bytes=20-"})).status == 416
        head = await client.head("/v1/ten")
        assert (head.body, head.headers.all("content-length")) == (b"", ["10"])

    served(test, app)


def test_streams_are_sent_in_pieces() -> None:
    """Texts of a stream arrive as UTF-8 in their order, without a length."""

    async def test(client: Client) -> None:
        answer = await client.post("/v1/counted")
        assert (answer.text, "content-length" in answer.headers) == ("0\n1\n2\n", False)

    served(test)


def test_redirects_lead_within_the_server() -> None:
    """A redirect is 303 with its Location; one that leads elsewhere is a fault, not an open redirect."""

    async def away(tx: Tx, to: str) -> Redirect:
        return Redirect(to)

    app = App(access=[allow(moved, call=anyone), allow(away, call=anyone)], database=Database("sqlite://"))

    async def test(client: Client) -> None:
        client._raise = False  # pyright: ignore[reportPrivateUsage]
        answer = await client.post("/v1/moved")
        assert (answer.status, answer.headers["location"]) == (303, "/v1/notes")
        for to in ("//evil.example", "http://evil.example", "javascript:x", "/a\r\nset-cookie: x", "/\\evil.example"):
            assert (await client.post("/v1/away", {"to": to})).status == 500

    served(test, app)


def test_answers_have_their_own_status_and_headers() -> None:
    """Status and headers of an answer are sent; a header with a line break is a fault."""

    async def made(tx: Tx, value: str) -> Json | Text | Html:
        """Make it."""
        return {"j": Json([1], status=202, headers=(("X-A", "b"),)), "h": Html("<b>"), "t": Text("é", headers=(("x", "a\r\nb: c"),))}[value]

    app = App(access=[allow(made, call=anyone)], database=Database("sqlite://"))

    async def test(client: Client) -> None:
        client._raise = False  # pyright: ignore[reportPrivateUsage]
        answer = await client.post("/v1/made", {"value": "j"})
        assert (answer.status, answer.json(), answer.headers["x-a"]) == (202, [1], "b")
        assert (await client.post("/v1/made", {"value": "h"})).body == b"<b>"
        assert (await client.post("/v1/made", {"value": "t"})).status == 500

    served(test, app)


def test_a_repeated_key_gives_the_same_answer() -> None:
    """An Idempotency-Key works for entities, lists, values, texts and forms; another form under the same key is refused."""

    async def test(client: Client) -> None:
        book = await a_book(client)
        for path, given in (
            ("/v1/take", {"json": {"book_id": book.id}}), ("/v1/newest", {"json": {}}), ("/v1/quote", {"json": {"book_id": book.id}}),
            ("/v1/nothing", {}), ("/v1/contact", {"form": {"name": "Ann"}}), ("/v1/moved", {}),
        ):  # fmt: skip
            headers = {"idempotency-key": "k1"}
            first, second = [await client.request("POST", path, headers=headers, **given) for _ in range(2)]  # type: ignore[arg-type]
            assert (first.status, first.body, first.headers.get("etag")) == (second.status, second.body, second.headers.get("etag")), path
        assert (await client.app.get(Book, book.id)).stock == 2
        assert (await client.post("/v1/contact", form={"name": "Bob"}, headers={"idempotency-key": "k1"})).status == 409

    served(test)


def test_what_cannot_be_kept_takes_no_key() -> None:
    """A function that answers a file or a stream says so instead of doing its work twice."""

    async def test(client: Client) -> None:
        refused = await client.post("/v1/download", headers={"idempotency-key": "k"})
        assert (refused.status, refused.json()["errors"][0]["parameter"]) == (400, "Idempotency-Key")

    served(test)


class Shelf(Entity):
    name: str


async def inside_dict(tx: Transaction[None]) -> dict[str, Shelf]:
    return {}


async def inside_list(tx: Transaction[None]) -> list[list[Shelf]]:
    return []


async def two_types(tx: Transaction[None]) -> int | str:
    return 1


async def unknown(tx: Transaction[None]) -> complex:
    return 1j


@pytest.mark.parametrize("function", [inside_dict, inside_list, two_types, unknown])
def test_a_result_that_cannot_be_sent_is_found_at_start(function: Any) -> None:
    """The mistake names the function, its file and line, and says what to return instead."""
    app = App(access=[allow(Shelf, read=anyone), allow(function, call=anyone)], database=Database("sqlite://"))
    with pytest.raises(DeclarationError) as caught:
        asyncio.run(Client(app).__aenter__())
    (mistake,) = caught.value.mistakes
    assert mistake.file == __file__ and function.__name__ in str(mistake) and "Struct" in mistake.mend


@pytest.mark.parametrize(
    ("line", "function", "media"),
    [
        ("GET /x", contact, ""),
        ("DELETE /x", hook, ""),
        ("POST /x/{nope}", hook, ""),
        ("POST /x", take, "text/csv"),
        ("GET /x", set_cover, ""),
    ],
)
def test_a_route_that_cannot_work_is_found_at_start(line: str, function: Any, media: str) -> None:
    """Bodies where there are none, and path parameters that no function has, are mistakes."""
    app = served_app(routes=[route(line, function, **({"media": media} if media else {}))])
    with pytest.raises(DeclarationError, match="cannot serve"):
        asyncio.run(Client(app).__aenter__())


def test_static_folders_are_served_and_cannot_be_left() -> None:
    """Files have validators; what is outside, hidden or missing is 404, and so is the folder without an index."""
    app = served_app(static={"/assets": str(Path(__file__).parents[2] / "support/public")})

    async def test(client: Client) -> None:
        style = await client.get("/assets/style.css")
        assert (style.body, style.headers["content-type"]) == (b"body{}\n", "text/css; charset=utf-8")
        assert (await client.get("/assets/style.css", headers={"if-none-match": style.headers["etag"]})).status == 304
        assert (await client.head("/assets/style.css")).headers.all("content-length") == ["7"]
        for path in (
            "/assets/../served.py",
            "/assets/%2e%2e/served.py",
            "/assets/%2e%2e%2fserved.py",
            "/assets",
            "/assets/",
            "/assets/none.css",
            "/assets/a%00",
        ):
            assert (await client.get(path)).status == 404, path
        assert (await client.post("/assets/style.css")).status == 405

    served(test, app)


def test_kinds_of_problems_are_explained() -> None:
    """The ``type`` of a problem leads to a page about it; the app's own refusals have one too."""

    async def test(client: Client) -> None:
        problem = (await client.get("/v1/nowhere")).json()
        assert "Not found (404)" in (await client.get(problem["type"])).text
        assert "There is no copy left." in (await client.get("/problems/sold-out")).text
        assert (await client.get("/problems/nonsense")).status == 404

    served(test)


def test_limits_do_not_count_what_belongs_to_the_site() -> None:
    """Documentation, health and metrics are served to a caller whose requests are used up."""
    app = App(access=[allow(moved, call=anyone)], database=Database("sqlite://"), tiers=[Tier("anonymous", 2)], serve=[Rest()])

    async def test(client: Client) -> None:
        statuses = [(await client.post("/v1/moved")).status for _ in range(3)]
        assert statuses == [303, 303, 429]
        for path in ("/docs", "/openapi.json", "/health/live", "/health/ready", "/metrics", "/problems/too-many-requests"):
            assert (await client.get(path)).status == 200

    served(test, app)
