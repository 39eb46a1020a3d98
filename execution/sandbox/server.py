"""Serving a sandbox in this process: the world, its vendors, uvicorn, and an end to it all."""

import asyncio
import contextlib
import gc
import os
import socket
import sys
import threading
from collections.abc import Callable

from execution.errors import UsageError
from execution.sandbox.app import App
from execution.sandbox.changes import Changes
from execution.sandbox.control import Control
from execution.sandbox.exchange import Vendor
from execution.sandbox.faults import Faults
from execution.sandbox.options import Options
from execution.sandbox.world import World, moments

_SEND_BUFFER = 4 * 1024 * 1024
"""A page of 200 contacts goes out in one call if the kernel grants this."""
_GRACE_S = 1
_AHEAD = range(500, 5_001)
"""Worlds of so many people, 70 kB each once rendered, are rendered before the sandbox counts as started: half a second
for every thousand. A smaller one is served sooner than that is done, and whoever asks for a larger one knows which of
its pages they want."""


def build(options: Options) -> App:
    """The application for these options; renders ahead what they ask for. Raises UsageError for faults that make no
    sense."""
    world = World(options.seed, options.customers, moments.of(options.as_of))
    vendors: dict[str, Vendor] = {}
    if "calendly" in options.vendors:
        from execution.sandbox.calendly import Calendly

        vendors["calendly"] = Calendly(world, options.speed)
    if "hubspot" in options.vendors:
        from execution.sandbox.hubspot import Hubspot

        vendors["hubspot"] = Hubspot(
            world,
            options.speed,
            options.search_lag_s,
            options.render_ahead,
            options.associations_page,
            options.daily_limit,
        )
    if "intercom" in options.vendors:
        from execution.sandbox.intercom import Intercom

        vendors["intercom"] = Intercom(world, options.speed, options.contact_lag_s)
    if "stripe" in options.vendors:
        from execution.sandbox.stripe import Stripe

        vendors["stripe"] = Stripe(world, options.speed)
    if "slack" in options.vendors:
        from execution.sandbox.slack import Slack

        vendors["slack"] = Slack(options.speed)
    changes = Changes(world, vendors, is_ahead=options.customers in _AHEAD, drift_s=options.drift_s)
    changes.render_ahead()
    faults = Faults()
    faults.arm(list(options.faults))
    return App(vendors, Control(world, vendors, faults, changes), faults, changes.drift, options.latency_ms / 1000)


def serve(options: Options, *, announce: Callable[[str], object] = str, with_parent: bool = False) -> None:
    """Serve until told to stop, or `max_seconds` are over. `announce` gets the base URL once answers are to be had.

    `with_parent` ends the sandbox when standard input closes, which it does when the process that started it is
    gone, however it went.
    """
    # a world is many small records without cycles: going through them again and again tripled the first page of a feed
    gc.set_threshold(100_000, 50, 100)
    _end_after(options.max_seconds)
    listening = _listen(options.port)
    app = build(options)
    if with_parent:
        threading.Thread(target=_end_with_input, daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_serve(app, listening, announce))


async def _serve(app: App, listening: socket.socket, announce: Callable[[str], object]) -> None:
    import uvicorn

    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE_S,
    )
    host, port = listening.getsockname()[:2]
    announce(f"http://{host}:{port}")
    await uvicorn.Server(config).serve(sockets=[listening])


def _listen(port: int) -> socket.socket:
    """A listening socket on loopback; connections wait in it until the server takes them."""
    # asyncio sends at once (TCP_NODELAY) only on sockets that name their protocol; else each answer waits 40 ms
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        listening.close()
        raise UsageError(
            f"port {port} cannot be had: {error.strerror}", hint="leave it out for any free one"
        ) from error
    listening.listen(256)
    return listening


def _end_after(seconds: float) -> None:
    """A hard end: nothing a request does can hold it up."""
    timer = threading.Timer(seconds, os._exit, (0,))
    timer.daemon = True
    timer.start()


def _end_with_input() -> None:
    while sys.stdin.buffer.read(4096):
        continue
    os._exit(0)
