"""What reading costs: `python -m tests.clients.bench_client` prints CPU seconds per 1,000 pages of 200 KB.

The same pages over loopback HTTP from a child process: read by bare httpx, and by our client, which also waits for its
budget, checks each page and finds its head. The difference is our own cost.
"""

import asyncio
import json
import multiprocessing
import time
from multiprocessing.connection import Connection

import httpx

from execution.clients import client_for
from execution.clients.heads import HeadReader
from execution.directives.model import Source
from execution.settings import Environment

PAGES = 1000
RECORD = {"id": "100", "properties": {f"property_{number}": f"value {number}" for number in range(30)}}


def body(number: int) -> bytes:
    records = [{**RECORD, "id": str(number * 200 + at)} for at in range(270)]
    return json.dumps({"data": records}, separators=(",", ":")).encode()


def serve(parent: Connection) -> None:
    """Answers every request with one of ten pages; the cursor is the number asked for plus one."""
    pages = [body(number)[:-1] for number in range(10)]

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                query = head.split(b" ", 2)[1].partition(b"after=")[2] or b"0"
                page = pages[int(query) % 10] + b',"next":"%d"}' % (int(query) + 1)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page) + page)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        parent.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


async def bare(port: int) -> float:
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.get(f"http://127.0.0.1:{port}/things")
        start = time.process_time()
        for number in range(PAGES):
            await client.get(f"http://127.0.0.1:{port}/things", params={"after": str(number)})
        return time.process_time() - start


async def ours(port: int) -> float:
    source = Source.model_validate(
        {
            "kind": "source",
            "name": "vendor",
            "api": {
                "base_url": f"http://127.0.0.1:{port}",
                "auth": {"type": "none"},
                "rate_limit": {"requests": 100_000, "per": "1s"},
                "paginate": {"cursor": "next", "param": "after"},
            },
            "streams": {"things": {"path": "/things", "records": "data", "key": "id", "columns": {}}},
        }
    )
    async with client_for(source, Environment({})) as client:
        start = 0.0
        async for page in client.pages("things", {}):
            if page.number == 0:
                start = time.process_time()
            if page.number == PAGES:
                break
        return time.process_time() - start


def check() -> float:
    reader, page = HeadReader("data", {"next": "next"}), body(1)
    start = time.process_time()
    for _ in range(PAGES):
        reader.open(page)
    return time.process_time() - start


def main() -> None:
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    port = here.recv()
    print(f"page of {len(body(1)) // 1000} KB, CPU seconds per {PAGES} pages")  # noqa: T201
    for _ in range(3):
        plain, read, checked = asyncio.run(bare(port)), asyncio.run(ours(port)), check()
        rest = read - plain - checked
        print(f"httpx {plain:.2f}  ours {read:.2f}: checking {checked:.2f}, the rest {rest:+.2f}")  # noqa: T201
    server.terminate()
    server.join()


if __name__ == "__main__":
    main()
