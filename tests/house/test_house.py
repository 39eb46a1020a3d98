"""The house: what is documented exists, what exists is documented, and nothing knows the machine it was written on."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.main import get_command

from execution import __version__
from execution.cli.root import app
from execution.cli.verbs import VERBS
from execution.directives.problems import CODES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def tracked() -> tuple[Path, ...]:
    """Every text file that is, or would be, in git."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        capture_output=True,
        check=True,
    )
    files = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    return tuple(file for file in files if file.is_file() and b"\0" not in file.read_bytes()[:1000])


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for file in sorted((ROOT / "execution").rglob("*.py")):
        yield file.relative_to(ROOT), ast.parse(file.read_text(encoding="utf-8"))


# --- commands -----------------------------------------------------------------------------------


def command_table() -> str:
    """The README's table of verbs."""
    rows = "".join(f"| `gtm {name}` | {verb.help} |\n" for name, verb in VERBS.items())
    return f"| verb | what it does |\n|---|---|\n{rows}"


def between(text: str, name: str) -> str:
    return text.partition(f"<!-- {name} -->")[2].lstrip("\n").partition(f"<!-- /{name} -->")[0]


def test_the_readme_lists_every_verb() -> None:
    assert between(README, "commands") == command_table()


def named_verbs(text: str) -> Iterator[tuple[str, str]]:
    """`gtm VERB [SUBVERB]` wherever a text has it as code."""
    for code in re.findall(r"`([^`\n]+)`|^((?:.*\| *)?gtm .*)$", text, re.MULTILINE):
        yield from re.findall(r"\bgtm (?:-w \S+ )?([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", " ".join(code))


@pytest.mark.parametrize(
    "page",
    ["README.md", "CLAUDE.md", "CHANGELOG.md", "directives/README.md", "workspace-setup/integrations/calendly.md"],
)
def test_documented_commands_exist(page: str) -> None:
    root = get_command(app)
    for verb, sub in named_verbs((ROOT / page).read_text(encoding="utf-8")):
        assert verb in VERBS, f"{page} names `gtm {verb}`"
        group = getattr(root.get_command(None, verb), "commands", None)  # type: ignore[attr-defined]
        if group is not None and sub:
            assert sub in group, f"{page} names `gtm {verb} {sub}`"


def test_make_help_lists_the_verbs_of_the_house() -> None:
    done = subprocess.run(["make", "-s", "-C", str(ROOT), "help"], capture_output=True, text=True, check=True)  # noqa: S607
    listed = re.findall(r"make (\w+)", done.stdout)
    assert {"help", "demo", "test", "check", "lint", "type", "snap", "bench"} <= set(listed)
    assert all(f"\n{name}:" in MAKEFILE for name in listed)


def test_documented_make_targets_exist() -> None:
    for page in ("README.md", "CLAUDE.md", "AGENTS.md"):
        for target in re.findall(r"(?:`|^)make ([a-z]+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE):
            assert f"\n{target}:" in MAKEFILE, f"{page} names `make {target}`"


def test_ci_runs_what_make_check_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.rstrip().endswith("exec make check")
    checked = re.search(r"^check: (.*?) ##", MAKEFILE, re.MULTILINE)
    assert checked
    assert checked[1].split() == ["lint", "type", "directives", "test"]
    assert "lint-imports" in MAKEFILE.split("\nlint:")[1].split("\n\n")[0]


# --- errors -------------------------------------------------------------------------------------


def raised_codes() -> dict[str, set[str]]:
    """Every error code in execution/ → the packages whose text it stands in."""
    found: dict[str, set[str]] = defaultdict(set)
    for file, tree in modules():
        if file.name == "problems.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"E\d{3}", node.value):
                found[node.value].add(file.parts[1].removesuffix(".py"))
    return found


def documented_codes() -> set[str]:
    return set(re.findall(r"^\| `(E\d{3})` \|", between(README, "errors"), re.MULTILINE))


def test_every_error_code_is_documented() -> None:
    ours = {code for code in raised_codes() if not code.startswith("E1")} | {"E100"}
    assert ours == documented_codes()


def test_every_directive_code_is_registered() -> None:
    raised = {code for code in raised_codes() if code.startswith("E1")} - {"E100"}
    assert raised <= set(CODES)


def test_a_code_means_one_thing() -> None:
    """A code is raised by one package only. Apart from those: E212, a name that no directive declares; E311, not
    connected; E500, a bug."""
    shared = {"E212", "E311", "E500"}
    for code, packages in raised_codes().items():
        if not code.startswith("E1") and code not in shared:
            assert len(packages - {"errors"}) <= 1, f"{code} is raised in {sorted(packages)}"


def test_exit_codes_are_documented() -> None:
    from execution import errors

    used = {
        cls.exit_code for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, errors.GtmError)
    }
    table = README.split("## Exit codes")[1].split("## Error codes")[0]
    assert used | {0, 1} == {int(code) for code in re.findall(r"^\| (\d) \|", table, re.MULTILINE)}


