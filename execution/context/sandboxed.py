"""The sandbox that templates render in: jinja2's own, with a shorter way for what is ours.

What makes the sandbox slow is that it asks of every value whether it may be a frame, a coroutine or a type. Our facts
are plain data and our functions give text, so of them it is enough that no name begins with an underscore. (Of ten
thousand accounts' files this is a third of the time.)
"""

from types import FunctionType, MethodType, SimpleNamespace
from typing import Any

from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from execution.context import conversations, facts, risks, scored, stakeholders, steps
from execution.context.changes import Change
from execution.context.view import SourceRead, View

_OURS = frozenset(
    {SimpleNamespace, View, Change, SourceRead, conversations.Conversation, risks.Risk, scored.Part, steps.Step}
    | {each for each in vars(facts).values() if isinstance(each, type) and each.__module__ == facts.__name__}
    | {stakeholders.Stakeholder, stakeholders.Gap, stakeholders.Relations}
)
"""Classes of plain data."""


class Environment(SandboxedEnvironment):
    """Names that begin with an underscore are nobody's; for all that is not ours, the sandbox decides."""

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - as jinja2 has it
        """An attribute of a value, as a template names it."""
        if type(obj) in _OURS and not attribute.startswith("_"):
            try:
                return getattr(obj, attribute)
            except AttributeError:
                return self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as jinja2 has it
        """A call that a template makes. No function of Python is within its reach but those it is given."""
        kind = type(obj)
        if kind is FunctionType or (kind is MethodType and type(obj.__self__) in _OURS):
            for jinjas_own in ("_loop_vars", "_block_vars"):
                kwargs.pop(jinjas_own, None)
            return obj(*args, **kwargs)
        return super().call(context, obj, *args, **kwargs)
