"""Whether two questions ask for the same, and how similar they are if not, for reuse and for the cache."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from text2everything.local.engine._question import ADVERBS, FIGURES, RANKS, read_question

if TYPE_CHECKING:
    from text2everything.local.engine._question import Question

MOST_IF_DIFFERENT: Final = 0.6
"""The most similarity of questions that ask for different things; the cache's default threshold is higher."""
_ORDER_WEIGHT: Final = 0.08
# Longer texts are only equal or not: it would take long.
_LONGEST: Final = 10_000


def question_words(question: str) -> tuple[str, ...]:
    """Return the words of a question that `similarity` compares, in their plain form.

    Example:
        >>> question_words("List the active customers!")
        ('active', 'customer')
    """
    return tuple(word.plain for word in read_question(question).words)


@lru_cache(maxsize=4096)
def same_question(a: str, b: str) -> bool:
    """Whether two questions ask for the same in other words: everything that changes the answer is the same.

    Example:
        >>> same_question("Number of orders per customer", "How many orders does each customer have?")
        True
    """
    if max(len(a), len(b)) > _LONGEST:
        return a == b
    first, second = read_question(a), read_question(b)
    return bool(first.words) and (first == second or _agree(first, second))


def _agree(first: Question, second: Question) -> bool:
    return (
        _same_terms(first, second)
        and _same_groups(first, second)
        and not any((y, x) in second.links for x, y in first.links)
        and not any((y, x) in second.subjects for x, y in first.subjects)
        and all(second.names.get(plain, name) == name for plain, name in first.names.items())
        and not _ask_for_others(first, second)
        and not _swapped(first, second)
    )


def _same_terms(first: Question, second: Question) -> bool:
    here, there = first.terms - second.terms, second.terms - first.terms
    return (
        not (here and there) and here.keys() <= _optional(first, second) and there.keys() <= _optional(second, first)
    )


def _optional(question: Question, other: Question) -> set[str]:
    """Return the terms of a question that the other one may leave out."""
    found = set(question.optional)
    if other.asked == "who":
        found.add(question.asked)
    if other.is_count and question.groups:
        found.add(" count")
    return found


def _ask_for_others(first: Question, second: Question) -> bool:
    """Whether each asks which of something else, or only one asks who: "Who borrowed most?", "most borrowed"."""
    for one, other in ((first, second), (second, first)):
        if one.heads == ["who"]:
            return other.asked != "who" and not other.terms - one.terms
    return bool(first.heads and second.heads) and not {*first.heads} & {*second.heads}


def _same_groups(first: Question, second: Question) -> bool:
    """Whether both ask for one figure or for one for each of the same."""
    swapped = first.groups - second.groups and second.groups - first.groups
    return not swapped and bool(first.groups or not second.is_grouped) and bool(second.groups or not first.is_grouped)


def _swapped(first: Question, second: Question) -> bool:
    """Whether two words changed places: "3 red and 5 blue" and "5 red and 3 blue"."""
    others = second.stretches
    return any(
        start != last
        and not {start, last} & (FIGURES | ADVERBS)
        and not (len(middle) == 1 and len({start, last} & RANKS) == 1)
        and (last, *middle, start) in others
        for start, *middle, last in first.stretches
    )


@lru_cache(maxsize=4096)
def similarity(a: str, b: str) -> float:
    """Return the similarity of two questions, from 0 (no common words) to 1 (the same question).

    Case, punctuation, plurals, words without meaning and common synonyms are ignored. Questions that ask for the same
    have at least 0.9. If anything differs that changes the answer, such as a number, a name, a negation, a comparison
    or a further condition, they have at most 0.6, however alike they are.

    Example:
        >>> similarity("Show active customers", "List the active customers!")
        1.0
        >>> similarity("Show active customers", "Show customers that are not active") < 0.65
        True
    """
    if max(len(a), len(b)) > _LONGEST:
        return float(a == b)
    first, second = read_question(a), read_question(b)
    if not first.words or not second.words:
        return 0.0
    pairs = [{*pairwise(word.plain for word in question.words)} for question in (first, second)]
    longer = max(map(len, pairs))
    in_order = len(pairs[0] & pairs[1]) / longer if longer else 1.0
    score = 1 - _ORDER_WEIGHT * (1 - in_order)
    if same_question(a, b):
        return score
    shared = 2 * (first.terms & second.terms).total() / (len(first.words) + len(second.words))
    return MOST_IF_DIFFERENT * shared * score
