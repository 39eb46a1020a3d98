"""What people write of accounts, held to its form: every mistake in `account.md` and dated notes, with its line."""

from execution.directives import Program
from execution.errors import GtmError, Problem
from execution.workspace import Workspace


def problems_of(workspace: Workspace, program: Program) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The Markdown files that enabled sources read, as paths from the workspace's root, and what is wrong with them.

    What cannot be opened is told by `gtm sync`.
    """
    from execution.sync.whereabouts import has_files

    named = [source for source in program.sources.values() if source.enabled and source.files is not None]
    sources = [source for source in named if has_files(workspace.root, source)]
    if not sources:  # what reads them is heavy
        return (), ()
    from execution.sync import markdown_files, shelf
    from execution.sync.run import bands_of

    files: dict[str, None] = {}
    found: dict[Problem, None] = {}
    for source in sources:
        for name, stream in source.streams.items():
            if not shelf.is_markdown(source, name):
                continue
            form = source.files.form if source.files else None
            try:
                there = shelf.shelf_of(workspace.root, source, name)
                read = markdown_files.read(there, stream, form, bands_of(program))
            except GtmError:
                continue
            files |= dict.fromkeys(there.shown(file) for file in there.files)
            found |= dict.fromkeys(read.problems)
    return tuple(files), tuple(found)
