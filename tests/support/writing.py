"""A process that writes under load until it is killed: ``python -m tests.support.writing URL``. It prints what was acknowledged.

Each unit of work is two rows, number and number + 1; a line with the number is printed when the engine has answered.
"""

import asyncio
import os
import sys
from itertools import count

from tests.support.engines import opened


async def main(url: str) -> None:
    """Write from 16 tasks at once, singly and in transactions, for ever."""
    numbers = count(0, 2)
    async with opened(url) as engine:

        async def work(singly: bool) -> None:
            for number in numbers:
                if singly:
                    await engine.write(f"INSERT INTO item (id, name) VALUES ({number}, 'a'), ({number + 1}, 'b')")
                else:
                    async with engine.transaction() as tx:
                        await tx.run(f"INSERT INTO item (id, name) VALUES ({number}, 'a')")
                        await asyncio.sleep(0)
                        await tx.run(f"INSERT INTO item (id, name) VALUES ({number + 1}, 'b')")
                os.write(1, f"{number}\n".encode())

        await asyncio.gather(*(work(index % 2 == 0) for index in range(16)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
