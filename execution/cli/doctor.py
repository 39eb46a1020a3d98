"""`gtm doctor`: is the workspace as it should be."""

from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.grammar import Grammar
from execution.cli.noun import DryRun, application, examples
from execution.cli.printing import harmless, note_failure, say

if TYPE_CHECKING:
    from execution.audit.facts import Finding
    from execution.audit.report import Outcome, Report
    from execution.bootstrap.auditing import Audited

EXAMPLES = """
gtm doctor
gtm doctor --fix --dry-run
gtm doctor --fix
gtm doctor --json
"""
app = application()
_SHOWN = 10

Fix = Annotated[bool, typer.Option("--fix", help="Do what is safe: folders, permissions, .gitignore, leftovers.")]
All = Annotated[bool, typer.Option("--all", help="Show every finding, and the checks that found nothing.")]


@app.command(epilog=examples(EXAMPLES))
def doctor(ctx: typer.Context, *, fix: Fix = False, dry_run: DryRun = False, everything: All = False) -> None:
    """Find what is wrong with the workspace as a whole, and mend what is safe.

    Structure, names, links, secrets, generated files, directives, sources, the store: what is looked at, and how grave
    it is, stands in directives/policies/audit.md.

    Exit code 1 where a finding is of severity error.
    """
    from execution.bootstrap import auditing

    door = Door.of(ctx)
    result = auditing.doctor(door.workspace, fix=fix, dry_run=dry_run, commands=Grammar())

    def render() -> None:
        _print_fixes(result, wanted=fix)
        for outcome in result.report.outcomes:
            _print(outcome, everything=everything)
        say(_summary(result.report))
        if result.planned and not fix:
            say(f"{len(result.planned)} can be fixed by `gtm doctor --fix`")

    door.show(result, render, exit_code=result.exit_code)


def _print_fixes(result: "Audited", *, wanted: bool) -> None:
    if not wanted:
        return
    for each in result.done:
        if each.error:
            note_failure(f"could not {each.fix}: {each.error}")
        else:
            say(harmless(f"done: {each.fix}"))
    if not result.done:
        for fix in result.planned:
            say(harmless(f"would {fix}"))
        if not result.planned:
            say("nothing to fix by itself")
    say()


def _print(outcome: "Outcome", *, everything: bool) -> None:
    if outcome.status == "not checked":
        say(harmless(f"not checked {outcome.check}: {outcome.reason}"))
    elif outcome.status == "found":
        count = len(outcome.findings)
        say(f"{outcome.severity} {outcome.check}" + (f" ({count})" if count > 1 else ""))
        shown = outcome.findings if everything else outcome.findings[:_SHOWN]
        previous = ""
        for finding in shown:
            _print_finding(finding, is_same_hint=finding.hint == previous)
            previous = finding.hint
        if count > len(shown):
            say(f"  … {count - len(shown)} more (--all shows them)")
    elif everything and outcome.status == "fine":
        say(f"fine {outcome.check}: {outcome.about}")


def _print_finding(finding: "Finding", *, is_same_hint: bool) -> None:
    place = f"{finding.path}:{finding.line}: " if finding.line else f"{finding.path}: " if finding.path else ""
    say(harmless(f"  {place}{finding.message}"))
    if finding.hint and not is_same_hint:
        say(harmless(f"    hint: {finding.hint}"))


def _summary(report: "Report") -> str:
    numbers = (("error", report.count("error")), ("warning", report.count("warning")))
    counts = [f"{count} {word}{'s' if count != 1 else ''}" for word, count in numbers if count]
    counts += [f"{report.count('info')} for information"] if report.count("info") else []
    unchecked = sum(each.status == "not checked" for each in report.outcomes)
    told = ", ".join(counts) or "nothing found"
    more = f"; {unchecked} not checked" if unchecked else ""
    band = f", {report.band}" if report.band else ""
    return f"{report.score} of 100{band}: {told}{more}"
