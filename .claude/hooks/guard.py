"""Before a call of a tool: whether it would read secrets or the raw store, throw people's work away, or send data out.

Called by run.sh with the workspace; the host's JSON is on stdin. Exit code 2 stops the call, and what stands on stderr
is told to the agent. It looks at what a command says, past quotes, wrappers and `sh -c`; it cannot know what a program
does that puts names together as it runs. workspace-setup/agents/README.md says what that means.
"""

import fnmatch
import json
import os
import re
import shlex
import sys
from pathlib import Path, PurePosixPath

SECRETS = (
    ".env", ".env.*", "*.pem", "*.p12", "*.pfx", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".netrc", ".pgpass",
)  # fmt: skip
NO_SECRETS = (".env.example", ".env.sample", ".env.template")
SECRET_FOLDERS = {".ssh", ".aws", ".gnupg"}
STORE = ("*.duckdb", "*.duckdb.wal", "*.duckdb.tmp")
OWN = (".claude/settings*.json", ".claude/hooks/*", ".git/*")

WRAPPERS = {
    "command", "builtin", "exec", "env", "nohup", "time", "timeout", "nice", "stdbuf", "sudo", "doas", "xargs",
    "busybox", "setsid",
}  # fmt: skip
SHELL_WORDS = {"!", "{", "}", "$", "then", "do", "else", "if", "while", "until"}
DELETE = {"rm", "rmdir", "unlink", "shred", "truncate"}
SEND = {"curl", "wget", "nc", "ncat", "netcat", "telnet", "ssh", "scp", "sftp", "ftp", "rsync"}
DATABASES = {"duckdb", "sqlite3"}
SHELLS = {"sh", "bash", "zsh", "dash", "ksh"}
INTERPRETERS = re.compile(r"(python|pypy|perl|ruby|node|php)[\d.]*")
NAMES_ONLY = {"ls", "stat", "test", "[", "touch"}
WRITERS = {"cp", "mv", "tee", "sed", "ln", "install", "dd", "chmod", "chown"}
WHOLE_FOLDERS = {"grep", "egrep", "fgrep", "rg", "tar", "zip", "cp", "find"}
DENIED_GTM = {("db", "restore"), ("approvals", "approve"), ("approvals", "deny"), ("alerts", "pressed")}
DENIED_FLAGS = {"--publish-anyway", "--allow-empty"}
DENIED_GIT = {
    "clean": (), "restore": (), "rm": (), "filter-branch": (), "filter-repo": (), "update-ref": (),
    "reset": ("--hard", "--merge", "--keep"), "branch": ("-D", "-d"), "stash": ("drop", "clear"),
    "push": ("--force", "-f", "--force-with-lease", "--delete", "-d", "--mirror"),
    "checkout": ("--", ".", "-f", "--force"), "switch": ("-f", "--force", "--discard-changes"),
    "reflog": ("expire", "delete"), "worktree": ("remove",),
}  # fmt: skip
DELETING_CODE = re.compile(r"\b(os\.(remove|unlink|rmdir|removedirs)|rmtree|unlink|rmSync|unlinkSync|File\.delete)\b")
SECRET_CODE = re.compile(
    r"(?<![\w.])\.env(?!\w|\.(example|sample|template)\b)|\.duckdb\b|/proc/\w+/environ|id_rsa|id_ed25519"
)

REASONS = {
    "secret": "it reads credentials. gtm reads them by itself; nobody else needs to",
    "store": "it touches the raw store in data/. Ask it: gtm query 'select …' --json",
    "own": "it changes what keeps agents in bounds, or git's own files. A person does that by hand",
    "delete": "it deletes files, and files here are people's. Say which should go and why, and a person deletes them",
    "git": "it throws work away, or rewrites what others have. A person does that by hand",
    "gtm": "it restores, erases, approves or overrides, which is for people",
    "send": "it sends data out. Vendors are read by gtm; for pages there is WebFetch",
    "database": "it opens a database past gtm. Ask it: gtm query 'select …' --json",
    "environment": "it prints the environment, where credentials may stand",
}


def kept_from(path: str, cwd: Path, *, writes: bool = False) -> str:
    """Why a path is kept from agents; nothing where it is not."""
    written = Path(cwd, os.path.expanduser(path))  # noqa: PTH111 - it never raises
    places = {Path(os.path.normpath(written)), Path(os.path.realpath(written))}
    for place in places:
        name = place.name.lower()
        if any(fnmatch.fnmatch(name, each) for each in SECRETS) and name not in NO_SECRETS:
            return "secret"
        if SECRET_FOLDERS & set(place.parts) or re.fullmatch(r"/proc/[^/]+/environ", str(place)):
            return "secret"
        if any(fnmatch.fnmatch(name, each) for each in STORE) or is_in_store(place):
            return "store"
        if writes and any(fnmatch.fnmatch(str(place), f"*/{each}") for each in OWN):
            return "own"
    return ""


