"""Recurring revenue: the one directive that defines it, and the rates that money is converted with."""

from collections.abc import Iterator

from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.model import Revenue, Settings
from execution.directives.problems import closest
from execution.errors import Problem


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with the rates, and with revenue but its expressions."""
    for document, settings in catalogue.of(Settings):
        if settings.base_currency in settings.rates:
            message = f"{settings.base_currency} is the base currency, which is always worth 1"
            yield document.problem("E113", message, "take it out", "rates", settings.base_currency)
    for document, revenue in catalogue.of(Revenue):
        yield from _names(document, revenue, catalogue)


def _names(document: Document, revenue: Revenue, catalogue: Catalogue) -> Iterator[Problem]:
    for key, names in (("counts", revenue.counts), ("sources", revenue.sources)):
        for number, name in enumerate(names):
            if name in names[:number]:
                yield document.problem("E113", f"'{name}' stands twice", "name each once", key, number, value=True)
    known = catalogue.names("source")
    for number, name in enumerate(revenue.sources):
        near = closest(name, known)
        if name not in known and near and near not in revenue.sources:
            hint = f"did you mean '{near}'?"
            yield document.problem("E131", f"there is no source '{name}'", hint, "sources", number, value=True)
