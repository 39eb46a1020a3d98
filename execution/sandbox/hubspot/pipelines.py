"""The pipelines that deals go through, stage by stage."""

from execution.sandbox.exchange import Record
from execution.sandbox.world.moments import iso_ms

PIPELINES: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    ("default", "Sales Pipeline", (
        ("appointmentscheduled", "Appointment Scheduled", "0.2"),
        ("qualifiedtobuy", "Qualified To Buy", "0.4"),
        ("presentationscheduled", "Presentation Scheduled", "0.6"),
        ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
        ("contractsent", "Contract Sent", "0.9"),
        ("closedwon", "Closed Won", "1.0"),
        ("closedlost", "Closed Lost", "0.0"),
    )),
    ("75433310", "Renewals", (
        ("146001001", "Renewal upcoming", "0.5"),
        ("146001002", "In negotiation", "0.7"),
        ("146001003", "Renewed", "1.0"),
        ("146001004", "Not renewed", "0.0"),
    )),
)  # fmt: skip
"""Each pipeline: its id and label, and its stages with theirs and the probability to win."""

PROBABILITIES = {stage: chance for _, _, stages in PIPELINES for stage, _, chance in stages}


def pipelines(founded: int) -> list[Record]:
    """All of them as /crm/v3/pipelines gives them."""
    return [_pipeline(place, founded) for place in range(len(PIPELINES))]


def _pipeline(place: int, founded: int) -> Record:
    id_, label, stages = PIPELINES[place]
    at = {"createdAt": iso_ms(founded), "updatedAt": iso_ms(founded), "archived": False}
    return {
        "id": id_,
        "label": label,
        "displayOrder": place,
        "stages": [
            {
                "id": stage,
                "label": name,
                "displayOrder": order,
                "metadata": {"isClosed": "true" if chance in {"1.0", "0.0"} else "false", "probability": chance},
                "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
                **at,
            }
            for order, (stage, name, chance) in enumerate(stages)
        ],
        **at,
    }
