"""What people read: the problems of whole files, as they are printed, and the table of codes in the documentation.

`GTM_SNAP=1` writes the golden files anew.
"""

import os
import re
from pathlib import Path

import pytest

from execution.directives import load
from execution.directives.problems import CODES
from execution.proof import run_cases
from tests.directives.small import HAPPENINGS, PEOPLE

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["mistakes", "second"])
def test_a_directive_full_of_mistakes(name: str) -> None:
    files = {
        "directives/data-model/people.md": PEOPLE.encode(),
        "directives/data-model/happenings.md": HAPPENINGS.encode(),
        f"directives/data-sources/{name}.md": (GOLDEN / f"{name}.md").read_bytes(),
    }
    problems = [problem for problem in load(files).problems if problem.path.endswith(f"{name}.md")]
    printed = "".join(f"{problem}\n" for problem in problems)
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("GTM_SNAP"):
        golden.write_text(printed, encoding="utf-8")
    assert printed == golden.read_text(encoding="utf-8")


def test_every_code_is_documented_and_every_documented_code_exists() -> None:
    readme = (ROOT / "directives" / "README.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| (E1\d\d) \| (.+?) \|$", readme, re.MULTILINE))
    assert documented == CODES


def test_every_code_that_is_used_is_registered_and_every_registered_one_used() -> None:
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "execution").rglob("*.py")]
    used = {code for source in sources for code in re.findall(r'"(E1\d\d)"(?!:)', source)}
    assert used - {"E100"} == set(CODES)


def test_the_example_in_the_documentation_holds() -> None:
    readme = (ROOT / "directives" / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"^~~~~markdown (\S+)\n(.*?)^~~~~$", readme, re.MULTILINE | re.DOTALL)
    files = {path: text.encode() for path, text in examples}
    assert len(files) >= 6
    program = load(files)
    assert [str(problem) for problem in program.problems] == []
    assert [case.differences for case in run_cases(program) if not case.holds] == []
