"""What is quoted of a text: the words in their surroundings, whole, on one line, whatever the text is."""

import re
import time
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from execution.triggers.keywords.compile import AROUND
from tests.triggers.test_keywords import found

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"


def snippet(text: str, phrase: str = "cancel") -> str:
    hit = found(text, phrase, negation=False)
    assert hit is not None
    return hit.snippet


def test_a_short_text_is_quoted_whole_on_one_line() -> None:
    assert snippet("Hi,\r\n\r\n I\u00a0want to\tCancel.\n\nAda\n") == "Hi, I want to Cancel. Ada"


def test_of_a_long_one_whole_words_on_either_side() -> None:
    text = " ".join(f"word{number}" for number in range(50)) + " cancel " + " ".join(f"then{n}" for n in range(50))
    assert snippet(text) == (
        "\u2026word41 word42 word43 word44 word45 word46 word47 word48 word49 cancel "
        "then0 then1 then2 then3 then4 then5 then6 then7 then8 then9 then10\u2026"
    )


def test_an_address_is_whole_or_not_there() -> None:
    address = "a.very.long.name.of.a.person" * 2 + "@example.com"
    assert snippet(f"hello {address} cancel {address} bye") == f"\u2026{address} cancel {address}\u2026"
    assert snippet(f"hello {address} to cancel it for {address} bye") == "\u2026to cancel it for\u2026"


def test_a_picture_of_several_signs_is_whole() -> None:
    quoted = snippet(FAMILY * 200 + " cancel " + FAMILY * 200)
    assert quoted.replace(FAMILY, "").replace("\u2026", "").strip() == "cancel"
    assert "\u200d " not in quoted


def test_of_a_script_without_spaces_as_much_as_there_is_room_for() -> None:
    quoted = snippet("\u6211\u4eec" * 200 + "\u53d6\u6d88" + "\u8ba2\u9605" * 200, "\u53d6\u6d88")
    assert (
        quoted == "\u2026" + "\u6211\u4eec" * (AROUND // 2) + "\u53d6\u6d88" + "\u8ba2\u9605" * (AROUND // 2) + "\u2026"
    )


def test_a_word_without_end_is_cut() -> None:
    hit = found("cancel" + "x" * 5000, "cancel*")
    assert hit is not None
    assert hit.words == "cancel" + "x" * (AROUND - 6) + "\u2026"


def test_control_signs_and_our_own_marks_are_none_in_it() -> None:
    assert snippet("a\0b\x01c\x0cd cancel\x01\x01cancel") == "a b c d cancel cancel"


def test_markup_stays_what_it_is() -> None:
    text = "<script>alert(1)</script> <a href='x'>cancel</a> \\1 $1 %s {0} @channel"
    assert snippet(text) == text


def test_a_text_of_a_megabyte_is_read_to_its_end() -> None:
    long = "we do not want to cancel, " * 40_000
    begun = time.process_time()
    assert found(long, "cancel") is None
    hit = found(long + "so we Cancel", "cancel")
    assert hit is not None
    assert hit.snippet.endswith("want to cancel, so we Cancel")
    zalgo = "e" + "\u0301\u0302\u0303" * 300_000
    assert snippet(f"{zalgo} cancel {zalgo}").strip("\u2026 ") == "cancel"
    assert time.process_time() - begun < 15


WORDS = st.lists(
    st.one_of(
        st.text(st.sampled_from("abcXYZ\u00e9\u00df\u0416.,!?<>&*#0123"), min_size=1, max_size=25),
        st.emails(),
        st.just(FAMILY),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=60)
@given(WORDS, st.sampled_from([" ", "\n", "\u00a0 ", "\t"]), WORDS)
def test_a_snippet_is_a_piece_of_the_text_between_two_spaces(before: list[str], space: str, after: list[str]) -> None:
    text = space.join([*before, "cancel", *after])
    hit = found(text, "cancel", negation=False)
    assert hit is not None
    plain = re.sub(r"\s+", " ", text)
    quoted = hit.snippet.removeprefix("\u2026").removesuffix("\u2026").strip()
    assert f" {quoted} " in f" {plain} "
    assert f" {hit.words} " in f" {quoted} "


def test_what_is_quoted_of_letters_in_pieces_reads_the_same() -> None:
    text = unicodedata.normalize("NFD", "nous voulons r\u00e9silier d\u00e8s aujourd'hui")
    assert snippet(text, "r\u00e9silier") == unicodedata.normalize("NFC", text)
