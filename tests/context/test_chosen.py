"""Which accounts get a brief, by the segments that the settings name, and what becomes of those that drop out."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from execution.context import write
from execution.context.run import Written
from execution.directives import Program, load, read_folder
from execution.errors import UsageError
from execution.workspace import Workspace
from tests.measures.stock import AS_OF, ROOT, Stock, shipped

IN_TALKS = """---
kind: segment
name: in_talks
entity: companies
meaning: A deal is open
when: deals_open > 0
---
"""


@cache
def program() -> Program:
    """What ships, with a segment of companies."""
    return load({**read_folder(ROOT), "directives/segments/in-talks.md": IN_TALKS.encode()}).require_valid()


def stock() -> Stock:
    """Five accounts: one pays much by one of its two people, one pays little, one is being sold to, one has a deal that
    no contact stands for, and of one nothing is known."""
    made = Stock(program())
    crm = {"hubspot_contact_id": "1"}
    made.put(
        "customers",
        {"email": "ann@big.com", "company_domain": "big.com", "mrr": 900, **crm},
        {"email": "bob@big.com", "company_domain": "big.com", **crm},
        {"email": "cy@small.com", "company_domain": "small.com", "mrr": 20, **crm},
        {"email": "dee@gmail.com", "deal_stage": "Demo", **crm},
        {"email": "eve@quiet.com", "company_domain": "quiet.com", **crm},
        {"email": "fay@gmail.com"},
    )
    made.put("companies", *({"domain": name} for name in ("big.com", "small.com", "quiet.com")))
    deal = {"source": "hubspot", "deal_id": "1", "company_domain": "quiet.com", "status": "open"}
    made.put("deals", deal)
    made.score()
    return made


@cache
def scored() -> Stock:
    """What `stock` gives, for tests that only read."""
    return stock()


def briefs(made: Stock, root: Path, *segments: str) -> Written:
    settings = made.program.settings
    chosen = settings.model_copy(update={"briefs": segments}) if segments else settings
    return write(made.con, replace(made.program, settings=chosen), Workspace(root), AS_OF)


def folders(written: Written) -> list[str]:
    return list(dict.fromkeys(Path(path).parts[1] for path in written.changed))


@pytest.mark.parametrize(
    ("segments", "chosen"),
    [
        ((), ["big-com", "dee-gmail-com", "quiet-com", "small-com"]),
        (("paying",), ["big-com", "small-com"]),
        (("open_deals",), ["dee-gmail-com"]),
        (("mrr_tier.enterprise",), ["big-com"]),
        (("mrr_tier.pro",), []),
        (("mrr_tier",), ["big-com", "small-com"]),
        (("in_talks",), ["quiet-com"]),
        (("in_talks", "mrr_tier.starter"), ["quiet-com", "small-com"]),
        (("all",), ["big-com", "dee-gmail-com", "fay-gmail-com", "quiet-com", "small-com"]),
    ],
    ids=lambda value: "+".join(value) or "as it ships",
)
def test_an_account_gets_one_where_it_or_anyone_in_it_is_in_a_segment(
    tmp_path: Path, segments: tuple[str, ...], chosen: list[str]
) -> None:
    assert folders(briefs(scored(), tmp_path, *segments)) == chosen


def test_whoever_is_in_a_chosen_account_is_in_its_brief(tmp_path: Path) -> None:
    path, _ = briefs(scored(), tmp_path, "mrr_tier.enterprise").changed
    assert "`bob@big.com`" in (tmp_path / path).read_text(encoding="utf-8")


def test_an_account_that_drops_out_keeps_its_brief_and_gets_it_again(tmp_path: Path) -> None:
    made = stock()
    briefs(made, tmp_path)
    path = tmp_path / "customers/small-com/context/compact.md"
    last = path.read_bytes()
    made.con.execute("UPDATE core.customers SET mrr = 0, name = 'Cy' WHERE email = 'cy@small.com'")
    made.score(AS_OF.replace(hour=13))
    gone = briefs(made, tmp_path)
    left = tuple(f"customers/small-com/context/{tier}.md" for tier in ("compact", "standard"))
    assert (gone.left, path.read_bytes()) == (left, last)
    assert briefs(made, tmp_path).left == gone.left, "as long as it is out"
    made.con.execute("UPDATE core.customers SET mrr = 30 WHERE email = 'cy@small.com'")
    made.score(AS_OF.replace(hour=14))
    back = briefs(made, tmp_path)
    assert (folders(back), back.left) == (["small-com"], ())
    assert "Cy" in path.read_text(encoding="utf-8")


def test_who_is_in_a_segment_that_was_never_worked_out_is_not_known(tmp_path: Path) -> None:
    made = Stock()
    made.put("customers", {"email": "ann@big.com"})
    with pytest.raises(UsageError) as raised:
        briefs(made, tmp_path)
    told = raised.value
    assert (told.code, told.hint, told.where) == ("E235", "run `gtm score`", "directives/settings.md")
    assert "the segment paying" in told.message
    assert not (tmp_path / "customers").exists()


def test_as_it_ships_those_who_pay_and_those_with_an_open_deal_get_one() -> None:
    assert shipped().settings.briefs == ("paying", "open_deals", "company_open_deals")
