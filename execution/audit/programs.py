"""Checks of directives and of what is made from them: do they hold, are they anybody's, is each tested."""

from collections.abc import Iterator

from execution.audit.facts import Facts, Finding, Unknown
from execution.errors import Problem

_OVERLAY = "E134"


def directives_hold(facts: Facts) -> Iterator[Finding]:
    yield from (_finding(each) for each in facts.program.problems if each.code != _OVERLAY)


def dangling_overlays(facts: Facts) -> Iterator[Finding]:
    yield from (_finding(each) for each in facts.program.problems if each.code == _OVERLAY)


def claude_files(facts: Facts) -> Iterator[Finding] | Unknown:
    return facts.claude if isinstance(facts.claude, Unknown) else (_finding(each) for each in facts.claude)


def _finding(problem: Problem) -> Finding:
    return Finding(f"{problem.code} {problem.message}", problem.hint, problem.path, problem.line)


def directives_without_tests(facts: Facts) -> Iterator[Finding]:
    for directive in facts.program.directives():
        if directive.kind in facts.policy.tested and not directive.cases:
            hint = "write a case that fails without it: ```yaml tests, as directives/README.md shows"
            yield Finding(f"the {directive.kind} '{directive.name}' has no test", hint, directive.path, 1)


def directives_without_owner(facts: Facts) -> Iterator[Finding]:
    for directive in facts.program.directives():
        if not directive.owner and directive.kind not in ("settings", "team"):
            hint = "write owner: who decides about it"
            yield Finding(f"the {directive.kind} '{directive.name}' is nobody's", hint, directive.path, 1)


def long_experimental(facts: Facts) -> Iterator[Finding] | Unknown:
    trying = [each for each in facts.program.triggers.values() if each.status == "experimental"]
    if isinstance(facts.git, Unknown):
        return facts.git if trying else iter(())
    changed, least = facts.git.changed, facts.policy.ages.experimental
    ages = ((each, facts.now - changed[each.path]) for each in trying if each.path in changed)
    hint = "`gtm alerts stats` says how often it is right; make it stable, or take it out"
    return (
        Finding(f"the trigger '{each.name}' is experimental, unchanged for {age.days} days", hint, each.path, 1)
        for each, age in ages
        if age > least
    )
