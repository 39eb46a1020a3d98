"""What Claude Code, the host, reads from a workspace's `.claude/`, as its documentation of autumn 2026 has it.

The host passes over what it does not know without a word, so these names are what makes a misspelling a mistake.
"""

import re

AGENT_KEYS = (
    "name", "description", "tools", "disallowedTools", "model", "permissionMode", "maxTurns", "skills", "mcpServers",
    "hooks", "memory", "background", "isolation", "effort", "color", "initialPrompt", "omitClaudeMd", "experimental",
)  # fmt: skip
SKILL_KEYS = (
    "name", "description", "when_to_use", "argument-hint", "arguments", "disable-model-invocation", "user-invocable",
    "allowed-tools", "disallowed-tools", "model", "effort", "context", "agent", "background", "hooks", "paths", "shell",
    "metadata", "license", "compatibility",
)  # fmt: skip
"""Slash commands have the same keys: to the host they are one mechanism. A skill wins over a command of its name."""

TOOLS = (
    "Agent", "Artifact", "AskUserQuestion", "Bash", "CronCreate", "CronDelete", "CronList", "Edit", "EndConversation",
    "EnterPlanMode", "EnterWorktree", "ExitPlanMode", "ExitWorktree", "Glob", "Grep", "KillShell",
    "ListMcpResourcesTool", "LSP", "Monitor", "NotebookEdit", "PowerShell", "PushNotification", "Read",
    "ReadMcpResourceTool", "RemoteTrigger", "ReportFindings", "ScheduleWakeup", "SendFeedback", "SendMessage",
    "SendUserFile", "ShareOnboardingGuide", "Skill", "Task", "TaskCreate", "TaskGet", "TaskList", "TaskOutput",
    "TaskStop", "TaskUpdate", "TodoWrite", "ToolSearch", "WaitForMcpServers", "WebFetch", "WebSearch", "Workflow",
    "Write",
)  # fmt: skip
"""Built-in tools; those of MCP servers are named `mcp__server__tool`."""
NOT_IN_AGENTS = ("AskUserQuestion", "EndConversation", "EnterPlanMode", "ScheduleWakeup", "WaitForMcpServers")
"""Tools that an agent never gets, even where its file lists them."""
RULED_TOOLS = (*TOOLS, "Cd", "MultiEdit")
"""What a permission rule may name."""
UNRULED_PATHS = {"Write": "Edit", "MultiEdit": "Edit", "NotebookEdit": "Edit", "Glob": "Read", "Grep": "Read"}
"""Tools whose rules on paths are accepted and never consulted, and the tool whose rules are."""

EVENTS = (
    "SessionStart", "Setup", "InstructionsLoaded", "UserPromptSubmit", "UserPromptExpansion", "MessageDisplay",
    "PreToolUse", "PermissionRequest", "PostToolUse", "PostToolUseFailure", "PostToolBatch", "PermissionDenied",
    "Notification", "SubagentStart", "SubagentStop", "TaskCreated", "TaskCompleted", "Stop", "StopFailure",
    "TeammateIdle", "ConfigChange", "CwdChanged", "DirectoryAdded", "FileChanged", "WorktreeCreate", "WorktreeRemove",
    "PreCompact", "PostCompact", "PreModelSwitch", "PostModelSwitch", "SessionEnd", "Elicitation", "ElicitationResult",
)  # fmt: skip
"""Events a hook may wait for."""
MATCHED_BY_TOOL = ("PreToolUse", "PostToolUse", "PostToolUseFailure", "PermissionRequest", "PermissionDenied")
"""Events whose matcher names tools."""

_OF_EVERY_HOOK = ("type", "if", "timeout", "statusMessage", "once")
HOOK_KEYS = {
    "command": (*_OF_EVERY_HOOK, "command", "args", "async", "asyncRewake", "shell"),
    "http": (*_OF_EVERY_HOOK, "url", "headers", "allowedEnvVars"),
    "mcp_tool": (*_OF_EVERY_HOOK, "server", "tool", "input"),
    "prompt": (*_OF_EVERY_HOOK, "prompt", "model", "continueOnBlock"),
    "agent": (*_OF_EVERY_HOOK, "prompt", "model"),
}
"""The keys of a hook by its type."""
HOOK_NEEDS = {"command": "command", "http": "url", "mcp_tool": "tool", "prompt": "prompt", "agent": "prompt"}

SETTINGS_KEYS = (
    "$schema", "agent", "apiKeyHelper", "attribution", "autoMemoryEnabled", "autoMode", "availableModels",
    "cleanupPeriodDays", "companyAnnouncements", "disableAllHooks", "disableSkillShellExecution", "effortLevel",
    "enableAllProjectMcpServers", "enabledMcpjsonServers", "disabledMcpjsonServers", "enabledPlugins", "env",
    "extraKnownMarketplaces", "fileSuggestion", "hooks", "includeCoAuthoredBy", "includeGitInstructions", "language",
    "model", "outputStyle", "permissions", "plansDirectory", "respectGitignore", "sandbox", "spinnerTipsEnabled",
    "statusLine", "subagentStatusLine", "worktree",
)  # fmt: skip
"""Keys of settings.json that a team's file has most often; the host knows many more, so only near misses are told."""
PERMISSION_LISTS = ("allow", "ask", "deny")
PERMISSION_KEYS = (
    *PERMISSION_LISTS, "defaultMode", "additionalDirectories", "disableBypassPermissionsMode", "disableAutoMode",
    "blockReadsOutsideWorkingDirectories", "blockWritesOutsideWorkingDirectories", "denyInsteadOfPrompting",
)  # fmt: skip

CHOICES = {
    "color": ("red", "blue", "green", "yellow", "purple", "orange", "pink", "cyan"),
    "effort": ("low", "medium", "high", "xhigh", "max"),
    "permissionMode": ("default", "acceptEdits", "auto", "dontAsk", "bypassPermissions", "plan", "manual"),
    "memory": ("user", "project", "local"),
    "isolation": ("worktree",),
    "context": ("fork",),
    "shell": ("bash", "powershell"),
}
"""Keys that have one of a few values."""
DEFAULT_MODES = CHOICES["permissionMode"]
MODELS = ("inherit", "sonnet", "opus", "haiku", "fable", "default")
"""Models by their short names; whole ids begin with `claude-`."""

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_NAME = 64
LONGEST_DESCRIPTION = 1024
LONGEST_SKILL = 500
"""Lines of a skill, beyond which it should be split into files that are read when they are needed."""


def is_tool(name: str) -> bool:
    """Whether the host has a tool of that name, or an MCP server may have."""
    return name in TOOLS or name.startswith("mcp__")
