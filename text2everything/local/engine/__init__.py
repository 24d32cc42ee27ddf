"""The engine of the embedded service, which turns questions into SQL: the protocol, and `RuleEngine`."""

from __future__ import annotations

from text2everything.local.engine._protocol import Draft, Engine, Example
from text2everything.local.engine._rule_engine import RuleEngine
from text2everything.local.engine._similarity import question_words, similarity

__all__ = ["Draft", "Engine", "Example", "RuleEngine", "question_words", "similarity"]
