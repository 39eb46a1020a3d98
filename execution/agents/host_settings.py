"""`.claude/settings.json`: whether it can be read, and whether its permissions and hooks are such that they count."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from execution.agents import host
from execution.agents.files import SETTINGS, Files
from execution.directives.document import Document
from execution.directives.places import Text
from execution.directives.problems import closest, suggest
from execution.directives.yaml_text import KeyPath, read_yaml
from execution.errors import Problem

WRONG = "E248"

_RULE = re.compile(r"(?P<tool>[^()]+)(?:\((?P<what>.*)\))?", re.DOTALL)
_SCRIPT = re.compile(r"""(?:\$\{?CLAUDE_PROJECT_DIR\}?"?/|(?<![\w/.])\./)?"?(\.claude/[\w./-]+)""")


def problems(files: Files) -> list[Problem]:
    """Everything wrong with the settings that the host would not say."""
    found: list[Problem] = []
    for path in SETTINGS:
        if path in files.texts:
            found += _file(files.texts[path], files)
    return found


def _file(text: Text, files: Files) -> list[Problem]:
    try:
        data = json.loads(text.content)
    except ValueError as error:
        at = error.pos if isinstance(error, json.JSONDecodeError) else 0
        said = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        hint = "comments and commas after the last entry are no JSON; the host then reads none of it"
        return [text.problem(at, WRONG, f"not valid JSON: {said[:1].lower()}{said[1:]}", hint)]
    if not isinstance(data, dict):
        return [text.problem(0, WRONG, "the settings are no object", "begin with {")]
    marked = read_yaml(text, 0, len(text.content))  # JSON is YAML, and that reader keeps places
    document = Document(text, data, marked.marks)
    twice = [problem for problem in marked.problems if problem.code == "E115"]
    found = [Problem(text.path, each.line, each.column, WRONG, each.message, each.hint) for each in twice]
    found += _near_misses(document, data, (), host.SETTINGS_KEYS)
    permissions, hooks = data.get("permissions", {}), data.get("hooks", {})
    for key, value in (("permissions", permissions), ("hooks", hooks)):
        if not isinstance(value, dict):
            found.append(document.problem(WRONG, f"'{key}' is no object", "write { … }", key, value=True))
    if isinstance(permissions, dict):
        found += _permissions(document)
    if isinstance(hooks, dict):
        found += _hooks(document, files)
    return found


def _near_misses(
    document: Document, at: Mapping[str, object], place: KeyPath, known: Sequence[str]
) -> Iterator[Problem]:
    """Keys that are almost one that is known. The host has more keys than are listed here, so others are let be."""
    for key in at:
        meant = None if key in known else closest(key, known)
        if meant is not None and meant not in at:
            said = f"the host knows no '{key}'"
            yield document.problem(WRONG, said, f"did you mean '{meant}'?", *place, key)


def _permissions(document: Document) -> Iterator[Problem]:
    permissions = document.data.get("permissions", {})
    yield from _near_misses(document, permissions, ("permissions",), host.PERMISSION_KEYS)
    mode = permissions.get("defaultMode")
    if mode is not None and mode not in host.DEFAULT_MODES:
        hint = suggest(str(mode), host.DEFAULT_MODES)
        yield document.problem(WRONG, f"'{mode}' is no mode", hint, "permissions", "defaultMode", value=True)
    for kind in host.PERMISSION_LISTS:
        rules = permissions.get(kind, [])
        if not isinstance(rules, list):
            yield document.problem(WRONG, f"'{kind}' is no list", "write [ … ]", "permissions", kind, value=True)
            continue
        for number, rule in enumerate(rules):
            wrong = _rule(rule, kind)
            if wrong is not None:
                yield document.problem(WRONG, *wrong, "permissions", kind, number, value=True)


def _rule(rule: object, kind: str) -> tuple[str, str] | None:
    """Why a permission rule would never count, and what to write instead."""
    match = _RULE.fullmatch(rule) if isinstance(rule, str) else None
    if match is None or not isinstance(rule, str):
        return f"'{rule}' is no rule", "write Tool or Tool(what), as in Bash(git push *)"
    tool, what = match["tool"], match["what"]
    if tool.startswith("mcp__"):
        return None
    if "*" in tool:
        said = "an allow rule names its tool in full; this one allows nothing"
        return (said, "write out the tool") if kind == "allow" else None
    if tool not in host.RULED_TOOLS:
        return f"there is no tool '{tool}': the rule never counts", suggest(tool, host.RULED_TOOLS)
    if what is None:
        return None
    if not what.strip():
        return f"'{rule}' has nothing in its brackets", f"write {tool} for every use of it"
    if tool in host.UNRULED_PATHS:
        other = host.UNRULED_PATHS[tool]
        return f"rules for {tool} on paths are never consulted", f"write {other}({what}): it covers {tool} too"
    if tool == "WebFetch" and not what.startswith("domain:"):
        return "a WebFetch rule goes by domains", "write WebFetch(domain:example.com)"
    if tool in ("Bash", "PowerShell"):
        return _shell_rule(tool, what)
    return None


def _shell_rule(tool: str, what: str) -> tuple[str, str] | None:
    if what.startswith("command:"):
        return f"{tool}(command:…) is ignored", f"write {tool}({what.removeprefix('command:')})"
    if ":*" in what.removesuffix(":*"):
        return "':*' only counts at the end; here it is a colon", "write a blank and *"
    return None


def _hooks(document: Document, files: Files) -> Iterator[Problem]:
    for event, groups in document.data.get("hooks", {}).items():
        if event not in host.EVENTS:
            said = f"there is no event '{event}': its hooks never run"
            yield document.problem(WRONG, said, suggest(event, host.EVENTS), "hooks", event)
        if not isinstance(groups, list):
            yield document.problem(WRONG, "this is no list of matchers", "write [ … ]", "hooks", event, value=True)
            continue
        for number, group in enumerate(groups):
            yield from _group(document, ("hooks", event, number), group, files)


def _group(document: Document, place: KeyPath, group: object, files: Files) -> Iterator[Problem]:
    hooks = group.get("hooks") if isinstance(group, dict) else None
    if not isinstance(group, dict) or not isinstance(hooks, list):
        hint = 'write {"matcher": "…", "hooks": [{"type": "command", "command": "…"}]}'
        yield document.problem(WRONG, "a matcher holds a list of hooks", hint, *place, value=True)
        return
    for key in set(group) - {"matcher", "hooks"}:
        yield document.problem(WRONG, f"a matcher has no '{key}'", suggest(key, ("matcher", "hooks")), *place, key)
    if place[1] in host.MATCHED_BY_TOOL:
        yield from _matcher(document, (*place, "matcher"), group.get("matcher", ""))
    for number, hook in enumerate(hooks):
        yield from _hook(document, (*place, "hooks", number), hook, files)


def _matcher(document: Document, place: KeyPath, matcher: object) -> Iterator[Problem]:
    """Tools that a matcher names. One with other signs than letters and | is a regular expression, and let be."""
    if not isinstance(matcher, str):
        yield document.problem(WRONG, "a matcher is text", 'as in "Edit|Write"', *place, value=True)
    elif re.fullmatch(r"[\w|, -]+", matcher):
        for name in re.split(r"[|,]", matcher):
            if name.strip() and not host.is_tool(name.strip()):
                hint = suggest(name.strip(), host.TOOLS)
                yield document.problem(WRONG, f"there is no tool '{name.strip()}'", hint, *place, value=True)


def _hook(document: Document, place: KeyPath, hook: object, files: Files) -> Iterator[Problem]:
    kind = hook.get("type") if isinstance(hook, dict) else None
    if not isinstance(hook, dict) or not isinstance(kind, str) or kind not in host.HOOK_KEYS:
        hint = suggest(str(kind), host.HOOK_KEYS)
        yield document.problem(WRONG, f"'{kind}' is no type of hook", hint, *place, "type", value=True)
        return
    for key in hook:
        if key not in host.HOOK_KEYS[kind]:
            hint = suggest(key, host.HOOK_KEYS[kind])
            yield document.problem(WRONG, f"a {kind} hook has no '{key}'", hint, *place, key)
    needed = host.HOOK_NEEDS[kind]
    if not isinstance(hook.get(needed), str) or not hook[needed].strip():
        yield document.problem(WRONG, f"a {kind} hook needs a {needed}", f"add {needed}", *place)
        return
    if not isinstance(hook.get("timeout", 1), int | float):
        yield document.problem(WRONG, "a timeout is a number of seconds", "as in 10", *place, "timeout", value=True)
    for script in _SCRIPT.findall(hook["command"]) if kind == "command" else ():
        if script not in files.names:
            hint = "a hook that cannot be started is passed over"
            yield document.problem(WRONG, f"there is no file {script}", hint, *place, "command", value=True)
