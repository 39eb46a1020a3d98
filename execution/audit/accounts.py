"""Checks of the folders of accounts: whose each is, and whether the store knows them."""

from collections import defaultdict
from collections.abc import Iterator

from execution.audit.facts import AccountFolder, Facts, Finding, Unknown
from execution.directives.problems import closest

_SUGGESTED = 20
"""Orphans for which the account that was probably meant is looked up."""


def orphaned_folders(facts: Facts) -> Iterator[Finding] | Unknown:
    if isinstance(facts.published, Unknown):
        return facts.published
    known = facts.published.accounts
    orphans = [account for account in facts.accounts if account.key and not _is_known(account, known)]
    return (_orphan(account, known if n < _SUGGESTED else frozenset()) for n, account in enumerate(orphans))


def _is_known(account: AccountFolder, known: frozenset[str]) -> bool:
    return account.is_new or account.said in known or (account.said is None and account.marked in known)


def _orphan(account: AccountFolder, known: frozenset[str]) -> Finding:
    key = account.key or ""
    near = closest(key, [other for other in known if other[:2] == key[:2] or other[-8:] == key[-8:]])
    meant = f"did you mean '{near}'? " if near else ""
    hint = f"{meant}mend account.md, write new: true there, or move the folder away"
    return Finding(f"no source knows the account '{account.key}'", hint, f"customers/{account.name}")


def unnamed_folders(facts: Facts) -> Iterator[Finding]:
    for account in facts.accounts:
        if account.key is None and account.has_briefs:
            hint = "write account.md with account: its domain or e-mail, or delete the briefs and run `gtm context`"
            yield Finding("nothing says whose account the briefs are", hint, f"customers/{account.name}")


def twin_folders(facts: Facts) -> Iterator[Finding]:
    folders: dict[str, list[str]] = defaultdict(list)
    for account in facts.accounts:
        if account.key is not None:
            folders[account.key].append(account.name)
    for key, names in sorted(folders.items()):
        for name in sorted(names)[1:]:
            hint = f"put what people wrote into customers/{min(names)}, and delete this one"
            yield Finding(f"the account '{key}' has the folder {min(names)} too", hint, f"customers/{name}")
