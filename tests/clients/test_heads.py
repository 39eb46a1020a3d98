"""A page is whole, valid, unambiguous JSON with its records; anything else is said in one sentence."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.clients.heads import HeadReader
from execution.clients.page import NotAPageError

CALENDLY = HeadReader("collection", {"next": "pagination.next_page", "total": "pagination.count"}, "uri")


def test_reads_count_cursor_total_and_the_last_key() -> None:
    head = CALENDLY.read(b'{"collection":[{"uri":"a"},{"uri":"b"}],"pagination":{"next_page":"u","count":2}}')

    assert (head.count, head.last) == (2, "b")
    assert head.found == {"next": "u", "total": 2}
    assert head.edges == (b'{"uri":"a"}', b'{"uri":"b"}')


def test_what_a_page_does_not_say_is_none() -> None:
    head = CALENDLY.read(b'{"collection":[{"id":1}]}')

    assert head.found == {"next": None, "total": None}
    assert head.last is None


def test_an_empty_page_has_no_last_record() -> None:
    head = CALENDLY.read(b'{"collection":[],"pagination":null}')

    assert (head.count, head.last, head.edges) == (0, None, None)


def test_records_and_values_at_nested_paths() -> None:
    reader = HeadReader("a.b.items", {"next": "a.b.next", "total": "a.total", "link": 'links[0]."the url"'})

    head = reader.read(b'{"a":{"total":3,"b":{"items":[1,2],"next":"q"}},"links":[{"the url":"x"}]}')

    assert (head.count, head.found) == (2, {"next": "q", "total": 3, "link": "x"})


@pytest.mark.parametrize(
    ("body", "count", "last"),
    [(b'[{"id":4},{"id":5}]', 2, 5), (b" \n[]", 0, None), (b'{"id":7}', 1, 7)],
    ids=["a list", "an empty list", "one object is one record"],
)
def test_without_a_records_path_the_whole_answer_counts(body: bytes, count: int, last: object) -> None:
    head = HeadReader("", {}, "id").read(body)

    assert (head.count, head.last) == (count, last)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty answer"),
        (b" \r\n", "an empty answer"),
        (b"<!doctype html><title>Log in</title>", "an HTML or XML page instead of JSON"),
        (b'{"collection":[{"uri":"a"}', "JSON that breaks off before its end"),
        (b'{"collection":[{"uri":"a\xff"}]}', "not UTF-8 at byte 24"),
        (b'{"collection":[{"uri":"\xed\xa0\x80"}]}', "not UTF-8 at byte 23"),
        (b'{"x":"\xc0\x80","collection":[]}', "not UTF-8 at byte 6"),
        (b'{"collection":[{"a":NaN}]}', "malformed JSON: invalid character (byte 20)"),
        (b'{"collection":[{"a":"\x01"}]}', "malformed JSON: invalid character (byte 21)"),
        (b'{"collection":[{"a":1,}]}', "malformed JSON: trailing comma in object (byte 22)"),
        (b'{"collection":[]} {"collection":[]}', "malformed JSON: trailing characters (byte 19)"),
        (b'{"collection":[]}\x00', "malformed JSON: trailing characters (byte 18)"),
        (b'{"collection":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}", "JSON nested too deeply to be a page"),
        (b'{"data":[],"meta":{}}', "no records at collection: the keys are data, meta"),
        (b"{}", "no records at collection: the keys are none at all"),
        (b'{"collection":null}', "not of the declared shape: Expected `array`, got `null` - at `$.collection`"),
        (b'"hello"', "not of the declared shape: Expected `object`, got `str`"),
        (b'{"collection":[1],"collection":[]}', "the name collection occurs twice in one object"),
        (b'{"collection":[1],"collection":[1]}', "the name collection occurs twice in one object"),
        (b'{"collection":[1,2],"collection":[1]}', "the name collection occurs twice in one object"),
        (b'{"collection":[1],"collection":[1,2]}', "the name collection occurs twice in one object"),
        (b'{"pagination":{"a":1,"a":2},"collection":[1]}', "the name a occurs twice in one object"),
        (b'{"collection":[ 1 , 2 ], "x":1, "x":1}', "the name x occurs twice in one object"),
    ],
)
def test_what_is_no_page_is_told_in_a_sentence(body: bytes, reason: str) -> None:
    with pytest.raises(NotAPageError) as caught:
        CALENDLY.open(body)

    assert str(caught.value) == reason


def test_says_where_a_nested_path_ends() -> None:
    reader = HeadReader("result.contacts", {})

    with pytest.raises(NotAPageError, match=r"^no records at result.contacts: the keys in result are people$"):
        reader.read(b'{"result":{"people":[]}}')
    with pytest.raises(NotAPageError, match=r"^no records at result.contacts: result is no object$"):
        reader.read(b'{"result":null}')


def test_keys_are_shown_safely() -> None:
    with pytest.raises(NotAPageError) as caught:
        CALENDLY.read(b'{"\\u001b[2J\\u202e":1}')

    assert str(caught.value).isprintable()
    assert str(caught.value).isascii()


@pytest.mark.parametrize(
    "body",
    [
        b'{"x":{"a":1},"collection":[{"a":1}]}',
        b'{"x":[{"a":1},{"b":1}],"collection":[{"a":1},{"b":1}]}',
        b'{"collection":[{"id":1,"id":2}]}',
    ],
    ids=[
        "a record that stands elsewhere too",
        "all of them do",
        "a name twice inside a record is the vendor's business",
    ],
)
def test_is_not_fooled_by_look_alikes(body: bytes) -> None:
    assert CALENDLY.read(body).count >= 1


@pytest.mark.parametrize("path", ["data", "data.id", "data[0].id", "[0]", ""])
def test_a_value_inside_the_records_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="leads to the records or into them"):
        HeadReader("data", {"next": path})


def test_positions_in_the_records_path_are_refused() -> None:
    with pytest.raises(ValueError, match="names only"):
        HeadReader("data[0].items", {})


def test_halves_of_characters_are_mended_and_nothing_else() -> None:
    body = rb'{"collection":[{"uri":"\ud83d cut \\ud83d kept \ud83d\ude00 \udc00"}]}'

    mended, head, count = CALENDLY.open(body)

    assert count == 2
    assert len(mended) == len(body)
    assert json.loads(mended)["collection"][0]["uri"] == "\ufffd cut \\ud83d kept \U0001f600 \ufffd"
    assert head.count == 1


def test_a_page_that_is_bad_otherwise_is_not_mended() -> None:
    with pytest.raises(NotAPageError, match="breaks off"):
        CALENDLY.open(rb'{"collection":["\ud83d"')


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


@settings(max_examples=60)
@given(
    records=st.lists(values, max_size=6),
    rest=st.dictionaries(st.text(max_size=4), values),
    indent=st.sampled_from([None, 1]),
)
def test_every_valid_page_is_read(records: list[object], rest: dict[str, object], indent: int | None) -> None:
    rest.pop("pagination", None)
    body = json.dumps({**rest, "collection": records, "pagination": {"next_page": "n"}}, indent=indent)

    head = HeadReader("collection", {"next": "pagination.next_page"}).read(body.encode("utf-8", "surrogatepass"))

    assert (head.count, head.found["next"]) == (len(records), "n")


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_page_or_a_reason(body: bytes) -> None:
    try:
        _, head, _ = CALENDLY.open(body)
    except NotAPageError as exc:
        reason = str(exc)
    else:
        reason = str(head.count)
    assert reason


@settings(max_examples=60)
@given(st.data())
def test_no_cut_page_passes(data: st.DataObject) -> None:
    body = json.dumps({"collection": [{"uri": "a", "n": 1}], "pagination": {"next_page": None}}).encode()
    cut = data.draw(st.integers(0, len(body) - 1))

    with pytest.raises(NotAPageError):
        CALENDLY.open(body[:cut])
