"""How a language denies: the words by which "we do not want to cancel" says the opposite of "cancel"."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from execution.directives.model.shape import Shape


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Phrases = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Negation(Shape):
    """The words of one language that deny, as phrases are written for keywords.

    `before` deny what comes up to `reach` words after them, `after` what stands up to `reach_after` words before
    them. No denial reaches over the end of a clause, nor over one of the words in `ends`, at
    which another thought begins. In what `affirms` nothing is denied, though a word of denial is in it: "not only".
    """

    before: Phrases = ()
    after: Phrases = ()
    ends: Phrases = ()
    affirms: Phrases = ()
    reach: Annotated[int, Field(ge=0, le=10)] = 4
    reach_after: Annotated[int, Field(ge=0, le=10)] = 3
