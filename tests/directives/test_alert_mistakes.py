"""Mistakes in triggers, keywords, team, routing and playbooks: each named once, with its code, place and hint."""

import pytest

from tests.directives.small import problems
from tests.directives.small_alerts import RESCUE, ROUTING, TEAM, texts, with_mistake

E = tuple[str, str, str, str, str, str]


def test_the_program_has_no_mistake() -> None:
    assert problems(texts()) == ()


RULES: list[E] = [
    # file, what is there, what is written instead, code, message, hint
    ("silent", "entity: people", "entity: §peple", "E131", "no entity 'peple'", "'people'"),
    ("silent", "days_quiet > 30 and", "§day_quiet > 30 and", "E147", "no column 'day_quiet'", "'days_quiet'"),
    (
        "silent",
        "days_quiet > 30 and drop(health_score, 7d) >= 20",
        "§days_quiet",
        "E148",
        "not true or false",
        "compari",
    ),
    ("silent", "drop(health_score, 7d)", "drop(§days_quiet, 7d)", "E180", "is a measure", "write a trend as a measure"),
    (
        "silent",
        "drop(health_score, 7d)",
        "drop(§logins, 7d)",
        "E180",
        "stored as it is now",
        "only scores and segments",
    ),
    ("silent", "drop(health_score, 7d)", "drop(§health_scor, 7d)", "E180", "no score and no segment", "'health_score'"),
    ("silent", "drop(health_score, 7d)", "drop(§health_status, 7d)", "E180", "neither falls nor rises", "was(health"),
    ("silent", "drop(health_score, 7d)", "drop(§busy, 7d)", "E180", "no number", "entered(busy)"),
    ("silent", "drop(health_score, 7d)", "§drop(health_score)", "E180", "not called so", "drop(health_score, 7d)"),
    (
        "silent",
        "drop(health_score, 7d)",
        "§drop(health_score, '7d')",
        "E180",
        "not called so",
        "drop(health_score, 7d)",
    ),
    ("silent", "drop(health_score, 7d)", "§drop(health_score, 0d)", "E180", "no time goes by", "above 0"),
    (
        "silent",
        "drop(health_score, 7d) >= 20",
        "drop(health_score, 7d) >= 20 and §nobody",
        "E147",
        "no column 'nobody'",
        "",
    ),
    ("both", "entered(size.small)", "entered(§size.smal)", "E180", "no group 'smal'", "'small'"),
    ("both", "entered(size.small)", "entered(§size)", "E180", "has groups", "entered(size.small)"),
    ("both", "entered(size.small)", "entered(§busy.small)", "E180", "no group 'small'", "write 'busy' alone"),
    (
        "both",
        "entered(size.small)",
        "entered(§health_score)",
        "E180",
        "nobody enters or leaves",
        "was(health_score, 1d)",
    ),
    ("both", "entered(size.small)", "§entered()", "E180", "not called so", "entered(paying)"),
    ("both", "was(busy, 1d)", "was(§recommended_action, 1d) = 'x'", "E180", "is not kept", "of a score only"),
    ("both", "match: any", "match: §some", "E113", "none of all, any", ""),
    ("silent", "resolve_when: days_quiet < 7", "resolve_when: §quiet < 7", "E147", "no column 'quiet'", ""),
    ("silent", "resolve_when: days_quiet < 7", "resolve_when: §days_quiet", "E148", "not true or false", ""),
    ("silent", "key: plan", 'key: "§[plan]"', "E148", "tells no alerts apart", "::text"),
    ("silent", "key: plan", "where: §plam = 'a'", "E147", "no column 'plam'", "'plan'"),
    ("silent", "key: plan", "where: §logins", "E148", "not true or false", ""),
    ("silent", "{name} has", "{name}[ (§{nam})] has", "E181", "{nam} stands for nothing", "'name'"),
    ("silent", "key: plan", "key: §plam", "E147", "no column 'plam'", "'plan'"),
    ("silent", "for: 1d", "for: §soon", "E113", "'soon' is not a duration", ""),
    ("silent", "{name} has", "§{nam} has", "E181", "{nam} stands for nothing", "'name'"),
    ("silent", "{name} has", "§{snippet} has", "E181", "{snippet} stands for nothing", "keywords:"),
    ("silent", "{name} has", "{{name§} has", "E181", "stands alone", "}}"),
    ("silent", "{name} has", "§{name + 1} has", "E181", "is no name", "in a measure"),
    ("silent", "route: sales", "route: §sale", "E131", "no route 'sale'", "'sales'"),
    ("silent", "for: 1d", "for: 1d\ntags: [a, §a]", "E113", "stands twice", ""),
]

