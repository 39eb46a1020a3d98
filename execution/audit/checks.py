"""Every check that `gtm doctor` knows, in the order in which they are told: its stable name, what it is about, and the
function of the facts that gives its findings. How grave they are stands in directives/policies/audit.md.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from execution.audit import accounts, pages, programs, running, secrets, structure
from execution.audit.facts import Facts, Finding, Unknown
from execution.directives.model.audit import CheckName


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `look` gives its findings, or why it cannot tell."""

    name: CheckName
    about: str
    look: Callable[[Facts], Iterable[Finding] | Unknown]


CHECKS: tuple[Check, ...] = (
    Check("secrets_in_files", "No file that git has or would take gives a secret away", secrets.secrets_in_files),
    Check("env_permissions", "Nobody else on the machine can read .env", secrets.env_permissions),
    Check("env_in_git", "Git does not have .env", secrets.env_in_git),
    Check("git_ignores", ".gitignore keeps credentials and data out of git", secrets.git_ignores),
    Check("directives_hold", "The directives hold", programs.directives_hold),
    Check("dangling_overlays", "Every overlay extends something", programs.dangling_overlays),
    Check("directives_without_tests", "Directives carry tests", programs.directives_without_tests),
    Check("directives_without_owner", "Every directive is somebody's", programs.directives_without_owner),
    Check("long_experimental", "No trigger is experimental for ever", programs.long_experimental),
    Check("claude_files", "What Claude Code reads is up to date", programs.claude_files),
    Check("required_folders", "The folders of a workspace are there", structure.required_folders),
    Check("required_files", "The files that every workspace has are there", structure.required_files),
    Check("folder_depth", "Folders are not too deep to be found", structure.folder_depth),
    Check("account_folder_names", "Folders of accounts are named safely", structure.account_folder_names),
    Check("dated_file_names", "Notes begin with their day", structure.dated_file_names),
    Check("directive_file_names", "Directives are named as their files", structure.directive_file_names),
    Check("orphaned_folders", "Every folder is an account's that a source knows", accounts.orphaned_folders),
    Check("unnamed_folders", "Every folder with briefs says whose it is", accounts.unnamed_folders),
    Check("twin_folders", "No account has two folders", accounts.twin_folders),
    Check("broken_links", "Links in Markdown lead somewhere", pages.broken_links),
    Check("broken_markers", "Markers of generated blocks are whole", pages.broken_markers),
    Check("conflicts_left", "No conflict waits to be settled", pages.conflicts_left),
    Check("briefs_behind", "Briefs are written from the last publication", pages.briefs_behind),
    Check("sources_not_connected", "Enabled sources are connected", running.sources_not_connected),
    Check("sources_stale", "No source is older than it may be", running.sources_stale),
    Check("schedules_not_installed", "Something runs the schedules", running.schedules_not_installed),
    Check("store_age", "Readers see a store of today", running.store_age),
    Check("store_size", "The store is not larger than it should be", running.store_size),
    Check("backup_age", "There is a backup", running.backup_age),
    Check("free_disk", "The disk has room", running.free_disk),
    Check("leftover_files", "No run left anything half-made", running.leftover_files),
    Check("versions", "Python and DuckDB are new enough", running.versions),
)
