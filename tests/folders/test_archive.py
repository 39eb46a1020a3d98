"""Folders whose account is gone are put away, with all that is in them, and come back with it."""

from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from execution import folders
from execution.files.whose import Place, assigned
from execution.folders import archive
from execution.workspace import Workspace
from tests.folders.world import filled, saying, write
from tests.measures.stock import AS_OF, Stock


def _settle(stock: Stock, root: Path, days: int = 0, **settings: object) -> folders.Settled:
    return folders.settle(stock.con, saying(**settings), Workspace(root), AS_OF + timedelta(days=days))


def _forget(stock: Stock, domain: str = "acme.com") -> None:
    stock.con.execute("CREATE OR REPLACE TEMP TABLE kept AS FROM core.customers")
    stock.con.execute("DELETE FROM core.customers WHERE company_domain = ?", [domain])
    stock.con.execute("DELETE FROM core.companies WHERE domain = ?", [domain])


def _remember(stock: Stock) -> None:
    stock.con.execute("INSERT INTO core.customers FROM kept ANTI JOIN core.customers USING (email)")


def _log(root: Path, folder: str = ".archive/acme-ltd") -> str:
    return (root / "customers" / folder / "ARCHIVED.md").read_text(encoding="utf-8")


def test_an_account_that_is_gone_takes_its_folder_along_and_nothing_is_lost(tmp_path: Path) -> None:
    stock = filled()
    write(stock, tmp_path)
    notes = tmp_path / "customers/acme-ltd/my notes.md"
    notes.write_text("Mine.", encoding="utf-8")
    before = {path.name for path in (tmp_path / "customers/acme-ltd").rglob("*.md")}
    _forget(stock)
    settled = _settle(stock, tmp_path)
    assert settled.archived == ("customers/.archive/acme-ltd",)
    assert not (tmp_path / "customers/acme-ltd").exists()
    assert {path.name for path in (tmp_path / "customers/.archive").rglob("*.md")} == before | {"ARCHIVED.md"}
    assert "- 2026-06-30: `acme.com` was archived: no source knows the account any more." in _log(tmp_path)
    assert _settle(stock, tmp_path) == folders.Settled()
    write(stock, tmp_path)
    index = (tmp_path / "customers/INDEX.md").read_text(encoding="utf-8")
    assert "[acme-ltd](.archive/acme-ltd/ARCHIVED.md)" in index


def test_an_account_that_returns_has_its_folder_again(tmp_path: Path) -> None:
    stock = filled()
    write(stock, tmp_path)
    (tmp_path / "customers/acme-ltd/my notes.md").write_text("Mine.", encoding="utf-8")
    _forget(stock)
    _settle(stock, tmp_path)
    _remember(stock)
    settled = _settle(stock, tmp_path, days=2)
    assert settled.back == ("customers/acme-ltd",)
    assert (tmp_path / "customers/acme-ltd/my notes.md").read_text(encoding="utf-8") == "Mine."
    log = _log(tmp_path, "acme-ltd")
    assert log.index("was archived") < log.index("- 2026-07-02: `acme.com` is back, and so is its folder.")
    assert "customers/acme-ltd/timeline.md" in (*write(stock, tmp_path).changed, *write(stock, tmp_path).unchanged)


def test_one_that_merely_gets_no_brief_any_more_stays_where_it_is(tmp_path: Path) -> None:
    stock = filled()
    write(stock, tmp_path)
    assert _settle(stock, tmp_path, briefs=("high_risk",)) == folders.Settled()
    assert (tmp_path / "customers/acme-ltd/timeline.md").exists()


def test_one_that_comes_back_without_a_brief_stays_in_the_archive(tmp_path: Path) -> None:
    stock = filled()
    write(stock, tmp_path)
    _forget(stock)
    _settle(stock, tmp_path)
    _remember(stock)
    stock.con.execute("UPDATE derived.segment__high_risk SET high_risk = false")
    assert _settle(stock, tmp_path, briefs=("high_risk",)).back == ()


def test_a_person_whose_company_became_known_was_merged_into_it(tmp_path: Path) -> None:
    stock = filled()
    write(stock, tmp_path)
    stock.con.execute("UPDATE core.customers SET company_domain = 'acme.com' WHERE email = 'dee@gmail.com'")
    assert _settle(stock, tmp_path).archived == ("customers/.archive/dee",)
    said = "`dee@gmail.com` was archived, merged into `acme.com` ([acme-ltd](../../acme-ltd/account.md))."
    assert said in _log(tmp_path, ".archive/dee")