WORDS: list[E] = [
    ("leaving", "sources: desk", "sources: §dsk", "E131", "no source 'dsk'", "'desk'"),
    ("leaving", "entities: messages", "entities: §mesages", "E131", "no entity 'mesages'", "'messages'"),
    ("leaving", "entities: messages", "entities: §happenings", "E182", "customers' words", "texts:"),
    ("leaving", "[cancel, switch to]", "[cancel, §'--']", "E182", "no letter and no digit", "write words"),
    ("leaving", "[cancel, switch to]", "[cancel, §' ']", "E182", "an empty phrase", "take it out"),
    ("leaving", "[cancel, switch to]", "[cancel, §Cancel]", "E182", "stands twice", "'cancel' stands before it"),
    ("leaving", "[cancel, switch to]", "[cancel, §Not  Cancel]", "E182", "never counts", "take it out"),
    ("leaving", '"kündig\\\\w*"', '"kündig§(?!ung)"', "E182", "a look-ahead", "unless:"),
    ("leaving", '"kündig\\\\w*"', '"§(?<!nicht )kündig"', "E182", "a look-behind", "negation:"),
    ("leaving", '"kündig\\\\w*"', '"(a)§\\\\1"', "E182", "a back-reference", "write out"),
    ("leaving", '"kündig\\\\w*"', '"kündig\\\\w*§+"', "E182", "possessive", "leave the + out"),
    ("leaving", '"kündig\\\\w*"', '"§(a{30}){40}"', "E182", "1,200 steps", "smaller counts"),
    ("leaving", '"kündig\\\\w*"', '"(§\\\\pL{20}){20}"', "E182", "1,200 steps", "smaller counts"),
    ("leaving", '"kündig\\\\w*"', '"§(kündig)?\\\\s*"', "E182", "found in every text", "at least one"),
    ("leaving", '"kündig\\\\w*"', '"§a||b"', "E182", "found in every text", "at least one"),
    ("leaving", '"kündig\\\\w*"', '"§kündig("', "E182", "no regular expression: missing )", "RE2"),
    ("leaving", '"kündig\\\\w*"', '"§[z-a]"', "E182", "no regular expression", "RE2"),
    ("leaving", "entity: people", "entity: §happenings", "E182", "nobody's words", "people"),
    ("said", "[subject, body]", "[subject, §bodi]", "E132", "no stored column 'bodi'", "'body'"),
    ("said", "who: email", "who: §mail", "E132", "no stored column 'mail'", "'email'"),
    ("said", "at: sent_at", "at: §body", "E136", "should be TIMESTAMP", "when it was said"),
    ("said", "direction = 'inbound'", "§way = 'inbound'", "E147", "no column 'way'", ""),
    ("said", "where: direction = 'inbound'", "where: §direction", "E148", "not true or false", "inbound"),
]

CALLED: list[E] = [
    ("silent", "[tell, {", "[§tel, {", "E131", "no action 'tel'", "'tell'"),
    ("silent", "{due: 2h}", "{§duee: 2h}", "E111", "unknown key 'duee'", "'due'"),
    ("silent", "{due: 2h}", "{due: §soon}", "E113", "'soon' is not a duration", ""),
    ("silent", "{due: 2h}", "{due: {§hard: 2h}}", "E113", "", ""),
    ("silent", "{due: 2h}", "{to: §nobody}", "E131", "there is nobody 'nobody'", ""),
    ("silent", "{due: 2h}", "{when: §login > 3}", "E147", "no column 'login'", "'logins'"),
    ("silent", "{due: 2h}", "{when: §logins}", "E148", "not true or false", ""),
    ("silent", "{due: 2h}", "{do: §notify, channels: inbox}", "E183", "another one", "'ask' is task"),
    ("silent", "mark]", "{mark: {field: §name}}]", "E183", "not the workspace's own", "from: [workspace]"),
    ("silent", "mark]", "{mark: {value: §3}}]", "E136", "does not fit people.stage", "of that type"),
    ("silent", "mark]", "{mark: {field: seats, value: §many}}]", "E136", "'many' does not fit people.seats", ""),
    ("routing", "field: stage,", "field: stge,", "E183", "no field 'stge'", "'stage'"),
    (
        "routing",
        "field: stage,",
        "field: stage, write_back: §dsk, property: s, approval: {by: mia},",
        "E131",
        "no source",
        "",
    ),
    (
        "routing",
        "field: stage,",
        "field: stage, §write_back: desk, approval: {by: mia},",
        "E183",
        "written to",
        "property",
    ),
    (
        "routing",
        "field: stage,",
        "field: stage, §write_back: desk, property: s,",
        "E183",
        "without an approval",
        "agreed",
    ),
    ("routing", "do: post, channel: hook", "do: post, channel: §inbox", "E183", "takes no JSON", "known here: hook"),
    ("routing", "do: post, channel: hook", "do: post, channel: §hok", "E131", "no channel 'hok'", "'hook'"),
    ("routing", "playbook: rescue", "playbook: §resque", "E131", "no playbook 'resque'", "'rescue'"),
    ("routing", "report: pulse", "report: §puls", "E131", "no report 'puls'", "'pulse'"),
    ("routing", "{do: notify, to: owner}", "{do: notify, to: §ownr}", "E131", "there is nobody 'ownr'", "'owner'"),
    ("routing", "{do: notify, to: owner}", "{do: §notfy, to: owner}", "E118", "unknown do 'notfy'", "'notify'"),
    ("routing", "approval: {by: mia}", "approval: {by: §mio}", "E131", "nobody 'mio'", "'mia'"),
    ("rescue", "to: ada", "to: §adda", "E131", "nobody 'adda'", "'ada'"),
]