# --- layers -------------------------------------------------------------------------------------


def test_every_package_has_its_layer() -> None:
    (layers, *_) = PYPROJECT["tool"]["importlinter"]["contracts"]
    assert layers["exhaustive"]
    placed = {name.strip() for layer in layers["layers"] for name in re.split(r"[:|]", layer)}
    there = {file.stem for file in (ROOT / "execution").iterdir() if file.suffix == ".py" and file.stem != "__init__"}
    there |= {folder.name for folder in (ROOT / "execution").iterdir() if (folder / "__init__.py").exists()}
    assert there <= placed


@pytest.mark.parametrize(
    ("library", "owner"), [("duckdb", "engine"), ("httpx", "clients"), ("apscheduler", "runs"), ("uvicorn", "sandbox")]
)
def test_only_one_package_imports(library: str, owner: str) -> None:
    for file, tree in modules():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if any(name.partition(".")[0] == library for name in names):
                assert file.parts[1] == owner, f"{file} imports {library}"


def test_every_module_says_what_it_is() -> None:
    silent = [str(file) for file, tree in modules() if not ast.get_docstring(tree)]
    assert silent == []


def test_no_shelf_names() -> None:
    shelves = {"utils", "util", "common", "core", "helpers", "misc", "manager", "managers", "services"}
    assert [str(file) for file, _ in modules() if set(file.with_suffix("").parts) & shelves] == []


# --- what is in git -----------------------------------------------------------------------------

_MACHINE = re.compile(r"(?<![\w.~])/(?:work|home/\w|Users/\w|root|opt)/")


def test_no_machine_paths() -> None:
    found = []
    for file in tracked():
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if _MACHINE.search(line) and file != Path(__file__):
                found.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_have_hashes_and_name_no_index(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "--index-url" not in text
    assert "--extra-index-url" not in text
    assert "--find-links" not in text
    assert "://" not in text
    pins = re.split(r"\n(?=[a-z0-9])", text)
    assert all("--hash=sha256:" in pin for pin in pins if "==" in pin)
    assert re.search(r"^duckdb==1\.5\.5 ", text, re.MULTILINE)
    assert re.search(r"^hatchling==", text, re.MULTILINE)


def test_the_lock_has_every_dependency() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE))
    wanted = {re.split(r"[<>=]", name)[0].lower() for name in PYPROJECT["project"]["dependencies"]}
    assert wanted <= locked


def test_the_changelog_has_this_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert version("gtm") == __version__


def test_the_env_example_names_every_credential() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for file in (ROOT / "directives" / "data-sources").glob("*.md"):
        for name in re.findall(r"env:([A-Z_0-9]+)", file.read_text(encoding="utf-8")):
            assert f"{name}=" in example, f"{file.name} needs {name}"


def test_every_source_has_its_guide() -> None:
    for file in (ROOT / "directives" / "data-sources").glob("*-sync.md"):
        guide = ROOT / "workspace-setup" / "integrations" / f"{file.name.removesuffix('-sync.md')}.md"
        assert guide.exists(), f"{file.name} has no guide"


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(file.name[:4]) for file in (ROOT / "workspace-setup" / "decisions").glob("0*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


_OUTSIDE = {
    "dotenv": "python-dotenv",
    "frontmatter": "python-frontmatter",
    "markdown_it": "markdown-it-py",
    "pydantic_core": "pydantic",
    "vl_convert": "vl-convert-python",
    "vaderSentiment": "vadersentiment",
    "yaml": "pyyaml",
}
"""Modules whose distribution has another name."""


def test_every_import_is_declared() -> None:
    wanted = {re.split(r"[<>=\[]", name)[0].lower() for name in PYPROJECT["project"]["dependencies"]}
    for file, tree in modules():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in (
                {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"execution", "reporting"}
            ):
                assert _OUTSIDE.get(name, name.replace("_", "-")) in wanted, f"{file} imports {name}"
