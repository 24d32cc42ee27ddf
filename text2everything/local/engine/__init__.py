"""The engines of the embedded service, which turn questions into SQL: the protocol, by rules, and by a model."""

from __future__ import annotations

from text2everything.local.engine._model_engine import ModelEngine
from text2everything.local.engine._protocol import Draft, Engine, Example
from text2everything.local.engine._rule_engine import RuleEngine
from text2everything.local.engine._similarity import MOST_IF_DIFFERENT, question_words, similarity

__all__ = [
    "MOST_IF_DIFFERENT",
    "Draft",
    "Engine",
    "Example",
    "ModelEngine",
    "RuleEngine",
    "question_words",
    "similarity",
]
