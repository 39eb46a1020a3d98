"""One case per kind of mistake: `§` in the new text is where it must be reported, with which code, words and hint."""

import pytest

from tests.directives.small import problems, texts, with_mistake

E = tuple[str, str, str, str, str, str]


def test_the_small_program_has_no_mistake() -> None:
    assert problems(texts()) == ()


KEYS: list[E] = [
    # file, what is there, what is written instead, code, message, hint
    ("desk", "---\nkind", "§--\nkind", "E110", "begins with its frontmatter", "first line is ---"),
    ("pulse", "[summary]\n---", "[summary]\n", "E110", "never closed", "line of ---"),
    ("desk", "title: Help desk", "§titel: Help desk", "E111", "unknown key 'titel'", "'title'"),
    ("desk", "title: Help desk", "§hash: abc", "E111", "unknown key 'hash'", ""),
    ("desk", "key: uri", "§kee: uri", "E111", "unknown key 'kee'", "did you mean 'key'?"),
    ("desk", "  people:\n    path: /people\n", "  §people:\n", "E112", "'path' is missing", "add path:"),
    ("desk", "lookback: 1d", "lookback: §soon", "E113", "'soon' is not a duration", ""),
    ("people", "rows: shared", "rows: §shred", "E113", "'shred' is none of shared, owned", "'shared'"),
    ("health", "weight: 25", "weight: §much", "E113", "'much' is not a weight", "as in 25"),
    ("health", "weight: 25", "weight: §0", "E113", "a weight of 0 counts for nothing", "more than 0"),
    ("health", "weight: 25", "weight: §-5", "E113", "a weight of -5 counts for nothing", "more than 0"),
    ("health", "weight: 25", "weight: §true", "E113", "True is not a weight", "as in 25"),
    ("health", "weight: 25", "weight: §1e9", "E113", "leaves nothing to the others", ""),
    ("health", "weight: 25", "weight: §0.0000001", "E113", "too small to count", "six decimals"),
    ("pulse", "name: pulse", "name: §Pulse", "E113", "'Pulse' is not a name", "lower-case"),
    ("pulse", "[summary]", "§[]", "E113", "at least 1", ""),
    ("pulse", "audience: all", "audience: §[all]", "E113", "a list is not text", ""),
    ("pulse", "period: 1d", "period: 1d\nlimit: §many", "E113", "'many' is not a whole number", ""),
    ("desk", "title: Help desk", "title: Help§: desk", "E114", "not valid YAML", "quote text"),
    ("desk", "title: Help desk", "title: [Help\nowner§: desk", "E114", "not valid YAML", ""),
    ("pulse", "audience: all", "audience: all\n§audience: some", "E115", "stands twice", "on line 4"),
    ("pulse", "audience: all", "audience: §&who all", "E116", "anchors", "write it out"),
    ("pulse", "audience: all", "audience: §!who all", "E116", "tags", "quote"),
    ("pulse", "kind: report", "kind: §reprot", "E117", "unknown kind 'reprot'", "'report'"),
    ("pulse", "kind: report\n", "§", "E117", "'kind' is missing", "source"),
    ("pulse", "kind: report", "kind: §[report]", "E117", "unknown kind", "'report'"),
    (
        "desk",
        "{cursor: next, param: after}",
        "{§cursr: next, param: after}",
        "E118",
        "unknown paginator 'cursr'",
        "'cursor'",
    ),
    ("desk", "{type: bearer,", "{type: §barer,", "E118", "unknown auth 'barer'", "'bearer'"),
    ("desk", "{by: cursor,", "{by: §curser,", "E118", "unknown way to sync 'curser'", "'cursor'"),
    ("desk", "{by: cursor,", "§{", "E118", "does not say which way to sync", "by: one of full, window, cursor, feed"),
]

SOURCES: list[E] = [
    ("desk", "token: env:DESK_TOKEN", "token: §sk_live_1", "E113", "a credential", "env:DESK_TOKEN"),
    ("desk", "unit: s}", "unit: s}, n: {path: n, §unit: s}", "E113", "a text has no unit", ""),
    ("desk", "title: title}", "title: title, §key: k}", "E113", "every stream has a 'key'", ""),
    ("desk", "https://desk.example", "§desk.example", "E113", "no URL", "https://"),
    ("desk", "key: uri", "total: §a..b\n    key: uri", "E119", "is not a path", ""),
    ("desk", "title: title}", "title: §a b}", "E119", "is not a path", ""),
    ("desk", '"{account.team}"', '§"{account team}"', "E119", "is not a placeholder", ""),
    ("desk", '"{since:s}"', '§"{since:secs}"', "E119", "'secs' is not a format", ""),
    ("desk", 'team: "{account.team}"', 'since: "§{since}"', "E119", "always empty", "sync:"),
    ("desk", "path: /people\n", "path: §people\n", "E119", "not the path of a request", "begin it with /"),
    ("desk", "title: Help desk", "after: [§dsk]", "E131", "no source 'dsk'", ""),
    ("desk", "{account.team}", "a §{account.tem}", "E131", "the account has no 'tem'", "'team'"),
    ("desk", "{people.id}/", "§{person.id}/", "E131", "there is no 'person'", "people"),
    ("desk", "{people.id}/", "§{people.idd}/", "E132", "'people' has no column 'idd'", "'id'"),
    ("desk", "each: people", "each: §peple", "E131", "no stream 'peple'", "'people'"),
    ("desk", '  people: ["email', '  §peopel: ["email', "E131", "no stream 'peopel'", "'people'"),
    ("desk", "version: updated", "version: §update", "E132", "no column 'update'", "'updated'"),
    ("desk", "column: at,", "column: §att,", "E132", "no column 'att'", "'at'"),
    ("desk", "title: Help desk", "§after: [desk]", "E133", "desk → desk", ""),
]

