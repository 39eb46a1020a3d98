"""A local stand-in for the vendors' APIs: their real wire format over real HTTP on loopback.

It serves one coherent generated world, with the vendors' paging, limits and errors, and with faults on demand. For
the demo, tests and benchmarks; nothing of ours knows it, and it imports nothing of ours but the errors.

    with start(Options(customers=200, speed=0)) as sandbox:
        ...  # a program whose environment has sandbox.environment

or `python -m execution.sandbox --customers 200 --port 8000`.
"""

from execution.sandbox.options import Options, environment
from execution.sandbox.process import Running, start

__all__ = ["Options", "Running", "environment", "serve", "start"]


def serve(options: Options) -> None:
    """Serve in this process until told to stop (see `server.serve`)."""
    from execution.sandbox.server import serve as serve_here

    serve_here(options)
