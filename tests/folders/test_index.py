"""`customers/INDEX.md`: owners, totals, sparklines, links, and pages where there are too many accounts."""

from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

from execution.folders.index import sparkline
from tests.folders.conftest import Same
from tests.folders.world import filled, read, rich_stock, without_marker, write
from tests.measures.stock import AS_OF, Stock


def test_golden_index(tmp_path: Path, golden: Same) -> None:
    write(rich_stock(), tmp_path, time_zone="Europe/Berlin")
    golden("INDEX.md", without_marker(read(tmp_path, "INDEX.md")))


def test_a_sparkline_has_a_bar_for_each_value_and_a_dot_where_none_is_known() -> None:
    values = [None, Decimal(0), Decimal(50), Decimal("99.9"), Decimal(100)]
    assert sparkline(values) == "·▁▅██"
    assert sparkline([None, None]) == ""
    assert sparkline([]) == ""


def test_totals_say_of_how_many_they_are_known(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path)
    text = read(tmp_path, "INDEX.md")
    assert "- **MRR:** USD 400 (known of 1 of 2 accounts)" in text
    assert "- **Accounts:** 2; an owner is captured of 1" in text
    assert "- **Open alerts:** 1 high" in text
    assert "## No owner captured" in text


def test_every_link_leads_to_a_file_that_is_there_even_with_an_odd_name(tmp_path: Path) -> None:
    odd = "Acme (old) & co #1 [x] é"
    folder = tmp_path / "customers" / odd
    folder.mkdir(parents=True)
    (folder / "account.md").write_text("---\naccount: acme.com\n---\n", encoding="utf-8")
    write(rich_stock(), tmp_path)
    text = read(tmp_path, "INDEX.md")
    links = [part.split(")")[0] for part in text.split("](")[1:]]
    made = [link for link in links if not link.endswith("compact.md")]
    assert len(made) == 6
    assert all((tmp_path / "customers" / unquote(link)).is_file() for link in made)
    assert any(unquote(link) == f"{odd}/timeline.md" for link in made)
    assert "Acme \\| Ltd" in text


def test_beyond_the_settings_number_each_owner_has_a_page(tmp_path: Path) -> None:
    stock = filled()
    write(stock, tmp_path, index_accounts=1)
    text = read(tmp_path, "INDEX.md")
    assert "| [Jo Host](index/jo-host.md) | 1 | USD 400 |" in text
    assert "| [No owner captured](index/nobody.md) | 1 |" in text
    page = read(tmp_path, "index/jo-host.md")
    assert "(../acme-ltd/timeline.md)" in page
    assert "[All accounts](../INDEX.md)" in page
    stock.con.execute("UPDATE core.companies SET owner = 'Uma'")
    write(stock, tmp_path, index_accounts=1)
    assert "No account is listed here any more" in read(tmp_path, "index/jo-host.md")
    assert "acme-ltd" in read(tmp_path, "index/uma.md")


def test_owners_with_one_slug_have_pages_of_their_own(tmp_path: Path) -> None:
    stock = Stock()
    for n, owner in enumerate(["Jo Host", "Jo-Host", "../../x"]):
        stock.put("customers", {"email": f"a{n}@gmail.com", "assigned_am": owner})
    write(stock, tmp_path, index_accounts=1)
    pages = sorted(path.name for path in (tmp_path / "customers/index").iterdir())
    assert len(pages) == 3
    assert "x.md" in pages


def test_an_account_called_index_gets_another_folder(tmp_path: Path) -> None:
    stock = Stock()
    stock.put("customers", {"email": "a@gmail.com", "name": "Index"})
    write(stock, tmp_path, index_accounts=1)
    assert not (tmp_path / "customers/index/timeline.md").exists()


def test_time_alone_does_not_write_it_anew(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path)
    assert write(rich_stock(), tmp_path, AS_OF.replace(hour=13)).changed == ()