def is_in_store(place: Path) -> bool:
    """Whether a path is the data/ folder of a workspace, or in it."""
    return any(each.name == "data" and (each.parent / "directives").is_dir() for each in (place, *place.parents))


def candidates(word: str) -> set:
    """The paths that a word of a command may stand for: itself, what follows = or :, braces and globs taken apart."""
    found = {word, *re.split(r"[=:,@]", word)}
    for each in list(found):
        if match := re.fullmatch(r"(.*)\{([^{}]*)\}(.*)", each):
            found |= {f"{match[1]}{part}{match[3]}" for part in match[2].split(",")}
    for each in list(found):
        name = PurePosixPath(each).name
        if re.search(r"[*?\[]", name):
            found |= {each[: -len(name)] + kept for kept in (".env", "gtm.duckdb") if matches(kept, name)}
    return found - {""}


def matches(name: str, pattern: str) -> bool:
    """As a shell matches: a dot at the beginning has to be written."""
    return fnmatch.fnmatch(name, pattern) and (name[0] != "." or pattern[0] == ".")


def of_words(words: list, cwd: Path, *, writes: bool = False) -> str:
    for word in words:
        for path in candidates(word):
            if reason := kept_from(path, cwd, writes=writes):
                return reason
    return ""


def of_command(text: str, cwd: Path, depth: int = 0) -> str:
    """Why a line of shell is stopped; nothing where it is not."""
    text, reason = without_documents(text, cwd, depth)
    if reason or depth > 4:
        return reason
    text = re.sub(r"\\\n", "", text).replace("\n", " ; ").replace("`", " ; ")
    lexer = shlex.shlex(text, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        tokens = list(lexer)
    except ValueError:  # a quote that is never closed: take it word by word
        tokens = re.split(r"[\s'\"]+", text)
    reads_names = "xargs" in tokens
    for words, targets in simple_commands(tokens):
        reason = of_words(targets, cwd, writes=True) or of_simple(words, cwd, depth, through_xargs=reads_names)
        if reason:
            return reason
        if words[:1] == ["cd"] and len(words) > 1:
            cwd = Path(cwd, words[1])
    return ""


def without_documents(text: str, cwd: Path, depth: int) -> tuple:
    """The text without what stands in here-documents, and why one of those is stopped that something runs."""
    pattern = re.compile(r"<<-?\s*(['\"]?)(\w+)\1([^\n]*)\n(.*?)^\s*\2\s*$", re.DOTALL | re.MULTILINE)
    while found := pattern.search(text):
        line = text[: found.start()].rpartition("\n")[2] + found[3]
        runs = [PurePosixPath(word).name for word in re.split(r"[\s|;&]+", line) if word]
        if any(name in SHELLS for name in runs) and (reason := of_command(found[4], cwd, depth + 1)):
            return "", reason
        if any(INTERPRETERS.fullmatch(name) for name in runs) and (reason := of_code(found[4])):
            return "", reason
        text = text[: found.start()] + found[3] + "\n" + text[found.end() :]
    return text, ""


def simple_commands(tokens: list) -> list:
    """The commands of a line, each with its words and the files that it writes to."""
    found, words, targets, at = [], [], [], 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token and set(token) <= set("();|&"):
            found, words, targets = [*found, (words, targets)], [], []
        elif token and set(token) <= set("<>&") and at < len(tokens):
            (targets if ">" in token else words).append(tokens[at])
            at += 1
        else:
            words.append(token)
    return [each for each in [*found, (words, targets)] if each[0] or each[1]]


def of_simple(words: list, cwd: Path, depth: int, *, through_xargs: bool) -> str:
    words = unwrapped(words)
    if not words:
        return ""
    name, rest = PurePosixPath(words[0]).name.lower(), words[1:]
    if reason := of_name(name, rest) or of_callee(name, rest, cwd, depth):
        return reason
    if name in WHOLE_FOLDERS and (through_xargs or name != "find") and is_recursive(name, rest):
        reason = of_folders(rest, cwd)
    return reason or ("" if name in NAMES_ONLY else of_words(rest, cwd, writes=name in WRITERS))


def of_name(name: str, rest: list) -> str:
    """Why a program is not started at all."""
    if name in DELETE or (name == "find" and "-delete" in rest):
        return "delete"
    if name in SEND:
        return "send"
    if name in DATABASES:
        return "database"
    prints = (
        name == "printenv" or (name in {"set", "env"} and not rest) or (name in {"export", "declare"} and "-p" in rest)
    )
    return "environment" if prints else ""


def of_callee(name: str, rest: list, cwd: Path, depth: int) -> str:
    """Why a program is not started with these words, where they say what it does."""
    if name == "git":
        return of_git(rest)
    if name == "gtm" or (INTERPRETERS.fullmatch(name) and any(word.startswith("execution.cli") for word in rest)):
        return of_gtm(rest)
    if name == "eval":
        return of_command(" ".join(rest), cwd, depth + 1)
    if name in SHELLS:
        after_c = (rest[at + 1] for at, word in enumerate(rest[:-1]) if re.fullmatch(r"-\w*c", word))
        return of_command(next(after_c, ""), cwd, depth + 1)
    if INTERPRETERS.fullmatch(name):
        return of_code(" ".join(rest))
    if name == "find" and (inner := [at for at, word in enumerate(rest) if word.startswith(("-exec", "-ok"))]):
        return of_simple(rest[inner[0] + 1 :], cwd, depth, through_xargs=False) or of_folders(rest, cwd)
    return ""


def unwrapped(words: list) -> list:
    """A command without assignments before it and without what only starts it."""
    while words:
        name = PurePosixPath(words[0]).name
        if re.fullmatch(r"\w+=.*", words[0], re.DOTALL) or words[0] in SHELL_WORDS:
            words = words[1:]
        elif name in WRAPPERS and len(words) > 1:
            words = words[1:]
            while words and (words[0].startswith("-") or re.fullmatch(r"[\d.]+[smhd]?", words[0])):
                words = words[1:]
        else:
            return words
    return words


def of_git(rest: list) -> str:
    while rest and rest[0].startswith("-"):
        rest = rest[2:] if rest[0] in {"-C", "-c", "--git-dir", "--work-tree", "--namespace"} else rest[1:]
    if not rest or rest[0] not in DENIED_GIT:
        return ""
    needed = DENIED_GIT[rest[0]]
    is_forced = rest[0] == "push" and any(word.startswith("+") for word in rest[1:])
    return "git" if not needed or is_forced or any(word.split("=")[0] in needed for word in rest[1:]) else ""


def of_gtm(rest: list) -> str:
    verbs = [word for word in rest if not word.startswith("-")]
    pairs = set(zip(verbs, verbs[1:]))  # noqa: B905, RUF007 - older Pythons; a workspace may stand before the verb
    return "gtm" if pairs & DENIED_GTM or "erase" in verbs[:2] or DENIED_FLAGS & set(rest) else ""


def of_code(code: str) -> str:
    if DELETING_CODE.search(code):
        return "delete"
    found = SECRET_CODE.search(code)
    return "" if found is None else "store" if "duckdb" in found[0] else "secret"


def is_recursive(name: str, rest: list) -> bool:
    flags = "".join(word for word in rest if re.fullmatch(r"-\w+", word))
    if name in {"grep", "egrep", "fgrep", "cp"}:
        return bool(set(flags) & set("rRa")) or "--recursive" in rest
    return name != "rg" or "u" in flags or bool({"--hidden", "--no-ignore"} & set(rest))


def of_folders(rest: list, cwd: Path) -> str:
    """Whether a folder that is gone through whole holds what is kept from agents."""
    named = [word for word in rest if not word.startswith("-") and Path(cwd, word).is_dir()]
    for folder in (Path(cwd, word) for word in named or ["."]):
        if (folder / ".env").exists():
            return "secret"
        if is_in_store(folder / "data") and (folder / "data").is_dir():
            return "store"
    return ""


def verdict(call: dict, root: Path) -> str:
    """Why a call of a tool is stopped; nothing where it is not."""
    given, cwd = call.get("tool_input", {}), Path(str(call.get("cwd") or root))
    if call.get("tool_name") == "Bash":
        return of_command(str(given.get("command", "")), cwd)
    writes = call.get("tool_name") in {"Edit", "Write", "NotebookEdit"}
    keys = ("file_path", "notebook_path", "path", "glob") + (("pattern",) if call.get("tool_name") == "Glob" else ())
    return of_words([str(given[key]) for key in keys if given.get(key)], cwd, writes=writes)


def main(root: Path) -> int:
    try:
        reason = verdict(json.load(sys.stdin), root)
    except (ValueError, AttributeError):  # not what the host sends; its own rules still hold
        return 0
    if reason:
        sys.stderr.write(f"Not done: {REASONS[reason]}.\n")
    return 2 if reason else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