ROUTED: list[E] = [
    ("routing", "severities: [low], silences: silent", "silences: §silnt", "E131", "no trigger 'silnt'", "'silent'"),
    ("routing", "silences: silent", "silences: §leaving", "E184", "'leaving' would silence 'leaving'", ""),
    ("routing", "{people: [plan, name]}", "{people: [plan, §nam]}", "E132", "no column 'nam'", "'name'"),
    ("routing", "{people: [plan, name]}", "{people: [plan, §logins]}", "E136", "'logins' is BIGINT", "text"),
    ("routing", "{people: [plan, name]}", "{§peple: [plan]}", "E131", "no entity 'peple'", "'people'"),
    ("routing", "manager_of: owner", "manager_of: §ownr", "E131", "nobody 'ownr'", "'owner'"),
    ("routing", "name: success}", "name: §succes}", "E131", "nobody 'succes'", "'success'"),
    (
        "routing",
        "lead}\n  manager: {manager_of: owner",
        "manager}\n  manager: {manager_of: §owner",
        "E133",
        "manager → owner → manager",
        "end with",
    ),
    (
        "routing",
        "  lead: {name: success}",
        "  §ada: {name: success}\n  lead: {name: success}",
        "E184",
        "of the team",
        "",
    ),
    ("routing", "channels: [inbox], escalate", "channels: [§inbux], escalate", "E131", "no channel 'inbux'", "'inbox'"),
    ("routing", "{after: 60m,", "{after: §15m,", "E184", "not come after the one before", "later"),
    ("routing", "low: {digest: daily}", "low: {digest: §weekly}", "E131", "no digest 'weekly'", ""),
    ("routing", "to: success, channels", "to: §sucess, channels", "E131", "nobody 'sucess'", "'success'"),
    ("routing", "account: {people: email}", "account: {people: §mail}", "E132", "no column 'mail'", "'email'"),
    ("routing", "fallback: mia", "fallback: mia\nworth: {people: §logns}", "E132", "no column 'logns'", "'logins'"),
    ("routing", "fallback: mia", "fallback: mia\nworth: {people: §name}", "E136", "'name' is VARCHAR", "a number"),
    ("routing", "fallback: mia", "fallback: §mio", "E131", "nobody 'mio'", "'mia'"),
    ("routing", "inbox: {type: inbox}", "inbox: {type: inbox, file: §../out.md}", "E113", "no such file", "inbox.md"),
    ("routing", "env:HOOK_SECRET", "§abc", "E113", "a secret stands in the file", "env:"),
    ("routing", '"https://hook.example"', '§"hook.example"', "E113", "no URL", "https://"),
    ("team", "lead}", "lead, manager: §mia}", "E133", "'mia' leads 'mia'", "leave manager: out"),
    ("team", "members: [ada, bob]", "members: [ada, §bib]", "E131", "nobody 'bib'", "'bob'"),
    ("team", "members: [ada, bob]", "members: [ada, §ada]", "E113", "stands twice", ""),
    ("team", "cover: ada", "cover: §bob", "E184", "cannot stand in", "somebody else"),
    ("team", "cover: ada", "cover: §eda", "E131", "nobody 'eda'", "'ada'"),
    ("team", "bob@us.com", "§ada@us.com", "E184", "also that of 'ada'", "their own"),
    ("team", "bob@us.com, role: csm,", 'bob@us.com, role: csm, crm_owner: §"17",', "E184", "also that of 'ada'", ""),
    ("team", "{success:", "{§mia: {members: [mia]}, success:", "E184", "a person and a group", ""),
    ("mine", "owner: ada", "owner: §adam", "E131", "nobody 'adam' in the team", "'ada'"),
    ("mine", "owner: ada\n", "", "E112", "whose rule is it", "add owner:"),
    ("quiet", "no_activity:", "none: §days_quit, no_activity:", "E132", "no measure 'days_quit'", "'days_quiet'"),
    ("quiet", "no_activity:", "no_activity: days_quiet, §plan:", "E161", "two things of people", "a column"),
    ("quiet", "no_activity:", "no_activity: days_quiet, §days_quiet:", "E161", "two things", "a column"),
]


