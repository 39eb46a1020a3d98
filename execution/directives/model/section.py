"""`kind: section`: a part of reports. One SELECT gives its rows, and its frontmatter says how people read them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from execution.directives.model.shape import Block, Directive, Name, Shape, UnfitError

As = Literal[
    "text", "code", "count", "number", "money", "points", "percent", "share", "day", "moment", "clock", "band", "days",
    "user", "attainment", "yes_no", "file",
]  # fmt: skip
Picturing = Literal["bridge", "bands", "trend", "cohorts", "funnel", "bars"]

TARGET = "section"


class Shown(Shape):
    """How a column is read: its title, as what it is written (`as:`), the column with the currency of an amount (else
    it is in the base currency), and what stands there where it is not known. `about` names what the column is about, so
    that a caller can leave such columns out."""

    title: str = ""
    written: As = Field(default="text", alias="as")
    currency: Name | None = None
    null: str | None = None
    about: Name | None = None


class Picture(Shape):
    """A picture of the rows: its kind, and which columns its parts are. `unit` stands beside figures."""

    kind: Picturing
    columns: Annotated[dict[Name, Name], Field(min_length=1)]
    title: str = ""
    unit: str = ""


class Section(Directive):
    """A section directive.

    `show: table` has a line for each row and a column for each of `columns`; `list` a sentence for each row, its `line`
    with the row's values in braces (what stands in brackets falls away where it names what is not known), `why` and
    `do` below it; `figures` one line for each column of the only row. `order` are columns, each with `desc` behind it
    where the greatest come first; ties are broken by the other columns. `limit` is how many rows are shown, by default
    as many as the report says, and how many more there are is told. `total` are columns whose sum ends a table.

    `compares` says that the rows are made of what happened within a period, so that an earlier one can be asked for
    too. `about` names what the section is about, so that a caller can leave such sections out.
    """

    kind: Literal["section"]
    show: Literal["table", "list", "figures"] = "table"
    columns: Annotated[dict[Name, Shown], Field(min_length=1)]
    order: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*( desc| asc)?$")], ...] = ()
    limit: Annotated[int, Field(ge=1)] | None = None
    total: tuple[Name, ...] = ()
    line: str | None = None
    why: str | None = None
    do: str | None = None
    empty: Annotated[str, Field(min_length=1)] = "None is captured."
    intro: str = ""
    compares: bool = False
    about: Name | None = None
    picture: Picture | None = None

    @model_validator(mode="after")
    def _says_how_a_row_reads(self) -> "Section":
        if (self.show == "list") != (self.line is not None):
            raise UnfitError("a list has a line:, and nothing else has", hint='write show: list and line: "{name}: …"')
        return self

    @property
    def block(self) -> Block | None:
        """The SELECT that gives the rows."""
        return self.sql(TARGET)
