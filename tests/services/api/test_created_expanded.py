"""A creation answers the representation of its contract, expanded references included."""

import asyncio

from backwright import App, Entity, Id, Rest, allow, anyone, resource
from backwright.testing import Client, open_app


class Author(Entity):
    name: str


class Book(Entity):
    author: Id[Author]


app = App(
    access=[allow(Author, read=anyone), allow(Book, read=anyone, create=anyone)],
    serve=[Rest(resources=[resource(Book, "/books", expand=[lambda book: book.author])])],
)


def test_a_creation_answers_what_its_resource_always_expands(database_url: str) -> None:
    """What a contract embeds in every representation is embedded in that of a new row too."""

    async def main() -> None:
        async with open_app(app, database_url) as opened, Client(opened) as client:
            author = await opened.given(Author(name="Herbert"))
            made = await client.post("/v1/books", {"author_id": author.id})
            assert made.status == 201 and made.json()["author"]["name"] == "Herbert"
            assert (await client.get(made.headers["location"])).json() == made.json()

    asyncio.run(main())