ONE = "  ones:\n    path: /ones\n    key: id\n    columns: {name: name}\n    MORE\n  talks:\n"
FEED = "sync: {by: feed, feed: people, id: name, path: '/ones/{id}', keeps: 30d, where: logins > 0}"
BATCH = "each: people\n    batch: 9\n    body: {inputs: [{id: '{people.id}'}]}"


def _one(old: str, new: str, of: str = FEED) -> str:
    """A stream more beside the others, with a mistake in it."""
    assert of.count(old) == 1
    return ONE.replace("MORE", of.replace(old, new))


FOLLOWING: list[E] = [
    ("desk", "  talks:\n", _one("feed: people", "feed: §peple"), "E131", "no stream 'peple'", "'people'"),
    ("desk", "  talks:\n", _one("feed: people", "§feed: ones", FEED[:-19] + "}"), "E133", "ones → ones", "stand alone"),
    ("desk", "  talks:\n", _one("id: name", "id: §nam"), "E132", "'people' has no column 'nam'", "'name'"),
    ("desk", "  talks:\n", _one("'/ones", "§'ones"), "E119", "not the path of a request", "begin it with /"),
    ("desk", "  talks:\n", _one("'/ones/{id}'", "§/ones"), "E119", "does not say {id}", "where the id goes"),
    ("desk", "  talks:\n", _one("{id}", "{id}/§{people.id}"), "E131", "not read per 'people'", ""),
    ("desk", "  talks:\n", _one("logins > 0", "§login > 0"), "E147", "login", ""),
    ("desk", "  talks:\n", _one("logins > 0", "§logins"), "E148", "not true or false", "comparison"),
    (
        "desk",
        "  talks:\n",
        _one("sync: {by", "each: people\n    sync: {§by"),
        "E113",
        "follows no feed",
        "take each out",
    ),
    ("desk", "  talks:\n", _one(BATCH, "§batch: 9", BATCH), "E112", "batch without each", "say each"),
    ("desk", "  talks:\n", _one("{people.id}", "x", BATCH).replace("body", "§body"), "E119", "in no list", "inputs"),
    (
        "desk",
        "  talks:\n",
        _one("batch", "§params: {a: '{people.id}'}\n    batch", BATCH),
        "E119",
        "names one",
        "in body",
    ),
    ("desk", "lookback: 1d}", "lookback: 1d, §sweep: 7d}", "E113", "has no sweep", "refresh"),
    ("desk", "path: /people\n", "path: '/people/§{id}'\n", "E119", "{id} has no value here", "by: feed"),
    ("desk", "key: uri", "deletes: §peple\n    key: uri", "E131", "no stream 'peple'", "'people'"),
    ("desk", "key: uri", "§deletes: talks\n    key: uri", "E133", "talks → talks", ""),
    ("desk", "key: uri", "deleted: §a..b\n    key: uri", "E119", "is not a path", ""),
    ("desk", "key: id", "§refresh: 7d\n    key: id", "E112", "refresh without each", "say each"),
]

