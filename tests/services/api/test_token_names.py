"""Tokens under the names of the contract."""

import asyncio

from backwright import Account, App, Database, Password, Rest, allow
from backwright.testing import Client


class Reader(Account):
    """Somebody who signs in."""


def test_tokens_follow_the_case_of_the_contract(database_url: str) -> None:
    """In camel case a sign-in answers ``accessToken``, as the contract says, and the refresh takes what it answers."""

    async def main() -> None:
        app = App(
            access=[allow(Reader, read=lambda it, reader: it.id == reader.id)],
            sign_in=[Password(Reader)],
            serve=[Rest(case="camel")],
            database=Database(database_url),
        )
        async with Client(app) as client:
            who = {"email": "ann@example.org", "password": "a long enough one"}
            assert (await client.post("/v1/sign-up", who)).status == 201
            tokens = (await client.post("/v1/sign-in", who)).json()
            told = (await client.get("/openapi.json")).json()["components"]["schemas"]["SignedInTokens"]["properties"]
            assert set(tokens) == set(told) == {"accessToken", "refreshToken", "expiresIn", "tokenType"}
            again = await client.post("/v1/refresh", {"refreshToken": tokens["refreshToken"]})
            assert (again.status, set(again.json())) == (200, set(tokens))

    asyncio.run(main())
