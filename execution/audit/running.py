"""Checks of how the workspace runs: sources, schedules, the store, the machine."""

from collections.abc import Iterator

from execution.audit.facts import Facts, Finding, SourceState, Unknown


def sources_not_connected(facts: Facts) -> Iterator[Finding] | Unknown:
    if isinstance(facts.sources, Unknown):
        return facts.sources
    return (_unconnected(each) for each in facts.sources if each.missing)


def _unconnected(source: SourceState) -> Finding:
    """Of a source of files what is missing are paths, and these have a point."""
    named = ", ".join(source.missing)
    otherwise = f"or `gtm source disable {source.name}`"
    if any("." in name for name in source.missing):
        message = f"the source '{source.name}' is enabled and has nothing to read: there is no {named}"
        return Finding(message, f"put one there, {otherwise}", source.path, 1)
    message = f"the source '{source.name}' is enabled and not connected: {named} is not set"
    return Finding(message, f"`gtm connect {source.name}`, {otherwise}", source.path, 1)


def sources_stale(facts: Facts) -> Iterator[Finding] | Unknown:
    if isinstance(facts.sources, Unknown):
        return facts.sources
    return (
        Finding(
            f"the source '{each.name}' is older than it may be: last read {_at(each.read_at)}",
            "`gtm status` says why; then `gtm sync`",
            each.path,
            1,
        )
        for each in facts.sources
        if each.is_stale
    )


def _at(moment: object) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"


def schedules_not_installed(facts: Facts) -> Iterator[Finding] | Unknown:
    if isinstance(facts.unscheduled, Unknown):
        return facts.unscheduled
    hint = "`gtm schedule install`, or keep `gtm schedule run` running"
    return (
        Finding(f"nothing runs the schedule '{name}'", hint, facts.program.schedules[name].path, 1)
        for name in facts.unscheduled
    )


def store_size(facts: Facts) -> Iterator[Finding] | Unknown:
    if isinstance(facts.published, Unknown):
        return facts.published
    size, most = facts.published.bytes, facts.policy.sizes.store
    hint = "`gtm query` without SQL lists the tables by rows"
    return iter([Finding(f"the store has {_size(size)}, more than {_size(most)}", hint, "data")] if size > most else [])


def store_age(facts: Facts) -> Iterator[Finding] | Unknown:
    if isinstance(facts.published, Unknown):
        return facts.published
    age = facts.now - facts.published.published_at
    if age <= facts.policy.ages.publication:
        return iter(())
    message = f"readers see a store of {age.days} days ago (publication {facts.published.number})"
    return iter([Finding(message, "`gtm status` says whether it is held back; then `gtm sync && gtm score`", "data")])


def backup_age(facts: Facts) -> Iterator[Finding] | Unknown:
    if isinstance(facts.published, Unknown):
        return facts.published
    at = facts.published.backup_at
    if at is not None and facts.now - at <= facts.policy.ages.backup:
        return iter(())
    said = f"the last backup is {(facts.now - at).days} days old" if at is not None else "there is no backup"
    hint = "`gtm db backup`: history, acknowledgements and ledgers cannot be fetched again"
    return iter([Finding(said, hint, "data")])


def free_disk(facts: Facts) -> Iterator[Finding]:
    least = facts.policy.sizes.free
    if facts.free_bytes < least:
        message = f"the disk has {_size(facts.free_bytes)} left, less than {_size(least)}"
        yield Finding(message, "a publication copies the store; make room", "data")


def leftover_files(facts: Facts) -> Iterator[Finding]:
    for each in facts.leftovers:
        if facts.now - each.at > facts.policy.ages.leftover:
            hint = "`gtm doctor --fix` removes it"
            yield Finding(f"a run that broke off on {each.at:%Y-%m-%d} left this half-made", hint, each.path)


def versions(facts: Facts) -> Iterator[Finding]:
    for name, least in facts.policy.versions.items():
        found = facts.versions.get(name, "0")
        if _numbers(found) < _numbers(least):
            yield Finding(
                f"{name} is {found}, and {least} is the least", "`make clean test` makes the environment anew"
            )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split(".")[:3])


def _size(count: int) -> str:
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1000:.0f} KB"
