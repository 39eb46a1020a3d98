"""What a page costs the sandbox: `python tests/sandbox/bench_pages.py [vendors|contacts]`.

`vendors` reads every list of all four vendors twice, and prints the processor time of a page the first and the second
time. `contacts` has HubSpot's contacts read by several connections at once, and prints how many pages a second that
makes. The client reads and throws away, so what is measured is the sandbox. Linux only (reads /proc).
"""

import argparse
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from execution.sandbox import Options, Running, start
from execution.sandbox.hubspot.properties import NAMES
from execution.sandbox.options import CALENDLY_TOKEN, HUBSPOT_TOKEN, INTERCOM_TOKEN, STRIPE_API_KEY

PER_PAGE = 200
EVERYTHING = {"field": "created_at", "operator": ">", "value": 0}
ASKED = ("email", "firstname", "lastname", "dealname", "amount", "dealstage", "name", "domain")

Walk = Callable[["Asker"], Iterator[float]]
"""Reads one list page by page and tells what each page cost, in ms."""


class Asker:
    """Asks a sandbox, and looks at its processor time before and after."""

    def __init__(self, sandbox: Running, connection: HTTPConnection) -> None:
        self._clock = Path(f"/proc/{sandbox.pid}/schedstat")
        self._connection = connection
        self.answer: dict[str, Any] = {}

    def ask(self, token: str, path: str, body: object = None) -> float:
        """The ms that one request cost."""
        before = self._spent_ns()
        text = None if body is None else json.dumps(body)
        self._connection.request("POST" if text else "GET", path, text, {"authorization": f"Bearer {token}"})
        answer = self._connection.getresponse().read()
        cost = self._spent_ns() - before
        self.answer = json.loads(answer)
        return cost / 1e6

    def _spent_ns(self) -> int:
        return int(self._clock.read_text(encoding="ascii").split()[0])


def stripe_list(resource: str) -> Walk:
    """A list, 100 at a time, as the newest-first keyset goes."""

    def walk(asker: Asker) -> Iterator[float]:
        path = f"/stripe/v1/{resource}?limit=100{'&status=all' if resource == 'subscriptions' else ''}"
        yield asker.ask(STRIPE_API_KEY, path)
        while asker.answer["has_more"]:
            yield asker.ask(STRIPE_API_KEY, f"{path}&starting_after={asker.answer['data'][-1]['id']}")

    return walk


def intercom_search(name: str) -> Walk:
    """A search for everything, 150 at a time."""

    def walk(asker: Asker) -> Iterator[float]:
        pagination: dict[str, Any] = {"per_page": 150}
        while True:
            body = {"query": EVERYTHING, "pagination": pagination}
            yield asker.ask(INTERCOM_TOKEN, f"/intercom/{name}/search", body)
            following = asker.answer["pages"].get("next")
            if following is None:
                return
            pagination = following

    return walk


def intercom_companies(asker: Asker) -> Iterator[float]:
    """All companies, 60 at a time."""
    page, last = 1, 1
    while page <= last:
        yield asker.ask(INTERCOM_TOKEN, f"/intercom/companies/list?per_page=60&page={page}", {"order": "desc"})
        page, last = page + 1, asker.answer["pages"]["total_pages"]


def calendly_events(asker: Asker) -> Iterator[float]:
    """All events, 100 at a time."""
    asker.ask(CALENDLY_TOKEN, "/calendly/users/me")
    following = f"/scheduled_events?count=100&organization={asker.answer['resource']['current_organization']}"
    while following:
        yield asker.ask(CALENDLY_TOKEN, f"/calendly{following}")
        following = (asker.answer["pagination"]["next_page"] or "").removeprefix("https://api.calendly.com")


def hubspot_search(kind: str) -> Walk:
    """A keyset search for everything, 200 at a time."""

    def walk(asker: Asker) -> Iterator[float]:
        last = "0"
        while last:
            keyset = {"propertyName": "hs_object_id", "operator": "GT", "value": last}
            body = {"filterGroups": [{"filters": [keyset]}], "limit": PER_PAGE, "properties": ASKED}
            yield asker.ask(HUBSPOT_TOKEN, f"/hubspot/crm/v3/objects/{kind}/search", body)
            last = asker.answer["results"][-1]["id"] if asker.answer["results"] else ""

    return walk


LISTS: dict[str, Walk] = {
    "Calendly events": calendly_events,
    **{f"HubSpot {kind}": hubspot_search(kind) for kind in ("contacts", "companies", "deals")},
    **{f"Intercom {name}": intercom_search(name) for name in ("contacts", "conversations")},
    "Intercom companies": intercom_companies,
    **{f"Stripe {name}": stripe_list(name) for name in ("customers", "subscriptions", "invoices", "charges", "events")},
}


def vendors(customers: int) -> None:
    """Print what a page of each list costs, the first and the second time."""
    begun = time.perf_counter()
    with start(Options(customers=customers, speed=0)) as sandbox:
        _say(f"started with {customers:,} customers in {time.perf_counter() - begun:.1f} s, {_memory(sandbox.pid)}")
        _say(f"{'ms of processor time a page':28}{'pages':>6}{'first time: mean':>18}{'most':>7}{'second: mean':>14}")
        with closing(HTTPConnection(sandbox.url.removeprefix("http://"))) as connection:
            asker = Asker(sandbox, connection)
            asker.ask(HUBSPOT_TOKEN, "/hubspot/crm/v3/owners")  # what the first request of all costs is no page's
            for name, walk in LISTS.items():
                first, second = list(walk(asker)), list(walk(asker))
                mean, again = sum(first) / len(first), sum(second) / len(second)
                _say(f"{name:28}{len(first):6}{mean:18.2f}{max(first):7.2f}{again:14.2f}")
        _say(f"at the end {_memory(sandbox.pid)}")


def contacts(customers: int, seconds: float, connections: int) -> None:
    """Print the rate for keyset searches, as a full sync makes them."""
    begun = time.perf_counter()
    options = Options(customers=customers, speed=0, vendors=("hubspot",), render_ahead=(NAMES,))
    with start(options) as sandbox:
        _say(f"rendered {customers:,} contacts in {time.perf_counter() - begun:.1f} s")
        host, _, port = sandbox.url.removeprefix("http://").partition(":")
        with ExitStack() as stack:
            opened = [stack.enter_context(socket.create_connection((host, int(port)))) for _ in range(connections)]
            before = _cpu_s(sandbox.pid)
            pages, size, took = _drain(opened, _requests(customers), seconds)
            cpu_s = _cpu_s(sandbox.pid) - before
        _say(f"{pages / took:,.0f} pages/s of {size / pages / 1000:,.0f} kB, {size / took / 1e6:,.0f} MB/s")
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
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> str:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(f"{int(line.split()[1]) / 1024:.0f} MB" for line in status if line.startswith("VmRSS"))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure what is asked for, or both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=["vendors", "contacts", "both"], default="both")
    parser.add_argument("--customers", type=int, default=2_000, help="for `vendors`")
    parser.add_argument("--contacts", type=int, default=100_000, help="for `contacts`")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=4)
    parsed = parser.parse_args()
    if parsed.what in {"vendors", "both"}:
        vendors(parsed.customers)
    if parsed.what in {"contacts", "both"}:
        contacts(parsed.contacts, parsed.seconds, parsed.connections)


if __name__ == "__main__":
    main()
