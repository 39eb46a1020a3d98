"""The words of `wording` under the name by which reports know them."""

from execution.context.wording import Place, day, known_of, moment, money, more, points

__all__ = ["Place", "day", "known_of", "moment", "money", "more", "points"]
