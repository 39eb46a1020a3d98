"""Keywords: what customers' own words are, and whether the words to be looked for there can be found."""

from collections.abc import Iterator

from execution.directives import patterns
from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.model import Entity, Keywords, Trigger
from execution.directives.problems import suggest
from execution.directives.schema import entity_columns
from execution.directives.sql.checking import Checker
from execution.directives.sql.flaw import Scope
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

_AT: KeyPath = ("keywords",)
_TEXTS = Scope("keywords", {"texts": {"said": "VARCHAR"}})


def problems(catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    """Everything wrong with what entities say of texts, and with the words that triggers look for in them."""
    for document, entity in catalogue.of(Entity):
        if entity.texts is not None:
            yield from _texts(document, entity, checker)
    for document, trigger in catalogue.of(Trigger):
        if trigger.keywords is not None:
            yield from _about(document, trigger, catalogue)
            yield from _read(document, trigger.keywords, catalogue)
            yield from _phrases(document, trigger.keywords)
            yield from _patterns(document, trigger.keywords, checker)


# --- where customers' words are -----------------------------------------------------------------------


def _texts(document: Document, entity: Entity, checker: Checker) -> Iterator[Problem]:
    texts, stored = entity.texts, entity_columns(entity)
    if texts is None:
        return
    named: dict[KeyPath, tuple[str, str]] = {("columns", n): (name, "VARCHAR") for n, name in enumerate(texts.columns)}
    named |= {("who",): (texts.who, "VARCHAR"), ("at",): (texts.at, "TIMESTAMP")}
    for path, (name, kind) in named.items():
        if name not in stored:
            hint = suggest(name, [each for each, has in stored.items() if has == kind])
            what = f"{entity.name} has no stored column '{name}'"
            yield document.problem("E132", what, hint, "texts", *path, value=True)
        elif stored[name] != kind:
            what = f"'{name}' is {stored[name]}, and should be {kind}"
            hint = "name when it was said" if path == ("at",) else "name a column with text"
            yield document.problem("E136", what, hint, "texts", *path, value=True)
    for number, column in enumerate(texts.columns):
        if column in texts.columns[:number]:
            at = ("texts", "columns", number)
            yield document.problem("E113", f"'{column}' stands twice", "name each column once", *at, value=True)
    if texts.where is not None:
        checked = checker.expression(texts.where, Scope(f"texts of {entity.name}", {entity.name: stored}))
        for flaw in checked.flaws:
            yield document.inside(flaw.code, flaw.message, flaw.hint, ("texts", "where"), flaw.at or 0)
        given = checked.columns.get("value")
        if given is not None and not checked.flaws and given not in ("BOOLEAN", '"NULL"'):
            hint = "write a comparison, as in direction = 'inbound'"
            yield document.inside("E148", f"this gives {given}, not true or false", hint, ("texts", "where"), 0)


# --- whose words are read -------------------------------------------------------------------------------


def _about(document: Document, trigger: Trigger, catalogue: Catalogue) -> Iterator[Problem]:
    """Texts are of a person, by their e-mail; a rule with keywords is about people, or about what people belong to."""
    entity = catalogue.entity(trigger.entity)
    if entity is None or is_spoken_for(entity, catalogue):
        return
    able = sorted(each.name for _, each in catalogue.of(Entity) if is_spoken_for(each, catalogue))
    hint = f"write entity: {' or '.join(able)}; what was said is known of people, and of those they belong to"
    at = "entity" if "entity" in document.data else "keywords"
    message = f"nobody's words lead to a row of {entity.name}"
    yield document.problem("E182", message, hint, at, value=at == "entity")


def is_spoken_for(entity: Entity, catalogue: Catalogue) -> bool:
    """Whether a customer's e-mail leads to a row of the entity: it is the key, or the key is of their company."""
    if entity.rows != "shared":
        return False
    if entity.key == "email":
        return True
    people = catalogue.entity("customers")
    return entity.name == "companies" and people is not None and "company_domain" in entity_columns(people)


def _read(document: Document, keywords: Keywords, catalogue: Catalogue) -> Iterator[Problem]:
    for number, name in enumerate(keywords.sources):
        if name not in catalogue.names("source"):
            hint = suggest(name, catalogue.names("source"))
            yield _at(document, "E131", f"there is no source '{name}'", hint, "sources", number)
    spoken = {each.name for _, each in catalogue.of(Entity) if each.texts is not None}
    unsure = catalogue.broken_tables()
    for number, name in enumerate(keywords.entities):
        if name not in catalogue.names("entity"):
            hint = suggest(name, spoken or catalogue.names("entity"))
            yield _at(document, "E131", f"there is no entity '{name}'", hint, "entities", number)
        elif name not in spoken and name not in unsure:
            hint = suggest(name, spoken, otherwise="say in its directive texts: {columns: […], who: …, at: …}")
            yield _at(
                document, "E182", f"'{name}' does not say what in it are customers' words", hint, "entities", number
            )
    if not spoken and not keywords.entities and not unsure:
        hint = "say in an entity's directive texts: {columns: […], who: …, at: …}"
        yield document.problem("E182", "no entity says what in it are customers' words", hint, *_AT)


# --- the words ------------------------------------------------------------------------------------------


def _phrases(document: Document, keywords: Keywords) -> Iterator[Problem]:
    for key in ("phrases", "unless"):
        seen: dict[str, str] = {}
        for number, phrase in enumerate(getattr(keywords, key)):
            plain = " ".join(phrase.casefold().split())
            if not any(character.isalnum() for character in plain):
                message = f"'{phrase}' has no letter and no digit" if plain else "an empty phrase stands in every text"
                yield _at(document, "E182", message, "write words, or take it out", key, number)
            elif plain in seen:
                hint = f"'{seen[plain]}' stands before it; case and blanks make no difference"
                yield _at(document, "E182", f"'{phrase}' stands twice", hint, key, number)
            seen.setdefault(plain, phrase)
    hidden = {" ".join(phrase.casefold().split()) for phrase in keywords.unless}
    for number, phrase in enumerate(keywords.phrases):
        if " ".join(phrase.casefold().split()) in hidden:
            message = f"'{phrase}' stands in phrases: and in unless:, so it never counts"
            yield _at(document, "E182", message, "take it out of one of them", "phrases", number)


def _patterns(document: Document, keywords: Keywords, checker: Checker) -> Iterator[Problem]:
    """Each pattern is looked through here for what can be told with its place, and then put to the engine."""
    for number, pattern in enumerate(keywords.patterns):
        path = _place(document, "patterns", number)
        found = patterns.flaws(pattern)
        for flaw in found:
            yield document.inside("E182", flaw.message, flaw.hint, path, flaw.at)
        if found:
            continue
        literal = "'" + pattern.replace("'", "''") + "'"
        for refused in checker.expression(f"regexp_matches(said, {literal}, 'i')", _TEXTS).flaws:
            message = f"this is no regular expression: {refused.message}"
            yield document.inside("E182", message, "see RE2's syntax; quote what is meant as it stands", path, 0)


def _place(document: Document, key: str, number: int) -> KeyPath:
    """Where the item stands, whichever of the shorter forms is written."""
    written = document.data.get("keywords")
    if isinstance(written, list):
        return (*_AT, number)
    listed = written.get(key) if isinstance(written, dict) else None
    return (*_AT, key, number) if isinstance(listed, list) else (*_AT, key)


def _at(document: Document, code: str, message: str, hint: str, key: str, number: int) -> Problem:
    return document.problem(code, message, hint, *_place(document, key, number), value=True)
