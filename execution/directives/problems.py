"""The codes of everything that can be wrong with a directive, and what each means in one line.

    E10x reading   E11x frontmatter and keys   E12x blocks   E13x references   E14x SQL   E15x tests   E16x scores

A code never changes its meaning; directives/README.md lists them.
"""

from collections.abc import Iterable
from difflib import get_close_matches

CODES = {
    "E101": "a file is larger than a directive may be",
    "E102": "a file is not UTF-8 text",
    "E103": "a file has a NUL byte in it",
    "E104": "a file cannot be read, or is a link that leads out of the workspace",
    "E110": "a file has no frontmatter between two lines of ---",
    "E111": "a key is not known here",
    "E112": "a key is missing",
    "E113": "a value is not of the kind that belongs here",
    "E114": "the frontmatter is not valid YAML",
    "E115": "a key stands twice in one mapping",
    "E116": "YAML that directives do without: anchors, aliases, tags, several documents, very deep nesting",
    "E117": "the kind of a directive is missing or unknown",
    "E118": "one of several forms must be chosen, and the one written is unknown",
    "E119": "a path or placeholder in a request does not hold",
    "E120": "a fenced block is never closed",
    "E121": "a sql block names no target, or one that does not exist",
    "E122": "two blocks of a directive have the same target",
    "E123": "a block stands where it would not run",
    "E130": "two directives of a kind have the same name",
    "E131": "a name is used that no directive declares",
    "E132": "a column is used that is not declared",
    "E133": "things that wait for, are read per, or are worked out from each other in a circle",
    "E134": "an overlay does not fit what it extends",
    "E135": "columns that a block yields and those that may be written do not agree",
    "E136": "the type a block yields does not fit the column's",
    "E137": "a quantity is declared and never measured, or measured twice",
    "E138": "a schedule's time does not hold",
    "E139": "bands of a score do not cover it",
    "E140": "SQL that does not parse",
    "E141": "SQL that is not exactly one SELECT",
    "E142": "a table that this block may not see",
    "E143": "a function that directives may not use",
    "E144": "SQL whose result depends on more than the data: the clock, chance, settings, an unknown parameter",
    "E145": "SQL whose result depends on the order in which rows happen to come",
    "E146": "SQL in which a missing value or a zero silently becomes a number",
    "E147": "SQL that DuckDB cannot bind to the columns there are",
    "E148": "an expression that does not give the kind of value that belongs here",
    "E150": "a test is not built as a test",
    "E151": "a test names something that the directive does not have",
    "E155": "a test of a directive does not hold",
    "E160": "of several scores of an entity not exactly one is primary",
    "E161": "a name would mean two things of the same row",
    "E165": "a group that no row can be in",
    "E175": "a source of files says how an API would be asked",
    "E176": "an override of health names a band that the score does not have",
    "E177": "what is written of an account counts for nobody, for no other source has it",
    "E180": "a question about the past that has no answer: a call that is not one, or of what has no history",
    "E181": "a name in a message that stands for nothing",
    "E182": "words that cannot be looked for, or nowhere to look for them",
    "E183": "an action that cannot be done as it is said",
    "E184": "people, channels or steps of routing that contradict each other",
    "E185": "a weight, threshold or number of points that is out of range",
    "E186": "a check that blocks and has no threshold",
    "E187": "a check that does not say what it is about, or cannot be about it",
    "E188": "a weight for a dimension that nothing tells",
    "E189": "quality is said in two directives",
    "E190": "triggers that set each other off by the fields they set",
    "E191": "a directive that stands where its kind has no place",
    "E192": "a channel that is enabled and whose variable is not set",
    "E193": "a section that names what its SELECT does not give, or whose sentence or picture cannot be made",
    "E194": "a column that cannot be read as it says",
    "E195": "a role that nobody of the team has, or that says nothing here",
    "E196": "an action of a stage that no trigger takes when a row enters it",
    "E197": "a template of a draft that is none, or names what is not known",
}


def closest(word: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `word` was probably meant to be, or None."""
    lowered = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def suggest(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A hint: `did you mean 'cursor'?` where something is close, else the few known names, else `otherwise`."""
    names = sorted(set(known))
    if match := closest(word, names):
        return f"did you mean '{match}'?"
    if otherwise or not names:
        return otherwise
    shown = ", ".join(names[:12])
    return f"known here: {shown}{', …' if len(names) > 12 else ''}"
