"""The body of a request, read as far as it may be."""

import asyncio
from collections.abc import AsyncIterator

from backwright.api.http.message import HttpRequest
from backwright.domain.refusals import TooLarge


async def body_chunks(request: HttpRequest) -> AsyncIterator[bytes]:
    """The body as it arrives; whoever reads it keeps count."""
    if request.receive is None:
        if request.body:
            yield request.body
        return
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise asyncio.CancelledError
        more = message.get("more_body", False)
        if not more:
            request.body_read = True
        if chunk := message.get("body", b""):
            yield chunk


async def read_body(request: HttpRequest, limit: int) -> bytes:
    """The whole body. Raises `TooLarge` before more than `limit` bytes were taken in."""
    if request.receive is None:
        if len(request.body) > limit:
            raise TooLarge(limit=limit)
        return request.body
    declared = request.headers.get(b"content-length")
    if declared is not None and declared.isdigit() and (len(declared) > 15 or int(declared) > limit):
        raise TooLarge(limit=limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in body_chunks(request):
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit=limit)
        chunks.append(chunk)
    return b"".join(chunks)
