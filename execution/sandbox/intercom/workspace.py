"""The workspace and us in it."""

from execution.sandbox.exchange import Record
from execution.sandbox.intercom.view import View
from execution.sandbox.world.team import Member

WORKSPACE, TIMEZONE = "nb4xq7zt", "America/New_York"
TAGS = ("question", "bug", "feature", "meeting", "praise", "complaint", "billing", "cancel")

_FOUNDED_S = 1_672_531_200


def admin(view: View, member: Member) -> Record:
    """One of us."""
    return {
        "type": "admin",
        "id": view.ids.admin(member),
        "name": member.name,
        "email": member.email,
        "job_title": "Account manager",
        "away_mode_enabled": False,
        "away_mode_reassign": False,
        "away_status_reason_id": None,
        "has_inbox_seat": True,
        "team_ids": [],
        "avatar": None,
        "team_priority_level": {"primary_team_ids": [], "secondary_team_ids": []},
    }


def me(view: View) -> Record:
    """Whose token it is, and the workspace."""
    app = {
        "type": "app", "id_code": WORKSPACE, "name": "Northbeam", "region": "US", "timezone": TIMEZONE,
        "created_at": _FOUNDED_S, "identity_verification": True,
    }  # fmt: skip
    own = admin(view, view.world.team[0])
    del own["team_priority_level"], own["away_status_reason_id"]
    return {**own, "avatar": {"type": "avatar", "image_url": None}, "email_verified": True, "app": app}


def tag(name: str) -> Record:
    """A tag."""
    return {"type": "tag", "id": str(7_522_900 + TAGS.index(name)), "name": name}
