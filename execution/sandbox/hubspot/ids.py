"""Record ids and the numbers they stand for: dense enough to guess, sparse enough not to be counted."""

DEALS_PER_ACCOUNT = 4

_FIRST_CONTACT, _CONTACT_STEP = 51, 50
_FIRST_COMPANY = 9_000_000_000
_FIRST_DEAL, _DEAL_STEP = 31_000_000_000, 10


def contact_id(person: int) -> int:
    """The record id of a person."""
    return _FIRST_CONTACT + person * _CONTACT_STEP


def person_of(record: int) -> int | None:
    """The person of a contact's record id."""
    return _number(record - _FIRST_CONTACT, _CONTACT_STEP)


def company_id(account: int) -> int:
    """The record id of an account's company."""
    return _FIRST_COMPANY + account


def account_of(record: int) -> int | None:
    """The account of a company's record id."""
    return _number(record - _FIRST_COMPANY, 1)


def deal_id(number: int) -> int:
    """The record id of a deal; an account has up to four."""
    return _FIRST_DEAL + number * _DEAL_STEP


def deal_of(record: int) -> int | None:
    """The deal of a record id."""
    return _number(record - _FIRST_DEAL, _DEAL_STEP)


def owner_id(member: int) -> int:
    """The owner id of one of us."""
    return 6_166_000 + member * 17


def _number(distance: int, step: int) -> int | None:
    number, rest = divmod(distance, step)
    return number if rest == 0 and number >= 0 else None