def test_an_address_that_is_anothers_and_a_domain_that_belongs_to_another_were_merged(tmp_path: Path) -> None:
    stock = filled()
    stock.put("customers", {"email": "eve@eu.old.com", "company_domain": "eu.old.com", "name": "Eve"})
    write(stock, tmp_path)
    stock.con.execute("INSERT INTO identity.domains VALUES ('eu.old.com', 'acme.com')")
    stock.con.execute("INSERT INTO identity.emails VALUES ('dee@gmail.com', 'ada@acme.com', NULL)")
    stock.con.execute("DELETE FROM core.customers WHERE email IN ('dee@gmail.com', 'eve@eu.old.com')")
    assert len(_settle(stock, tmp_path).archived) == 2
    assert all("merged into `acme.com`" in _log(tmp_path, f".archive/{name}") for name in ("dee", "eu-old-com"))


def test_people_say_that_an_account_goes_by_another_key_and_its_folder_is_that_accounts(tmp_path: Path) -> None:
    stock = filled()
    write(stock, tmp_path)
    file = tmp_path / "customers/acme-ltd/account.md"
    file.write_text("---\naccount: acme.io\nowner: Ann\n---\nMine.\n", encoding="utf-8")
    _forget(stock)
    stock.put("customers", {"email": "ada@acme.io", "company_domain": "acme.io", "name": "Ada"})
    assert _settle(stock, tmp_path) == folders.Settled()
    assert "customers/acme-ltd/timeline.md" in write(stock, tmp_path).changed
    assert "Mine." in file.read_text(encoding="utf-8")
    assert "gtm:begin timeline acme.io " in (tmp_path / "customers/acme-ltd/timeline.md").read_text(encoding="utf-8")


def test_a_folder_whose_file_names_an_account_that_has_one_is_put_away(tmp_path: Path) -> None:
    stock = filled()
    write(stock, tmp_path)
    (tmp_path / "customers/dee/account.md").write_text("---\naccount: acme.com\n---\n", encoding="utf-8")
    assert _settle(stock, tmp_path).archived == ("customers/.archive/dee",)
    assert "merged into `acme.com`" in _log(tmp_path, ".archive/dee")


def test_a_slip_of_the_pen_puts_nothing_away(tmp_path: Path) -> None:
    stock = filled()
    write(stock, tmp_path)
    (tmp_path / "customers/acme-ltd/account.md").write_text("---\naccount: acme.con\n---\n", encoding="utf-8")
    assert _settle(stock, tmp_path) == folders.Settled()
    assert write(stock, tmp_path).changed == ()


def test_a_name_that_is_taken_in_the_archive_is_told_apart(tmp_path: Path) -> None:
    stock = filled()
    paths: list[str] = []
    for _ in range(4):
        write(stock, tmp_path)
        _forget(stock)
        paths += _settle(stock, tmp_path).archived
        _remember(stock)
        for each in (tmp_path / "customers/.archive").iterdir():
            for name in ("timeline.md", "tasks.md", "account.md"):
                (each / name).unlink(missing_ok=True)
    assert len(set(paths)) == 4
    assert paths[0] == "customers/.archive/acme-ltd"
    assert paths[2].startswith(f"{paths[1]}-")
    assert paths[3] == f"{paths[2]}-2"


def test_a_folder_of_ones_own_in_which_nothing_was_generated_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "customers/prospect"
    own.mkdir(parents=True)
    (own / "account.md").write_text("---\naccount: prospect.com\n---\n", encoding="utf-8")
    assert _settle(filled(), tmp_path) == folders.Settled()


def test_a_store_that_knows_nobody_puts_nothing_away(tmp_path: Path) -> None:
    write(filled(), tmp_path)
    assert _settle(Stock(), tmp_path) == folders.Settled()


def test_so_many_are_not_gone_in_one_day(tmp_path: Path) -> None:
    stock = Stock()
    stock.put("customers", *({"email": f"p{n}@gmail.com", "name": f"P {n}"} for n in range(30)))
    write(stock, tmp_path)
    stock.con.execute("DELETE FROM core.customers WHERE email <> 'p1@gmail.com'")
    settled = _settle(stock, tmp_path)
    assert settled.archived == ()
    assert [each.code for each in settled.problems] == ["E239"]
    assert "29 of 30 accounts are gone from the store at once" in settled.problems[0].message
    assert (tmp_path / "customers/p-2/timeline.md").exists()


KEYS = st.sampled_from(["a.com", "b.com", "c.com", None])


@given(st.lists(st.tuples(KEYS, KEYS), max_size=6), st.sets(st.sampled_from(["a.com", "b.com", "c.com"])))
def test_what_is_put_away_is_never_a_folder_that_is_somebodys(
    found: list[tuple[str | None, str | None]], known: set[str]
) -> None:
    places = [Place(f"f{n}", said, marked) for n, (said, marked) in enumerate(found) if said or marked]
    owners = assigned(places, known)
    moves = archive.plan(places, known, {}, owners)
    assert not {move.folder for move in moves} & {folder for folder, owner in owners.items() if owner in known}
    assert len(set(owners.values())) == len(owners)
    for place in places:
        if place.marked in known and place.marked not in owners.values():
            assert place.said in known
