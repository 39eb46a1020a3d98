"""What every picture has around its plot: its name, the figures in words for those who do not see it, its colours."""

from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files

from execution.charts.labels import fitting, words

NOTHING = "There is nothing to show."
_NARROWEST = 420
_EMPTY = 36
_ROOM = 9.2
"""Pixels that a bold letter of the title takes on average, in a broad typeface."""
_MARGIN = 16
_MOST_WORDS = 4000


@cache
def _colours() -> str:
    text = files("execution.charts").joinpath("colours.css").read_text(encoding="utf-8")
    return "".join(line.strip() for line in text.splitlines())


def framed(shapes: str, size: tuple[int, int], title: str, subtitle: str, told: Sequence[str]) -> str:
    """The picture of some shapes; without any it says that there is nothing to show."""
    width, height = max(size[0], _NARROWEST), size[1] if shapes else _EMPTY
    top = 58 if subtitle and shapes else 40
    name = fitting(title, int((width - 2 * _MARGIN) / _ROOM))
    inner = [
        f'<rect width="{width}" height="{top + height}" rx="6" fill="var(--gtm-surface)"/>',
        f'<text x="{_MARGIN}" y="27" font-size="14.5" font-weight="650" fill="var(--gtm-fg)">{escape(name)}</text>',
    ]
    if not shapes:
        inner.append(f'<text x="{_MARGIN}" y="54" font-size="13" fill="var(--gtm-muted)">{NOTHING}</text>')
    elif subtitle:
        small = escape(words(subtitle, 80))
        inner.append(f'<text x="{_MARGIN}" y="46" font-size="12" fill="var(--gtm-muted)">{small}</text>')
    inner.append(f'<g transform="translate(0,{top})">{shapes}</g>' if shapes else "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gtm-picture" role="img" width="{width}" '
        f'height="{top + height}" viewBox="0 0 {width} {top + height}">\n'
        f"<title>{escape(words(title))}</title>\n<desc>{escape(described(told))}</desc>\n"
        f"<style>{_colours()}</style>\n{''.join(inner)}\n</svg>\n"
    )


def described(told: Sequence[str]) -> str:
    """The figures in words; of very many the first, and that there are more."""
    said = ". ".join(told)
    if not said:
        return NOTHING
    return f"{said}." if len(said) <= _MOST_WORDS else f"{said[:_MOST_WORDS].rsplit('. ', 1)[0]}. And more."
