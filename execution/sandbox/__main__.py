"""`python -m execution.sandbox`: serve a sandbox until Ctrl-C."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from execution.errors import GtmError
from execution.sandbox.options import VENDORS, Options, environment, from_json
from execution.sandbox.server import serve


def main(arguments: Sequence[str] | None = None) -> int:
    """0 at the end of its life, 2 for options that make no sense."""
    parsed = _parser().parse_args(arguments)
    try:
        options = from_json(parsed.options) if parsed.options else _options(parsed)
        serve(options, announce=_say_url if parsed.child else lambda url: _say(options, url), with_parent=parsed.child)
    except GtmError as error:
        print(error, file=sys.stdout if parsed.child else sys.stderr, flush=True)
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    default = Options()
    parser = argparse.ArgumentParser(prog="python -m execution.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8765, help="0 for any free one (default 8765)")
    parser.add_argument("--customers", type=int, default=default.customers, help="people in the world")
    parser.add_argument("--seed", type=int, default=default.seed, help="another seed, another world")
    parser.add_argument("--as-of", type=_moment, default=default.as_of, help="the world's moment, ISO 8601 in UTC")
    parser.add_argument("--vendors", type=_vendors, default=default.vendors, help=f"of {','.join(VENDORS)}")
    parser.add_argument("--speed", type=float, default=1.0, help="times the vendors' rate limits; 0 lifts them")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="how long every answer takes at least")
    parser.add_argument("--search-lag-s", type=float, default=0.0, help="how far HubSpot's search lags behind")
    parser.add_argument(
        "--contact-lag-s", type=float, default=0.0, help="how late Intercom's search finds new contacts"
    )
    parser.add_argument("--drift-s", type=float, default=0.0, help="time of the world that goes by with every answer")
    parser.add_argument(
        "--faults", type=_faults, default=(), help="JSON, or a file of it, as POST /_sandbox/faults takes"
    )
    parser.add_argument("--max-seconds", type=float, default=86_400.0, help="its longest life (default a day)")
    parser.add_argument("--options", help=argparse.SUPPRESS)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser


def _options(parsed: argparse.Namespace) -> Options:
    names = {field.name for field in fields(Options)}
    return Options(**{name: value for name, value in vars(parsed).items() if name in names})


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _vendors(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _faults(text: str) -> list[dict[str, Any]]:
    try:
        read = json.loads(text if text.lstrip().startswith("[") else Path(text).read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if not isinstance(read, list):
        raise argparse.ArgumentTypeError("faults are a JSON list")
    return read


def _say_url(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


def _say(options: Options, url: str) -> None:
    lines = [f"export {name}={value}\n" for name, value in environment(options, url).items()]
    sys.stdout.write(f"# {options.customers:,} customers as of {options.as_of:%Y-%m-%d %H:%M} UTC at {url}\n")
    sys.stdout.writelines(lines)
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
