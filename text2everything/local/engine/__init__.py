"""The question-answering engine of the embedded service: rules over the schema metadata, behind a small protocol."""

from __future__ import annotations

from text2everything.local.engine._contract import Draft, Engine, Example
from text2everything.local.engine._rules import RuleEngine
from text2everything.local.engine._similarity import similarity

__all__ = ["Draft", "Engine", "Example", "RuleEngine", "similarity"]