MODEL: list[E] = [
    ("people", "key: email", "key: §emial", "E132", "the key 'emial'", "'email'"),
    (
        "people",
        "logins: {type: integer, from: [desk]}",
        "logins: {type: integer, from: [desk, §leger]}",
        "E131",
        "no source 'leger'",
        "'ledger'",
    ),
    ("people", "[workspace, desk, ledger]", "[desk, §desk]", "E113", "stands twice", ""),
    (
        "people",
        "plan: {type: text, from: [ledger]}",
        "plan: {type: text, from: §[ledger, system]}",
        "E113",
        "both read and derived",
        "",
    ),
    (
        "people",
        "plan: {type: text, from: [ledger]}",
        "plan: {type: text, from: §[measures]}",
        "E131",
        "no measure is named 'plan'",
        "",
    ),
    ("people", "days_quiet: {type: integer,", "days_quiet: {type: §number,", "E136", "two types", "BIGINT"),
    (
        "happenings",
        "title: {type: text}",
        "title: {type: text}\n  §source: {type: text}",
        "E113",
        "'source' already",
        "",
    ),
    ("quiet", "entity: people", "entity: §peple", "E131", "no entity 'peple'", "'people'"),
    (
        "quiet",
        "---\n```sql",
        "otherwise: {§days_quite: 0}\n---\n```sql",
        "E132",
        "no measure 'days_quite'",
        "'days_quiet'",
    ),
    (
        "quiet",
        "---\n```sql",
        '  §calm: {type: text, unit: x, meaning: y, "null": z}\n---\n```sql',
        "E137",
        "never measured",
        "",
    ),
    ("health", "entity: people", "entity: §peple", "E131", "no entity 'peple'", "'people'"),
    ("health", "[days_quiet]", "[§days_quit]", "E132", "'days_quit'", "'days_quiet'"),
    ("health", "[days_quiet]", "[days_quiet, §days_quiet]", "E113", "stands twice", ""),
    ("health", "{good: 50, bad: 0}", "{good: 50, fair: §50, bad: 0}", "E139", "same score", ""),
    ("health", "bands: {good: 50, bad: 0}", "§bands: {good: 50, bad: 20}", "E139", "below 20", "bad: 0"),
    ("health", "{good: 50, bad: 0}", "{good: §150, bad: 0}", "E139", "150 is no score", ""),
    ("morning", "[pulse]", "[§puls]", "E131", "no report 'puls'", "'pulse'"),
    ("morning", '"0 6 * * 1-5"', '§"0 25 * * 1-5"', "E138", "hour '25': '25' is not 0 to 23", "06:00"),
    ("morning", '"0 6 * * 1-5"', '§"0 6 * *"', "E138", "has 4 fields", ""),
    ("morning", '"0 6 * * 1-5"', '§"0 6 31 4 *"', "E138", "never comes", ""),
    (
        "morning",
        "steps: [sync, report]\nreports",
        "steps: [sync]\n§reports",
        "E138",
        "no step writes them",
        "add report",
    ),
    (
        "morning",
        "steps: [sync, report]",
        "steps: [sync, report]\ntime_zone: §Berlin",
        "E113",
        "'Berlin' is not a time zone",
        "",
    ),
]

BLOCKS: list[E] = [
    ("desk", "```sql people\n", "§````sql people\n", "E120", "never closed", "````"),
    ("pulse", "[summary]\n---\n", "[summary]\n---\n§<!-- note\n", "E120", "comment is never closed", "-->"),
    ("desk", "```sql people", "```sql§", "E121", "names no target", "```sql customers"),
    ("desk", "```sql people", "```sql §peple", "E121", "no entity 'peple'", "'people'"),
    ("desk", "```sql people", "```sql §people now", "E121", "more than one name", ""),
    ("desk", "```yaml tests", "```yaml §test", "E121", "unknown block 'yaml test'", "'tests'"),
    ("quiet", "```sql measures", "```sql §people", "E121", "no target in measures", "sql measures"),
    (
        "desk",
        "```yaml tests",
        "```sql §people\nselect email from people\n```\n```yaml tests",
        "E122",
        "a second block",
        "line 37",
    ),
    (
        "desk",
        "# Help desk\n",
        "1. a list\n\n    §```sql people\n    select 1\n    ```\n",
        "E123",
        "indented by 4",
        "beginning",
    ),
    (
        "pulse",
        "[summary]\n---\n",
        "[summary]\n---\n```sql §people\nselect 1\n```\n",
        "E123",
        "has no sql blocks",
        "```text",
    ),
]

