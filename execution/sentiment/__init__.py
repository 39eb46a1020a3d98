"""How the texts that customers wrote to us sound: worked out once for each text, by a lexicon."""

from execution.sentiment.run import lend, run

__all__ = ["lend", "run"]
