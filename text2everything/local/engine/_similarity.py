"""Similarity of questions: their words are compared, those that change the answer with more weight."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import attrs

from text2everything.local.engine._words import (
    FILLERS,
    NEGATING_PREFIXES,
    NEGATIONS,
    NUMBERS,
    clean,
    opposite,
    stem,
    word_list,
    word_set,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# Ways of saying the same thing, brought to one word before anything else is compared.
_SAME: Final = {
    "count": "how many|number of|the number of|total number of|the total number of|count of|count of all|count all|"
    "tally of|no of",
    "total": "how much|sum of|sum up|overall|in total|altogether",
    "average": "on average|avg|mean",
    "by": "for each|for every|grouped by|group by|broken down by|split by|in each|per each|per",
    "latest": "most recent|newest",
    "oldest": "earliest",
    "highest": "largest|biggest|greatest|maximum|max",
    "lowest": "smallest|minimum|min",
    "above": "more than|greater than|over|exceeding|larger than|higher than|bigger than",
    "below": "less than|fewer than|under|cheaper than|lower than|smaller than",
    "last": "previous|past",
    "customer": "client|clients|buyer|buyers",
    "sales": "revenue|revenues|turnover",
    "by month": "monthly|month by month",
    "by day": "daily",
    "by week": "weekly",
    "by year": "yearly|annual|annually",
    "by quarter": "quarterly",
    "not": "are not|is not|isn't|aren't|does not|do not|doesn't|don't|has not|have not|haven't|hasn't",
}
# The same by their first word, the longest first: (words, what they stand for).
_PHRASES: Final[dict[str, list[tuple[list[str], list[str]]]]] = {}
for _meaning, _said in _SAME.items():
    for _phrase in sorted(_said.split("|"), key=len, reverse=True):
        _PHRASES.setdefault(_phrase.split()[0], []).append((_phrase.split(), _meaning.split()))
for _phrases in _PHRASES.values():
    _phrases.sort(key=lambda pair: -len(pair[0]))
_WORD: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)?|[^\W_]+")
_MONTHS: Final = {
    short: name
    for name in (
        word_list(
            """
    january february march april may june july august september october november december
    """
        )
    )
    for short in (name, name[:3])
} | {"sept": "september"}
_DAYS: Final = word_set("monday tuesday wednesday thursday friday saturday sunday today yesterday")
# A different one of these makes it a different question however alike the rest is.
_DECISIVE: Final = (
    NEGATIONS
    | _DAYS
    | frozenset(_MONTHS.values())
    | word_set(
        """
    day week month quarter year highest lowest latest oldest above below top bottom average total count
    last next first before after since until most least fewest
    """
    )
)
# Weights of the parts of a score.
_ORDER_WEIGHT: Final = 0.08
_DECISIVE_FACTOR: Final = 0.6
_TYPO_CREDIT: Final = 0.85
_TYPO_LENGTH: Final = 6
# Longer texts are only equal or not, and of very different ones typing errors are not looked for: both take long.
_LONGEST: Final = 10_000
_MOST_PAIRS: Final = 1_000


@attrs.frozen
class _Form:
    words: tuple[str, ...]
    counts: dict[str, int]
    pairs: frozenset[tuple[str, str]]


# These caches are small: the garbage collector goes through all objects in them, while everything else waits.
@lru_cache(maxsize=2048)
def _form(question: str) -> _Form:
    text = clean(question).casefold()
    written = _WORD.findall(text)
    words: list[str] = []
    after_by = False
    for said in _plain(written):
        word = said.replace(",", "") if said[0].isdigit() else stem(said)
        if said == "by":
            after_by = True
        elif word not in FILLERS:
            word = _MONTHS.get(word) or (str(NUMBERS[word]) if word in NUMBERS else word)
            # "orders by customer" is not "customers by order": what a question groups by is a word of its own
            words.append(f"by {word}" if after_by else word)
            after_by = False
    # A question of nothing but fillers is compared as written.
    words = words or written or text.split()
    return _Form(tuple(words), Counter(words), frozenset(pairwise(words)))


def question_words(question: str) -> tuple[str, ...]:
    """Return the words of a question that `similarity` compares, in their plain form.

    Example:
        >>> question_words("List the active customers!")
        ('active', 'customer')
    """
    return _form(question).words


def _plain(words: list[str]) -> Iterator[str]:
    """Replace each phrase that has a one-word synonym with that word."""
    i = 0
    while i < len(words):
        for phrase, meaning in _PHRASES.get(words[i], ()):
            if words[i : i + len(phrase)] == phrase:
                yield from meaning
                i += len(phrase)
                break
        else:
            yield words[i]
            i += 1


def same_question(a: str, b: str) -> bool:
    """Whether two questions differ only in filler words, word order and typing errors."""
    left, right = _missing(_form(a), _form(b))
    return bool(_form(a).words) and bool(_form(b).words) and not _unpaired(left, right)


@lru_cache(maxsize=4096)
def similarity(a: str, b: str) -> float:
    """Return the similarity of two questions, from 0 (no common words) to 1 (the same question).

    Case, punctuation, filler words, plurals and common synonyms are ignored. Numbers, dates, negations and
    superlatives have the most weight. Texts of more than 10,000 characters are the same or have nothing in common.

    Example:
        >>> similarity("Show active customers", "List the active customers!")
        1.0
    """
    if max(len(a), len(b)) > _LONGEST:
        return float(a == b)
    first, second = _form(a), _form(b)
    if not first.words or not second.words:
        return 0.0
    if first.words == second.words:
        return 1.0
    left, right = _missing(first, second)
    unpaired = _unpaired(left, right)
    typos = (len(left) + len(right) - len(unpaired)) // 2
    total = len(first.words) + len(second.words)
    shared = total - len(left) - len(right) + 2 * typos * _TYPO_CREDIT
    pairs = max(len(first.pairs), len(second.pairs))
    in_order = len(first.pairs & second.pairs) / pairs if pairs else 1.0
    score = shared / total * (1 - _ORDER_WEIGHT + _ORDER_WEIGHT * in_order)
    if _decisive(unpaired) or any(opposite(x, y) for x in left for y in right):
        score *= _DECISIVE_FACTOR
    return score


def _missing(first: _Form, second: _Form) -> tuple[list[str], list[str]]:
    """Return the words that only the first and only the second question has."""
    left = [word for word, n in first.counts.items() for _ in range(n - second.counts.get(word, 0))]
    right = [word for word, n in second.counts.items() for _ in range(n - first.counts.get(word, 0))]
    return left, right


def _unpaired(left: list[str], right: list[str]) -> list[str]:
    """Drop the pairs of words that differ by one typing error."""
    if len(left) * len(right) > _MOST_PAIRS:
        return left + right
    rest, alone = list(right), []
    for word in left:
        twin = next((other for other in rest if _slip(word, other)), None)
        if twin is None:
            alone.append(word)
        else:
            rest.remove(twin)
    return alone + rest


def _decisive(words: list[str]) -> bool:
    return any(word.removeprefix("by ") in _DECISIVE or any(map(str.isdigit, word)) for word in words)


@lru_cache(maxsize=4096)
def _slip(a: str, b: str) -> bool:
    """Whether two longer words differ by one letter or by two swapped letters."""
    if abs(len(a) - len(b)) > 1 or min(len(a), len(b)) < _TYPO_LENGTH or a[0] != b[0] or _negated(a, b):
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    left, right = a[start:], b[start:]
    return (
        left[1:] == right[1:]
        or left[1:] == right
        or left == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    ) and not (any(map(str.isdigit, a)) or any(map(str.isdigit, b)))


def _negated(a: str, b: str) -> bool:
    return any(a.startswith(prefix) != b.startswith(prefix) for prefix in NEGATING_PREFIXES)
