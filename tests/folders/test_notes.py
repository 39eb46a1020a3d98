"""Dated notes: which events get one, what they are called, what they say, and that people's words in them stay."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.directives.model.note_folder import NoteFolder
from execution.folders.notes import Planned, file_name, short_hash
from execution.folders.wording import Tongue
from tests.folders.conftest import Same
from tests.folders.world import filled, read, rich_stock, saying, without_marker, write
from tests.measures.stock import AS_OF, Stock


def _meetings(root: Path, folder: str = "acme-ltd") -> list[str]:
    return sorted(path.name for path in (root / "customers" / folder / "meetings").glob("*.md"))


def _one(title: str = "Review") -> Stock:
    stock = Stock()
    stock.put("customers", {"email": "dee@gmail.com", "name": "Dee"})
    stock.meeting("dee@gmail.com", "2026-06-26 10:00", title=title)
    return stock


def test_golden_note(tmp_path: Path, golden: Same) -> None:
    write(rich_stock(), tmp_path, time_zone="Europe/Berlin")
    golden("conversation.md", without_marker(read(tmp_path, f"acme-ltd/emails/2026-06-21_export_{_hash('c1')}.md")))


def _hash(id_: str) -> str:
    return short_hash("intercom", id_)


def test_a_meeting_that_took_place_or_is_booked_has_a_note_and_others_have_none(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path)
    assert [name[:27] for name in _meetings(tmp_path)] == ["2026-06-26_quarterly-review", "2026-07-02_roadmap-call-htt"]
    text = read(tmp_path, f"acme-ltd/meetings/{_meetings(tmp_path)[0]}")
    assert "- **When:** 2026-06-26 10:00 to 10:30 UTC" in text
    assert "Ada Lovelace (`ada@acme.com`), Bob (`bob@acme.com`), missed" in text
    assert "- **How it stands:** held" in text
    assert text.endswith("<!-- gtm:end note -->\n\n## Notes\n\n")


def test_a_note_keeps_its_name_and_what_people_wrote_when_its_meeting_changes(tmp_path: Path) -> None:
    stock = _one()
    write(stock, tmp_path)
    (name,) = _meetings(tmp_path, "dee")
    file = tmp_path / "customers/dee/meetings" / name
    file.write_text(file.read_text(encoding="utf-8") + "They were angry.\n", encoding="utf-8")
    stock.con.execute("UPDATE core.events SET title = 'Renamed', occurred_at = '2026-06-27 10:00'")
    write(stock, tmp_path)
    assert _meetings(tmp_path, "dee") == [name]
    text = file.read_text(encoding="utf-8")
    assert "# Renamed" in text
    assert text.endswith("## Notes\n\nThey were angry.\n")


def test_a_note_is_found_again_under_a_name_of_ones_own(tmp_path: Path) -> None:
    stock = _one()
    write(stock, tmp_path)
    folder = tmp_path / "customers/dee/meetings"
    (folder / _meetings(tmp_path, "dee")[0]).rename(folder / "2026-06-26 our talk.md")
    stock.con.execute("UPDATE core.events SET title = 'Renamed'")
    write(stock, tmp_path)
    assert _meetings(tmp_path, "dee") == ["2026-06-26 our talk.md"]
    assert "# Renamed" in (folder / "2026-06-26 our talk.md").read_text(encoding="utf-8")


def test_a_guest_who_comes_later_makes_no_second_note(tmp_path: Path) -> None:
    stock = filled()
    write(stock, tmp_path)
    before = _meetings(tmp_path)
    stock.con.execute(
        """INSERT INTO core.events BY NAME SELECT * REPLACE ('a0' AS source_id, 'bob@acme.com' AS email)
        FROM core.events WHERE title LIKE 'Roadmap%'"""
    )
    write(stock, tmp_path)
    assert _meetings(tmp_path) == before
    assert "Ada Lovelace (`ada@acme.com`), Bob" in read(tmp_path, f"acme-ltd/meetings/{before[1]}")


def test_a_meeting_that_is_called_off_later_says_so_in_its_note(tmp_path: Path) -> None:
    stock = filled()
    write(stock, tmp_path)
    stock.con.execute("UPDATE core.events SET status = 'canceled', detail = 'Ill' WHERE title LIKE 'Roadmap%'")
    write(stock, tmp_path)
    text = read(tmp_path, f"acme-ltd/meetings/{_meetings(tmp_path)[1]}")
    assert "- **How it stands:** called off" in text
    assert "```text\nIll\n```" in text


def test_a_booked_meeting_is_held_once_its_time_has_come(tmp_path: Path) -> None:
    stock = rich_stock()
    write(stock, tmp_path)
    name = _meetings(tmp_path)[1]
    assert "- **How it stands:** booked" in read(tmp_path, f"acme-ltd/meetings/{name}")
    write(stock, tmp_path, AS_OF + timedelta(days=3))
    assert "- **How it stands:** held" in read(tmp_path, f"acme-ltd/meetings/{name}")


def test_the_settings_say_how_far_back_and_of_whom(tmp_path: Path) -> None:
    stock = filled()
    near = {"meetings": NoteFolder(kinds=("meeting",), back=timedelta(days=1))}
    write(stock, tmp_path, notes=near)
    assert _meetings(tmp_path) == []
    paying = {"meetings": NoteFolder(kinds=("meeting",), back=timedelta(days=90), of=("paying",))}
    stock.con.execute("UPDATE derived.segment__paying SET paying = false")
    write(stock, tmp_path, notes=paying)
    assert _meetings(tmp_path) == []
    stock.con.execute("UPDATE derived.segment__paying SET paying = true WHERE email = 'ada@acme.com'")
    write(stock, tmp_path, notes=paying)
    assert [name[:10] for name in _meetings(tmp_path)] == ["2026-06-26"]
    assert write(stock, tmp_path, notes={}).conflicts == ()


def test_a_conversation_shows_its_newest_messages_and_how_many_there_are_more(tmp_path: Path) -> None:
    stock = filled()
    rows = [
        {"source": "intercom", "message_id": f"m{n:03}", "conversation_id": "c1", "author": "team", "text": f"No {n}."}
        | {"written_at": f"2026-06-22 10:{n:02}"}
        for n in range(45)
    ]
    stock.put("messages", *rows)
    write(stock, tmp_path)
    text = read(tmp_path, f"acme-ltd/emails/2026-06-20_export_{_hash('c1')}.md")
    assert "… 7 earlier messages are in the source" in text
    assert "| No 44." in text
    assert "| No 5." in text
    assert "Where is it?" not in text


def test_what_was_written_cannot_end_its_block_nor_begin_another(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path)
    text = read(tmp_path, f"acme-ltd/emails/2026-06-20_export_{_hash('c1')}.md")
    assert text.count("<!-- gtm:end") == 1
    assert text.count("```") == 2
    assert write(rich_stock(), tmp_path).conflicts == ()


@pytest.mark.parametrize("title", ["../../etc/passwd", "CON", "a" * 300, "\u202eevil\u0000", "💥", "", None, "..", "/"])
def test_no_title_leads_out_of_the_folder(tmp_path: Path, title: str | None) -> None:
    stock = _one()
    stock.con.execute("UPDATE core.events SET title = ?", [title])
    assert write(stock, tmp_path).conflicts == ()
    (name,) = _meetings(tmp_path, "dee")
    assert len(name) < 80
    assert {path.parent.name for path in tmp_path.rglob("*_*.md")} == {"meetings"}


@given(st.text(max_size=400), st.text(max_size=50))
def test_a_notes_name_is_one_plain_part_of_a_path_whatever_its_title(title: str, id_: str) -> None:
    planned = Planned(1, True, "acme.com", "meetings", "x", (id_,), datetime(2026, 1, 31), title, "f")  # noqa: DTZ001
    name = file_name(planned, Tongue.of(saying()))
    assert Path(name).name == name
    assert name.isascii()
    assert len(name) < 100
    assert name.startswith("2026-01-31_")
