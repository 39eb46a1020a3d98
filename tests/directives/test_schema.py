"""What SQL sees of streams and entities."""

from execution.directives import load
from execution.directives.schema import entity_columns, stream_columns
from tests.directives.small import texts

PROGRAM = load({path: text.encode() for path, text in texts().items()})


def test_a_stream_has_its_keys_before_its_columns() -> None:
    talks = PROGRAM.sources["desk"].streams["talks"]
    assert stream_columns(talks) == {
        "key": "VARCHAR", "parent_key": "VARCHAR", "uri": "VARCHAR", "at": "TIMESTAMP", "title": "VARCHAR",
    }  # fmt: skip


def test_a_declared_column_wins_over_the_name_of_the_key() -> None:
    stream = PROGRAM.sources["desk"].streams["people"]
    changed = stream.model_copy(update={"key": "data.logins"})
    assert stream_columns(changed)["logins"] == "BIGINT"
    assert list(stream_columns(stream))[:2] == ["key", "id"]
    assert "0" not in stream_columns(stream.model_copy(update={"key": "ids[0]"}))


def test_a_shared_entity_keeps_what_sources_write() -> None:
    assert entity_columns(PROGRAM.entities["people"]) == {
        "email": "VARCHAR", "name": "VARCHAR", "logins": "BIGINT", "plan": "VARCHAR",
        "created_at": "TIMESTAMP", "updated_at": "TIMESTAMP",
    }  # fmt: skip


def test_customers_have_an_id_and_owned_rows_a_source() -> None:
    customers = PROGRAM.entities["people"].model_copy(update={"name": "customers"})
    assert entity_columns(customers)["customer_id"] == "UUID"
    assert list(entity_columns(PROGRAM.entities["happenings"]))[:2] == ["source", "source_id"]
