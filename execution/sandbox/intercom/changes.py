"""What can be done to contacts of the messenger while the sandbox runs."""

from typing import Annotated

import msgspec

from execution.errors import UsageError
from execution.sandbox.exchange import Record
from execution.sandbox.intercom.vendor import Intercom
from execution.sandbox.world import World
from execution.sandbox.world.moments import NEVER
from execution.sandbox.world.support import Conversation, Part


class Say(msgspec.Struct, tag_field="change", tag="say", forbid_unknown_fields=True):
    """A contact begins a conversation now, of so many `messages`; a `rating` closes it."""

    contact: str
    body: str
    messages: Annotated[int, msgspec.Meta(ge=1, le=2000)] = 1
    rating: Annotated[int, msgspec.Meta(ge=0, le=5)] = 0

    def apply(self, world: World, intercom: Intercom) -> Record:
        """Do it; the conversation."""
        now, person = world.now, world.person(_contact(intercom, self.contact) // 2)
        lines = [Part(now, "user", "comment", f"{self.body} ({turn})") for turn in range(2, self.messages + 1)]
        closed = [Part(now, "admin", "close", None)] if self.rating else []
        world.edits.account(person.account).said.append(
            Conversation(
                person.account, 0, person.number, now, "question", "conversation", "", self.body,
                (*lines, *closed), 0, self.rating, now if self.rating else NEVER, None,
            )
        )  # fmt: skip
        world.forget()
        return {"conversation": intercom.conversation_id(world.conversations(person.account)[-1])}


class Forget(msgspec.Struct, tag_field="change", tag="forget", forbid_unknown_fields=True):
    """A contact is archived, or merged into another, now: either way it vanishes without a trace."""

    contact: str

    def apply(self, world: World, intercom: Intercom) -> Record:
        """Do it; the contact."""
        world.edits.contact(_contact(intercom, self.contact)).gone_at = world.now
        return {"contact": self.contact}


class Erase(msgspec.Struct, tag_field="change", tag="erase", forbid_unknown_fields=True):
    """A conversation is deleted now: it vanishes without a trace."""

    conversation: str

    def apply(self, world: World, intercom: Intercom) -> Record:
        """Do it; the conversation."""
        key = intercom.conversation(self.conversation)
        if key is None:
            hint = "take the id of one that was listed"
            raise UsageError(f"advance: Intercom has no conversation {self.conversation}", hint=hint)
        world.edits.erased.add(key)
        return {"conversation": self.conversation}


def _contact(intercom: Intercom, id_: str) -> int:
    key = intercom.contact(id_)
    if key is None:
        raise UsageError(f"advance: Intercom has no contact {id_}", hint="take the id of one that was listed")
    return key
