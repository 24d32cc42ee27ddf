"""Turns the row of a file into a rating."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from text2everything.exceptions import ValidationError
from text2everything.models.base import build
from text2everything.models.feedback import FeedbackCreate, FeedbackResponse

__all__ = ["parse_rating"]

RATING_FIELDS = tuple(field.name for field in attrs.fields(FeedbackCreate))
STORED_FIELDS = frozenset(field.name for field in attrs.fields(FeedbackResponse))

POSITIVE_WORDS = frozenset({"true", "1", "1.0", "yes", "y", "t", "on", "good", "positive", "up", "+1", "👍"})
NEGATIVE_WORDS = frozenset({"false", "0", "0.0", "no", "n", "f", "off", "bad", "negative", "down", "-1", "👎"})


def parse_rating(row: Mapping[str, Any], *, ignore_unknown: bool = False) -> FeedbackCreate:
    """Return the rating in a row keyed by field names.

    Args:
        row: The row. Fields that only a stored rating has, such as `id`, are ignored.
        ignore_unknown: Whether columns that no rating has are ignored, instead of being an error.

    Raises:
        ValidationError: A field is missing or invalid, or a column is unknown.
    """
    if not ignore_unknown:
        unknown = [name for name in row if name not in RATING_FIELDS and name not in STORED_FIELDS]
        if unknown:
            raise ValidationError(
                f"unknown column {', '.join(map(repr, unknown))}; a rating has {', '.join(RATING_FIELDS)}. "
                'Give the column of each field, as in columns={"feedback": "Comment"}, to ignore all other columns'
            )
    fields = {name: row[name] for name in RATING_FIELDS if name in row}
    if "is_positive" in fields:
        fields["is_positive"] = parse_is_positive(fields["is_positive"])
    if fields.get("execution_id") == "":
        fields["execution_id"] = None
    return build(FeedbackCreate, fields)


def parse_is_positive(value: object) -> object:
    """Return a cell as True or False; a value of another type is returned unchanged, for the model to refuse.

    Raises:
        ValidationError: The cell is empty, or a word that is neither positive nor negative.
    """
    if isinstance(value, str):
        word = value.strip().lower()
        if word not in POSITIVE_WORDS | NEGATIVE_WORDS:
            raise ValidationError(f"is_positive must be true or false, yes or no, 1 or 0, got {value[:50]!r}")
        return word in POSITIVE_WORDS
    if value is None:
        raise ValidationError("is_positive is empty")
    return bool(value) if isinstance(value, int | float) and value in {0, 1} else value
