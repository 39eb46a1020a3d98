"""Named quantities over the entities, as of a moment: every measure of an entity in one pass."""

from execution.measures.compile import Compiled, compile_measures
from execution.measures.run import measure, run
from execution.measures.stored import Stored, entity_select

__all__ = ["Compiled", "Stored", "compile_measures", "entity_select", "measure", "run"]
