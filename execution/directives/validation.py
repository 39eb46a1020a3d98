"""A document against the model of its kind: pydantic finds, this says where it stands and what to do about it."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from execution.directives.document import Document, look_up
from execution.directives.hashing import directive_hash
from execution.directives.model import KINDS, Directive
from execution.directives.model.shape import UnfitError
from execution.directives.problems import closest, suggest
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

FILLED_IN = ("path", "hash", "blocks", "cases", "written", "paying_statuses")
"""Fields of a directive that nobody writes."""

_EXPECTED = {
    "string_type": "text", "int_type": "a whole number", "int_parsing": "a whole number",
    "int_from_float": "a whole number", "float_type": "a number", "float_parsing": "a number",
    "bool_type": "true or false", "bool_parsing": "true or false", "dict_type": "a mapping (key: value)",
    "tuple_type": "a list", "list_type": "a list", "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
}  # fmt: skip


def validate(document: Document) -> tuple[Directive | None, list[Problem]]:
    """The document as a directive of its kind, or None and everything that is wrong with its keys."""
    kind = document.data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        return None, [_unknown_kind(document, kind)]
    model = KINDS[kind]
    written = {key: value for key, value in document.data.items() if key not in FILLED_IN}
    problems = [_unknown_key(document, (key,), model) for key in document.data if key in FILLED_IN]
    try:
        directive = model.model_validate(written)
    except ValidationError as error:
        details = error.errors(include_url=False)
        return None, problems + [_translated(document, model, detail) for detail in _kept(document, details)]
    if problems:
        return None, problems
    blocks = tuple(placed.block for placed in document.blocks)
    filled = {
        "path": document.path,
        "hash": directive_hash(written, blocks),
        "blocks": blocks,
        "cases": tuple(marked.case for marked in document.cases),
        "written": written,
    }
    return directive.model_copy(update=filled), []


def held_to(document: Document, model: type[BaseModel]) -> list[Problem]:
    """Everything wrong with a document's keys where they are to be those of a form that is no directive."""
    try:
        model.model_validate(document.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        return [_translated(document, model, detail) for detail in _kept(document, details)]
    return []


def _kept(document: Document, details: list[ErrorDetails]) -> list[ErrorDetails]:
    """What is told. Of a value that fits none of several forms: the one with which it comes furthest, the first of
    those."""
    told = [detail for detail in details if not _misspelt(detail, details)]
    paths = [written_path(document.data, each["loc"], missing=each["type"] == "missing") for each in told]
    kept = []
    for number, detail in enumerate(told):
        mine = paths[number]
        is_told = any(
            other[: len(mine)] == mine and (len(other) > len(mine) or before < number)
            for before, other in enumerate(paths)
            if before != number
        )
        if not is_told or detail["type"] == "missing":
            kept.append(detail)
    return kept


def _misspelt(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Whether a missing key is there under a name so near that the unknown key says it all."""
    if detail["type"] != "missing":
        return False
    *around, missing = detail["loc"]
    beside = [other["loc"] for other in details if other["type"] == "extra_forbidden"]
    return any(list(loc[:-1]) == around and closest(str(loc[-1]), [str(missing)]) for loc in beside)


def _unknown_kind(document: Document, kind: object) -> Problem:
    if "kind" not in document.data:
        return document.problem("E117", "key 'kind' is missing", f"write kind: one of {', '.join(KINDS)}")
    return document.problem("E117", f"unknown kind '{kind}'", suggest(str(kind), KINDS), "kind", value=True)


def _translated(document: Document, model: type[BaseModel], detail: ErrorDetails) -> Problem:
    """One of pydantic's errors as a problem of ours."""
    kind, context = detail["type"], detail.get("ctx", {})
    at_key = bool(detail["loc"]) and detail["loc"][-1] == "[key]"
    location = detail["loc"][:-1] if at_key else detail["loc"]
    path = written_path(document.data, location, missing=kind == "missing")
    if kind == "missing":
        return document.problem("E112", f"key '{path[-1]}' is missing", f"add {path[-1]}:", *path[:-1])
    if kind == "extra_forbidden":
        return _unknown_key(document, path, _model_at(model, location[:-1]))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _unknown_form(document, path, context, _forms_at(model, location))
    if kind == "literal_error":
        choices = _choices(str(context.get("expected", "")))
        message = f"'{detail['input']}' is none of {', '.join(choices)}"
        return document.problem("E113", message, _meant(str(detail["input"]), choices), *path, value=not at_key)
    if kind == "string_pattern_mismatch":
        hint = "write a lower-case letter first, then letters, digits and _" if "a-z" in str(context) else ""
        message = f"'{detail['input']}' does not fit {context.get('pattern')}"
        message = f"'{detail['input']}' is not a name" if hint else message
        return document.problem("E113", message, hint, *path, value=not at_key)
    hint = error.hint if isinstance(error := context.get("error"), UnfitError) else ""
    return document.problem("E113", _said(detail), hint, *path, value=not at_key)


def _said(detail: ErrorDetails) -> str:
    """What is wrong with a value, in our words where pydantic's are a programmer's."""
    if expected := _EXPECTED.get(detail["type"]):
        return f"{_shown(detail['input'])} is not {expected}"
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"]) if "error" in detail.get("ctx", {}) else detail["msg"]
    message = detail["msg"].replace("Input should", f"{_shown(detail['input'])} should")
    return message[:1].lower() + message[1:]


def _shown(value: object) -> str:
    match value:
        case None:
            return "an empty value"
        case bool():
            return "true" if value else "false"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return f"'{value[:60]}'"
        case _:
            return str(value)[:60]


def _choices(expected: str) -> list[str]:
    return [choice.strip().strip("'") for choice in expected.replace(" or ", ", ").split(",")]


def _meant(word: str, choices: list[str]) -> str:
    match = closest(word, choices)
    return f"did you mean '{match}'?" if match else ""


def _unknown_form(document: Document, path: KeyPath, context: Mapping[str, Any], forms: list[object]) -> Problem:
    """A union whose form cannot be told: a paginator, an auth, a way to sync."""
    written = look_up(document.data, path)
    key = str(context.get("discriminator", "")).strip("'")
    noun = {"paginate": "paginator", "auth": "auth", "sync": "way to sync"}.get(str(path[-1]), key)
    noun = "way to deliver" if key == "to" else noun
    tags = [tag for form in forms for tag in _literals(form).get(key, ())]
    if isinstance(written, dict) and key in written:
        hint = suggest(str(written[key]), tags)
        return document.problem("E118", f"unknown {noun} '{written[key]}'", hint, *path, key, value=True)
    if isinstance(written, dict) and written and str(path[-1]) == "paginate":
        tags = list(_paginators())
        word = next((word for word in written if closest(word, tags)), next(iter(written)))
        return document.problem("E118", f"unknown {noun} '{word}'", suggest(word, tags), *path, word)
    hint = f"write {key}: one of {', '.join(tags)}" if tags else f"write one of {', '.join(_paginators())}"
    return document.problem("E118", f"this does not say which {noun}", hint, *path, value=True)


def _paginators() -> Mapping[str, object]:
    from execution.directives.model.source import PAGINATORS

    return PAGINATORS


def _unknown_key(document: Document, path: KeyPath, model: type[BaseModel] | None) -> Problem:
    known = [field.alias or name for name, field in model.model_fields.items()] if model else []
    known = [name for name in known if name not in FILLED_IN or model is None or not issubclass(model, Directive)]
    return document.problem("E111", f"unknown key '{path[-1]}'", suggest(str(path[-1]), known), *path)


# --- pydantic's locations -----------------------------------------------------------------------
# A location is a path into the data with the tags of the unions passed on the way between its steps.


def written_path(data: object, location: tuple[int | str, ...], *, missing: bool = False) -> KeyPath:
    """The path into what was written; a last step that was not written stays only for a missing key."""
    found = _fits(data, location)
    if found is not None and not missing:
        return found
    around = _fits(data, location[:-1]) or ()
    return (*around, location[-1]) if missing and location else around


def _fits(data: object, location: tuple[int | str, ...]) -> KeyPath | None:
    """The location without its union tags if all the rest of it can be followed in the data."""
    if not location:
        return ()
    step, rest = location[0], location[1:]
    if (isinstance(data, dict) and step in data) or (
        isinstance(data, list) and isinstance(step, int) and step < len(data)
    ):
        below = _fits(data[step], rest)  # type: ignore[index]
        if below is not None:
            return (step, *below)
    return _fits(data, rest)


def _model_at(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The model that a location leads to."""
    forms = _forms_at(model, location)
    return next((form for form in forms if isinstance(form, type) and issubclass(form, BaseModel)), None)


def _forms_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[object]:
    """Every form that what a location leads to may have."""
    candidates: list[object] = [model]
    for step in location:
        inner = [form for candidate in candidates for form in _inside(candidate, step)]
        candidates = inner or [candidate for candidate in candidates if _has_tag(candidate, step)] or candidates
    return candidates


def _inside(form: object, step: int | str) -> Iterator[object]:
    """The forms of what a step leads to from a model, a mapping or a list."""
    if isinstance(form, type) and issubclass(form, BaseModel):
        for name, field in form.model_fields.items():
            if step in (name, field.alias):
                yield from _forms(field.annotation)
    elif get_origin(form) in (dict, tuple):
        arguments = get_args(form)
        yield from _forms(arguments[1] if get_origin(form) is dict else arguments[0])


def _forms(annotation: object) -> Iterator[object]:
    """The models, mappings and lists that a value of this type may be."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _forms(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for form in get_args(annotation):
            yield from _forms(form)
    elif origin in (dict, tuple) or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        yield annotation


def _has_tag(form: object, tag: int | str) -> bool:
    """Whether a union's tag stands for this form."""
    return any(tag in values for values in _literals(form).values()) or _paginators().get(str(tag).strip("<>")) is form


def _literals(form: object) -> dict[str, tuple[str, ...]]:
    """The fields of a model that must have one of a few values, and those."""
    if not (isinstance(form, type) and issubclass(form, BaseModel)):
        return {}
    fields = form.model_fields.items()
    return {name: get_args(field.annotation) for name, field in fields if get_origin(field.annotation) is Literal}
