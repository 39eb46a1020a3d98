"""Who plays which part: by the list that people wrote, by job titles, and who is missing or has gone quiet."""

from collections.abc import Mapping
from dataclasses import replace

from execution.context import sample
from execution.context.facts import Account, Listed, Person
from execution.context.stakeholders import relations
from execution.directives.model import Role

ROLES = {
    "buyer": Role(
        title="Economic buyer",
        spelled=("budget holder",),
        titles=("CEO", "founder"),
        unless=("assistant", "former"),
        wanted=True,
        missing="Ask who signs",
    ),
    "champion": Role(title="Champion", unless=("former",), wanted=True, missing="Find one"),
    "user": Role(title="End user", titles=("manager",)),
}


def person(email: str, title: str | None = None, *, is_quiet: bool = False) -> Person:
    made = sample.full({"customers": {}, "companies": {}}).people[0]
    return replace(made, email=email, name=email.partition("@")[0].title(), job_title=title, is_quiet=is_quiet)


def account(*people: Person, listed: tuple[Mapping[str, object], ...] = (), domain: str | None = "acme.com") -> Account:
    made = sample.empty()
    head = replace(made.head, domain=domain, stakeholders=listed)
    return replace(made, head=head, people=Listed(people, len(people)))


def parts(found: Account) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.name, each.roles) for each in relations(found, ROLES).stakeholders]


def test_a_job_title_says_so_in_any_case_and_as_whole_words() -> None:
    found = account(person("a@x", "ceo & Founder"), person("b@x", "Ceolist"), person("c@x", "Assistant to the CEO"))
    assert parts(found) == [("A", ("Economic buyer",))]


def test_the_list_that_people_wrote_goes_before_the_title_and_in_the_order_of_the_roles() -> None:
    listed = ({"name": "Cy", "email": " C@x ", "role": "our champion"}, {"name": "Zed", "role": "Budget_Holder"})
    found = account(person("c@x", "CEO"), listed=listed)
    assert parts(found) == [("Zed", ("Economic buyer",)), ("Cy", ("Champion",))]
    zed, cy = relations(found, ROLES).stakeholders
    assert (zed.is_known, cy.is_known, cy.is_listed, cy.job_title) == (False, True, True, "CEO")


def test_who_was_one_is_none_any_more_and_an_unknown_role_stays_as_it_is_written() -> None:
    listed = ({"email": "c@x", "role": "former champion"}, {"name": "Di", "role": "the boss's friend"}, {"role": 3})
    found = relations(account(person("c@x"), listed=listed), ROLES)
    assert [(each.name, each.roles, each.written) for each in found.stakeholders] == [
        ("C", (), "former champion"),
        ("Di", (), "the boss's friend"),
        ("somebody without a name", (), None),
    ]


def test_a_wanted_role_that_nobody_has_is_a_gap_with_what_to_do() -> None:
    found = relations(account(person("a@x", "CEO")), ROLES)
    assert [(gap.role, gap.todo) for gap in found.gaps] == [("Champion", "Find one")]
    assert relations(account(person("a@gmail.com"), domain=None), ROLES).gaps == (), "a person alone"


def test_who_is_quiet_counts_only_in_a_role_that_is_wanted() -> None:
    found = account(person("a@x", "CEO", is_quiet=True), person("m@x", "Office manager", is_quiet=True))
    assert [each.name for each in relations(found, ROLES).quiet] == ["A"]


def test_without_roles_in_the_settings_there_is_no_map() -> None:
    found = relations(account(person("a@x", "CEO")), {})
    assert (found.stakeholders, found.gaps, found.quiet) == ((), (), ())