@pytest.mark.parametrize(("file", "old", "new", "code", "message", "hint"), [*RULES, *WORDS, *CALLED, *ROUTED])
def test_a_mistake_is_named_at_its_place(file: str, old: str, new: str, code: str, message: str, hint: str) -> None:
    files, place = with_mistake(file, old, new)
    found = problems(files)
    shown = "\n".join(map(str, found))
    assert {problem.code for problem in found} == {code}, shown
    assert message in found[0].message, shown
    assert hint in found[0].hint, shown
    if "§" in new:
        assert f"{found[0].path}:{found[0].line}:{found[0].column}" == place, shown
        assert len(found) == 1, shown


def test_people_that_lead_each_other_are_named_with_the_whole_way() -> None:
    files, _ = with_mistake("team", "role: lead}", "role: lead, manager: bob}")
    (found,) = problems(files)
    assert (found.code, found.message) == ("E133", "they lead each other: bob → mia → bob")


SETS = """\
---
kind: trigger
name: {name}
entity: people
when: {when}
actions: [{action}]
---
"""
COUNTED = """\
---
kind: measures
name: counted
entity: people
measures: {seats_left: {type: integer, unit: seats, meaning: free, "null": nobody counts}}
---
```sql measures
select email, seats - 3 as seats_left from people
```
"""
ROOMY = """\
---
kind: segment
name: roomy
entity: people
meaning: Room
when: seats_left > 3
---
"""


def _with_sets(**sets: tuple[str, str]) -> dict[str, str]:
    files = dict(texts())
    for name, (when, action) in sets.items():
        files[f"directives/triggers/{name}.md"] = SETS.format(name=name, when=when, action=action)
    files["directives/measures/counted.md"] = COUNTED
    files["directives/segments/roomy.md"] = ROOMY
    return files


def test_triggers_that_set_each_other_off_are_named_with_the_whole_way() -> None:
    files = _with_sets(
        first=("stage = 'at risk'", "{mark: {field: seats, value: 9}}"),
        second=("roomy", "mark"),
        third=("roomy", "tell"),
    )
    (found,) = problems(files)
    assert str(found) == (
        "directives/triggers/first.md:6:11: E190 triggers that set each other off: first → second → first\n"
        "  hint: 'first' sets people.seats, which 'second' reads by way of segment roomy → measures seats_left; "
        "'second' sets people.stage, which 'first' reads; one of them must do without"
    )


def test_a_trigger_that_sets_what_it_reads_sets_itself_off() -> None:
    (found,) = problems(_with_sets(alone=("stage <> 'at risk'", "mark")))
    assert (found.code, found.message) == ("E190", "triggers that set each other off: alone → alone")


def test_fields_that_nobody_of_them_reads_are_set_in_peace() -> None:
    files = _with_sets(first=("stage = 'at risk'", "{mark: {field: seats, value: 9}}"), second=("roomy", "tell"))
    assert problems(files) == ()


def test_only_triggers_stand_among_a_persons_own() -> None:
    files = {**texts(), "personal/triggers/ada/late.md": RESCUE.replace("rescue", "late")}
    (found,) = problems(files)
    assert str(found).startswith("personal/triggers/ada/late.md:2:7: E191")


def test_there_is_one_team_and_one_routing() -> None:
    files = {
        **texts(),
        "directives/zz-team.md": TEAM.replace("name: team", "name: others"),
        "directives/zz-routing.md": ROUTING.replace("name: routing", "name: others"),
    }
    assert [str(each).split(" (")[0].splitlines()[0] for each in problems(files)] == [
        "directives/zz-routing.md:3:7: E130 there are two routing directives",
        "directives/zz-team.md:3:7: E130 there are two team directives",
    ]


def test_a_broken_team_hides_no_other_mistake_and_makes_none() -> None:
    files = {**texts(), "directives/team.md": TEAM.replace("ada@us.com", "nowhere")}
    (found,) = problems(files)
    assert (found.code, found.message) == ("E113", "'nowhere' is no e-mail address")
