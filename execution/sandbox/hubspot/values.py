"""How HubSpot reads the text of a property where it compares numbers and times."""

from execution.sandbox.world import moments


def number_of(text: str) -> float | None:
    """A number, or an ISO time as milliseconds since 1970; None for anything else."""
    try:
        return float(text)
    except ValueError:
        moment = moments.parse(text)
        return None if moment is None else moment // moments.MILLISECOND
