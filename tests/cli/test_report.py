"""`gtm report`: reports as people ask for them."""

import pytest

from execution import store
from execution.workspace import OUTPUT, Workspace
from tests.cli.conftest import Gtm


@pytest.fixture
def published(workspace: Workspace) -> Workspace:
    """A workspace whose store has one customer."""
    with store.writer(workspace, then_publish=True) as con, store.change(con):
        con.execute("CREATE TABLE core.customers AS SELECT 'a@x.com' AS email, 'Ada' AS name")
    return workspace


AS_OF = ("--as-of", "2026-06-30T12:00:00Z")


def test_reports_are_listed_with_whom_they_are_for(gtm: Gtm, workspace: Workspace) -> None:
    listed = {each["name"]: each for each in gtm("report", "--list", "--json").envelope["data"]}
    assert listed["daily"]["area"] == "pulse"
    assert listed["ae"]["roles"]
    assert "daily" in gtm("report", "--list").out


def test_one_is_printed_and_nothing_is_written(gtm: Gtm, published: Workspace) -> None:
    called = gtm("report", "ae", "--user", "uma_iqbal", "--period", "2026-06", "--print", *AS_OF)
    assert called.code == 0, called.err
    assert called.out.startswith("# Account executive: Uma Iqbal\n")
    assert "Period: 2026-06." in called.out
    assert not (published.root / OUTPUT).exists()
    (told,) = gtm("report", "ae", "--user", "uma_iqbal", "--print", "--json", *AS_OF).envelope["data"]
    assert told["user"] == "uma_iqbal"
    assert told["facts"]["own_activity"]["rows"]


def test_a_personal_one_is_written_for_everybody_of_its_roles(gtm: Gtm, published: Workspace) -> None:
    files = gtm("report", "ae", "daily", "--format", "json", "--json", *AS_OF).envelope["data"]["files"]
    written = {(file["report"], file["user"]) for file in files}
    assert ("daily", None) in written
    assert ("ae", "olivia_mensah") in written
    assert all(len(file["others"]) == 1 for file in files)


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["--period", "soon"], "E292", "is no period"),
        (["--compare", "lastly"], "E292", "nothing to compare with"),
        (["--format", "doc"], "E293", "no format 'doc'"),
        (["--user", "uma_iqball"], "E291", "did you mean 'uma_iqbal'?"),
        (["dayly"], "E212", "there is no report 'dayly'"),
    ],
)
def test_what_cannot_be_is_refused(gtm: Gtm, published: Workspace, args: list[str], code: str, says: str) -> None:
    called = gtm("report", *args, *AS_OF)
    assert called.code == 2
    assert code in called.err
    assert says in called.err
