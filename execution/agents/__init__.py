"""Claude Code in the workspace: agents built from definitions in YAML, and everything in `.claude/` checked.

    workspace-setup/agents/*.yaml ── read, check ──▶ Definitions ── build ──▶ .claude/agents/<area>/<name>.md
                                                       │ tools.yaml: every tool's name, mapped once to commands

`files` and `write` touch the disk, the rest is pure. Nothing here asks a model. What `gtm` can be called with is known
from outside (`commands.Commands`), because the command line stands above.
"""
