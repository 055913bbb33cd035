"""A TCP proxy that holds what it carries: port 22 of the router to its port 2222.

Runs inside a router, by the system's Python, until its standard input ends. Its arguments: how
long each piece is held, in seconds; each how-manieth is held longer; and how long.
"""

import asyncio
import sys
from itertools import count

DELAY, EACH, STALL = float(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for n in count(1):
        piece = await reader.read(4096)
        if not piece:
            break
        await asyncio.sleep(DELAY if n % EACH else STALL)
        writer.write(piece)
        await writer.drain()
    writer.close()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    there, back = await asyncio.open_connection("127.0.0.1", 2222)
    await asyncio.gather(carry(reader, back), carry(there, writer), return_exceptions=True)


async def main() -> None:
    await asyncio.start_server(answer, "0.0.0.0", 22)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
