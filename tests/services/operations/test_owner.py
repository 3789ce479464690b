"""Whose a row becomes that is created over REST."""

import asyncio

from backwright import Account, App, Entity, Owner, Password, allow, anyone
from backwright.testing import Client, open_app


class Customer(Account, id=int):
    pass


class Clerk(Account, id=int):
    pass


class Wish(Entity):
    customer: Owner[Customer]


class Remark(Entity):
    customer: Owner[Customer] | None = None


app = App(
    access=[allow(Wish, read=anyone, create=anyone), allow(Remark, read=anyone, create=anyone)],
    sign_in=[Password(Customer), Password(Clerk)],
)


def test_an_owner_is_an_account_of_the_named_class(database_url: str) -> None:
    """The key of a clerk is not taken for the customer of the same number, and nobody owns nothing."""

    async def main() -> None:
        async with open_app(app, database_url) as opened, Client(opened) as client:
            ada, clerk = await opened.given(Customer(email="ada@example.org"), Clerk(email="clerk@example.org"))
            assert ada.id == clerk.id
            answers = [await client.post("/v1/wishes", {}, as_=who) for who in (ada, clerk, None)]
            assert [answer.status for answer in answers] == [201, 403, 401]
            assert [wish.customer for wish in await opened.all(Wish)] == [ada.id]

    asyncio.run(main())


def test_an_optional_owner_stays_empty_for_others(database_url: str) -> None:
    """Where a row needs no owner, an account of another class and nobody leave none."""

    async def main() -> None:
        async with open_app(app, database_url) as opened, Client(opened) as client:
            ada, clerk = await opened.given(Customer(email="ada@example.org"), Clerk(email="clerk@example.org"))
            made = [(await client.post("/v1/remarks", {}, as_=who)).json()["customer_id"] for who in (ada, clerk, None)]
            assert made == [ada.id, None, None]

    asyncio.run(main())
