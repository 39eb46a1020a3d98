"""How many pages of 200 contacts a second the sandbox sends to a plain client: `python tests/sandbox/bench_pages.py`.

The client is a bare socket that reads and throws away, so what is measured is the sandbox. Linux only (reads /proc).
"""

import argparse
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

from execution.sandbox import Options, start
from execution.sandbox.hubspot.properties import NAMES
from execution.sandbox.options import HUBSPOT_TOKEN

PER_PAGE = 200


def main() -> None:
    """Print the rate for keyset searches, as a full sync makes them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=4)
    parsed = parser.parse_args()
    begun = time.perf_counter()
    options = Options(customers=parsed.customers, speed=0, vendors=("hubspot",), render_ahead=(NAMES,))
    with start(options) as sandbox:
        _say(f"rendered {parsed.customers:,} contacts in {time.perf_counter() - begun:.1f} s")
        host, _, port = sandbox.url.removeprefix("http://").partition(":")
        with ExitStack() as stack:
            connections = [
                stack.enter_context(socket.create_connection((host, int(port)))) for _ in range(parsed.connections)
            ]
            before = _cpu_s(sandbox.pid)
            pages, size, seconds = _drain(connections, _requests(parsed.customers), parsed.seconds)
            cpu_s = _cpu_s(sandbox.pid) - before
        _say(f"{pages / seconds:,.0f} pages/s of {size / pages / 1000:,.0f} kB, {size / seconds / 1e6:,.0f} MB/s")
        _say(f"the sandbox used {cpu_s / pages * 1e6:,.0f} µs of processor time a page, {_memory(sandbox.pid)}")


def _requests(customers: int) -> Iterator[bytes]:
    names = ",".join(f'"{name}"' for name in NAMES)
    while True:
        for first in range(0, customers - PER_PAGE, PER_PAGE):
            bounds = (
                '{"propertyName":"lastmodifieddate","operator":"GTE","value":"0"},'
                f'{{"propertyName":"hs_object_id","operator":"GT","value":"{51 + 50 * (first - 1)}"}}'
            )
            body = f'{{"filterGroups":[{{"filters":[{bounds}]}}],"limit":{PER_PAGE},"properties":[{names}]}}'.encode()
            yield (
                b"POST /hubspot/crm/v3/objects/contacts/search HTTP/1.1\r\nhost: sandbox\r\n"
                b"authorization: Bearer %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
                % (HUBSPOT_TOKEN.encode(), len(body), body)
            )


def _drain(connections: list[socket.socket], requests: Iterator[bytes], seconds: float) -> tuple[int, int, float]:
    """(pages, bytes, seconds): while one connection's page is read, the others' are being made, as with a client
    that asks several at once. The first page, which fills the search's memory, is not counted."""
    buffer = memoryview(bytearray(1 << 20))
    connections[0].sendall(next(requests))
    _receive(connections[0], buffer)
    for connection in connections:
        connection.sendall(next(requests))
    pages = size = 0
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        connection = connections[pages % len(connections)]
        size += _receive(connection, buffer)
        connection.sendall(next(requests))
        pages += 1
    return pages, size, time.perf_counter() - begun


def _receive(connection: socket.socket, buffer: memoryview) -> int:
    received = connection.recv_into(buffer)
    head, _, _ = bytes(buffer[: min(received, 2048)]).partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    left = len(head) + 4 + length - received
    while left > 0:
        left -= connection.recv_into(buffer, min(left, len(buffer)))
    return length


def _cpu_s(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123 - a proc file
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> str:
    with open(f"/proc/{pid}/status", encoding="ascii") as status:  # noqa: PTH123 - a proc file
        return next(" ".join(line.split()) for line in status if line.startswith("VmRSS"))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
