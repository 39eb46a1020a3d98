"""A report with every kind of picture, wide tables, and words from people who mean no good: what pages are tried on."""

from functools import cache

from execution.charts import draw
from execution.files.quoting import code, fenced, inline
from tests.charts.figures_of_a_team import HOSTILE, ROWS, TITLES, UNITS

TITLE = "Revenue week"
BAD_PICTURE = "![picture](https://evil.example/x.png) ![x](javascript:alert(1)) [link](javascript:alert(1))"


@cache
def pictures() -> dict[str, str]:
    """Every kind, by file name; `hostile.svg` and `empty.svg` too."""
    made = {
        f"{kind}.svg": draw(kind, rows, title=TITLES[kind], unit=UNITS.get(kind, "")) for kind, rows in ROWS.items()
    }
    made["hostile.svg"] = draw(
        "bars", [{"label": HOSTILE, "value": 3}, {"label": "W" * 300, "value": 5}], title=HOSTILE
    )
    made["empty.svg"] = draw("bands", [], title="Nobody yet")
    return made


def markdown() -> str:
    """The report; whatever came from outside went through `files.quoting`, as all that templates print does."""
    alone = "\n\n".join(f"![{name}]({name})" for name in pictures() if name != "sparkline.svg")
    deals = "\n".join(_deal(n) for n in range(12))
    return f"""# {TITLE}: 26 October to 1 November 2026

<!-- gtm:begin report cro_weekly 3f2a9c0d1e4b5a67 from 9b1c22d07f3e8a45 -->
As of 2026-11-02 07:00 (Europe/Berlin). For the CRO.

## Summary
- MRR is **[USD 189,050](gtm:companies/acme.com/mrr)**; see [the list](../../customers/INDEX.md).
- {inline(HOSTILE + BAD_PICTURE)} {inline("W" * 400)}
- {code("jane@acme.com " + "x" * 300)}

## Pictures
{alone}

## Said
{fenced([HOSTILE, "y" * 500, BAD_PICTURE])}

> {inline(HOSTILE)}

## Deals
| deal | account | stage | amount | close | owner | course | reason |
|---|---|---|---|---|---|---|---|
{deals}
| {inline("n" * 300)} | not captured | not captured | not captured | not captured | not captured | | |

### Last
1. One
   - two

---
`end`
<!-- gtm:end report -->
"""


def _deal(n: int) -> str:
    name = inline(f"Acme {n} & Söhne {HOSTILE if n == 2 else ''}")
    cells = [f"Renewal {n}", name, "negotiation", f"USD {12000 + n:,}", f"2026-12-{n + 1:02d}", "Uma Iqbal"]
    return f"| {' | '.join(cells)} | ![course](sparkline.svg) | no meeting for {20 + n} days, champion silent |"