SQL: list[E] = [
    ("desk", "group by email\n", "group by §emial\n", "E147", "no column 'emial'", "'email'"),
    ("desk", "sum(logins) as logins\n", "§loggins as loggins\n", "E147", "no column 'loggins'", "'logins'"),
    ("desk", "select email,", "select email email §email,", "E140", "syntax error", ""),
    ("desk", "select email, max_by", "§select 1; select email, max_by", "E141", "not exactly one SELECT", ""),
    ("desk", "from people\n", "from §poeple\n", "E142", "'poeple'", "'people'"),
    ("desk", "from people\n", "from §'people.csv'\n", "E142", "not a file", "people, talks"),
    ("desk", "from people\n", "from §main.people\n", "E142", "with a schema", "people alone"),
    ("desk", "from people\n", "from §read_csv('people.csv')\n", "E143", "read_csv()", ""),
    ("desk", "sum(logins)", "§suum(logins)", "E143", "suum()", "'sum'"),
    ("desk", "sum(logins)", "sum(logins) + length(§getenv('HOME'))", "E143", "getenv()", ""),
    ("desk", "sum(logins)", "sum(logins * §$as_of)", "E144", "may not mention time", "measure"),
    ("quiet", "$as_of)", "§now())", "E144", "now() depends on the clock", "$as_of"),
    ("quiet", "$as_of)", "§$today)", "E144", "no parameter $today", "$as_of"),
    ("quiet", "$as_of)", "§current_date)", "E144", "current_date", "$as_of"),
    ("desk", "max_by(name, (updated, key))", "§max_by(name, updated)", "E145", "can have ties", "(updated, key)"),
    ("desk", "max_by(name, (updated, key))", "§any_value(name)", "E145", "whichever row", "max"),
    ("desk", "max_by(name, (updated, key))", "§first(name)", "E145", "without an order", "order by"),
    ("desk", "max_by(name, (updated, key))", "§string_agg(name, ' ')", "E145", "without an order", "order by"),
    ("desk", "group by email\n", "group by email\n§limit 3\n", "E145", "limit without an order", "order by"),
    (
        "desk",
        "sum(logins)",
        "count(*) filter (where rating > 1) + §sum(rating)::bigint",
        "E145",
        "floating-point",
        "cast first",
    ),
    (
        "desk",
        "sum(logins)",
        "(sum(logins) / §count(name))::bigint",
        "E146",
        "zero gives infinity",
        "nullif(count(name), 0)",
    ),
    ("desk", "sum(logins)", "sum(§least(logins, 5))", "E146", "leaves out what is missing", "logins is not null"),
    ("desk", "sum(logins) as logins", "sum(logins) as §loggins", "E135", "no column 'loggins'", "'logins'"),
    ("desk", "sum(logins) as logins", "sum(logins) as §days_quiet", "E135", "may not write", "measures fill it"),
    ("desk", "sum(logins) as logins", "max(rating) as §logins", "E136", "'logins' is DOUBLE", "::bigint"),
    ("quiet", "as days_quiet", "as §days_quite", "E135", "not declared", "'days_quiet'"),
    ("quiet", "from happenings", "from §talks", "E142", "'talks'", "happenings"),
    ("desk", '"email is not null"', '"§emial is not null"', "E147", "no column 'emial'", "'email'"),
    ("desk", '"email is not null"', '"§logins"', "E148", "BIGINT, not true or false", "comparison"),
    ("desk", '"email is not null"', '"logins > §count(*)"', "E148", "about one row", "measure"),
    ("desk", "reread: updated >", "reread: §update >", "E147", "no column 'update'", "'updated'"),
    ("health", "        when days_quiet <= 7", "        when §days_quit <= 7", "E147", "'days_quit'", "'days_quiet'"),
    ("health", "when: logins < 3", "when: §logns < 3", "E147", "'logns'", "'logins'"),
    ("health", 'points: "10"', "points: \"§'ten'\"", "E148", "not a number", ""),
    ("health", "when: health_status =", "when: §health_statu =", "E147", "'health_statu'", "'health_status'"),
    (
        "health",
        "when: days_quiet > 30",
        "when: §health_status = 'bad'",
        "E133",
        "worked out from itself",
        "only actions",
    ),
]

TESTS: list[E] = [
    ("desk", "  given: {people", "  §givn: {people", "E150", "unknown key 'givn'", "'given'"),
    ("desk", "expect: {people: [{", "expect: {§peple: [{", "E151", "no 'peple' to expect", "'people'"),
    ("desk", "given: {people: [{", "given: {§peple: [{", "E151", "no 'peple' to give", "'people'"),
    ("desk", "{email: a@x.com, logins: 5}", "{email: a@x.com, §login: 5}", "E151", "no column 'login'", "'logins'"),
    ("desk", "expect: {people: [{email: a@x.com, logins: 5}]}", "expect: {§people: 3}", "E150", "not a list", ""),
    ("quiet", 'as_of: "2026-01-08T00:00:00Z"', "§as_of: tomorrow", "E150", "not a moment", "2026"),
    (
        "quiet",
        "{happenings: [{email: a@x.com,",
        "{happenings: [{§mail: a@x.com,",
        "E151",
        "no column 'mail'",
        "'email'",
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "message", "hint"), [*KEYS, *SOURCES, *FOLLOWING, *MODEL, *BLOCKS, *SQL, *TESTS]
)
def test_a_mistake_is_named_once_at_its_place(
    file: str, old: str, new: str, code: str, message: str, hint: str
) -> None:
    files, place = with_mistake(file, old, new)
    found = problems(files)
    shown = "\n".join(map(str, found))
    assert [problem.code for problem in found] == [code], shown
    assert message in found[0].message, shown
    assert hint in found[0].hint, shown
    if "§" in new:
        assert f"{found[0].path}:{found[0].line}:{found[0].column}" == place, shown
