"""Putting another literal into SQL: France for Germany, March for May, 10 for 5; only where it is unambiguous."""

from __future__ import annotations

import calendar
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from text2everything.local.engine._question import MONTH_NAMES, MONTHS, read_question
from text2everything.local.engine._similarity import same_question
from text2everything.local.engine._words import DEMONYMS, NUMBERS, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from text2everything.local.engine._question import Word

_COMPARISONS: Final = (exp.Predicate, exp.Between, exp.In)
_COUNTS: Final = (*_COMPARISONS, exp.Limit, exp.Fetch, exp.Interval, exp.DateAdd, exp.DateSub)
_SPAN_OF_TIME: Final = re.compile(r"([+-]?)(\d+)( (?:day|week|month|year|hour|minute)s?)", re.IGNORECASE)
_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(.*)", re.DOTALL)
_YEARS: Final = range(1900, 2200)
_MOST_WORDS: Final = 4


def differing_literals(known: str, asked: str) -> Iterator[tuple[str, str, bool]]:
    """Yield the literals of two questions that differ in nothing else, and whether the second is written as a name.

    Example:
        >>> [*differing_literals("Customers in Germany", "customers in France")]
        [('Germany', 'France', True)]
    """
    known, asked = clean(known), clean(asked)
    first, second = read_question(known).words, read_question(asked).words
    here, there = _only(first, second, known), _only(second, first, asked)
    if not here or not there:
        return
    for old, new in ((_full_name(first, here, known), _full_name(second, there, asked)), (here, there)):
        (start, end), text = new, known[slice(*old)]
        if same_question(known, asked[:start] + text + asked[end:]):
            said = asked[start:end]
            yield text, said, start > 0 and all(word[0].isupper() for word in said.split())


def _only(words: Sequence[Word], others: Sequence[Word], text: str) -> tuple[int, int] | None:
    """Return the place of the words that only one question has, if they are neighbours."""
    rest = [word.plain for word in others]
    found: list[Word] = []
    for word in words:
        if word.plain in rest:
            rest.remove(word.plain)
        else:
            found.append(word)
    plain = [word.plain for word in words]
    if not 0 < len(found) <= _MOST_WORDS or any(word.start < 0 or plain.count(word.plain) > 1 for word in found):
        return None
    together = all(not text[a.end : b.start].strip(" -.'") for a, b in pairwise(found))
    return (found[0].start, found[-1].end) if together else None


def _full_name(words: Sequence[Word], place: tuple[int, int], text: str) -> tuple[int, int]:
    """Return the place of the whole name that a part of it belongs to: of Ann Lee for Lee."""
    start, end = place
    named = [word for word in words if word.start >= 0 and text[word.start].isupper()]
    if text[start].isupper():
        for word in reversed(named):
            start = word.start if word.end + 1 == start and text[word.end] == " " else start
        for word in named:
            end = word.end if word.start - 1 == end and text[end] == " " else end
    return start, end


def substitute(
    sql: str, dialect: str, old: str, new: str, values: Mapping[str, Sequence[str]], *, is_name: bool
) -> str | None:
    """Return SQL with another literal, or None where it is not certain which one, or what to put there.

    Args:
        sql: One query.
        dialect: The dialect of sqlglot that it is in, and its result.
        old: The literal as the question of the SQL has it.
        new: The one to put there, as the new question has it.
        values: The known values of columns, by the columns' names in lower case.
        is_name: Whether the new one is written as a name; otherwise it must be a known value.
    """
    try:
        tree = sqlglot.parse_one(sql, dialect=dialect)
    except (SqlglotError, RecursionError):
        return None
    a, b = old.casefold(), new.casefold()
    if a in MONTHS and b in MONTHS:
        months = MONTH_NAMES.index(MONTHS[a]) + 1, MONTH_NAMES.index(MONTHS[b]) + 1
        done = _change(tree, lambda literal: _other_month(literal, *months), most=2)
    elif (one := _number(a)) is not None and (other := _number(b)) is not None:
        done = _change(tree, lambda literal: _other_number(literal, one, other), most=1)
        if not done and one.isdigit() and other.isdigit() and int(one) in _YEARS and int(other) in _YEARS:
            done = _change(tree, lambda literal: _other_year(literal, int(one), int(other)), most=2)
    elif a in MONTHS or b in MONTHS or one is not None or _number(b) is not None:
        return None
    else:
        done = _change(tree, lambda literal: _other_name(literal, old, new, values, is_name=is_name), most=1)
    return _written(tree, dialect) if done else None


def _written(tree: exp.Expr, dialect: str) -> str | None:
    try:
        return tree.sql(dialect=dialect, unsupported_level=ErrorLevel.IGNORE)
    except (SqlglotError, RecursionError):
        return None


def _change(tree: exp.Expr, change: Callable[[exp.Literal], str | None], most: int) -> bool:
    """Change the literals for which there is another text; an empty one says that nothing may be changed at all."""
    changes = [(literal, text) for literal in tree.find_all(exp.Literal) if (text := change(literal)) is not None]
    # Two are the start and the end of one span of time.
    if not 0 < len(changes) <= most or any(not text for _, text in changes):
        return False
    if len(changes) > 1 and not all(_DATE.fullmatch(literal.name) for literal, _ in changes):
        return False
    for literal, text in changes:
        literal.set("this", text)
    return True


def _number(text: str) -> str | None:
    text = str(NUMBERS.get(text, text)).replace(",", "")
    return text if re.fullmatch(r"\d+(\.\d+)?|\d{4}-\d\d-\d\d", text) else None


def _other_number(literal: exp.Literal, old: str, new: str) -> str | None:
    if literal.name == old:
        return new if isinstance(literal.parent, _COUNTS) else ""
    span = _SPAN_OF_TIME.fullmatch(literal.name) if literal.is_string else None
    return f"{span[1]}{new}{span[3]}" if span and span[2] == old else None


def _other_year(literal: exp.Literal, old: int, new: int) -> str | None:
    if not literal.is_string:
        return None
    if date := _DATE.fullmatch(literal.name):
        year = int(date[1])
        is_end = (year, date[2], date[3]) == (old + 1, "01", "01")
        if (year != old and not is_end) or (date[2], date[3]) == ("02", "29"):
            return ""
        return f"{year + new - old}{literal.name[4:]}"
    return f"{new}{literal.name[4:]}" if re.fullmatch(rf"{old}-(\d\d)?-?%?", literal.name) else None


def _other_month(literal: exp.Literal, old: int, new: int) -> str | None:
    text, parent = literal.name, literal.parent
    if date := _DATE.fullmatch(text) if literal.is_string else None:
        return _other_day(date, old, new)
    if literal.is_string and (short := re.fullmatch(rf"(%|\d{{4}})-{old:02}(-?%?)", text)):
        return f"{short[1]}-{new:02}{short[2]}"
    if literal.is_string and MONTHS.get(text.casefold()) == MONTH_NAMES[old - 1]:
        if text.casefold() == "may":
            return ""  # it is both the name and its short form
        name = MONTH_NAMES[new - 1].capitalize()
        name = name if len(text) > 3 else name[:3]  # noqa: PLR2004
        return name.upper() if text.isupper() else name.lower() if text.islower() else name
    if text in {str(old), f"{old:02}"} and isinstance(parent, _COMPARISONS):
        # 03 is a month where it is compared with a month.
        is_month = re.search(r"month|%m|'mm'", parent.sql().replace(f"'{text}'", ""), re.IGNORECASE)
        return f"{new:0{len(text)}}" if is_month else ""
    return None


def _other_day(date: re.Match[str], old: int, new: int) -> str:
    """Return the first or last day of another month, or the day after it; other days are not certain."""
    year, month, day = int(date[1]), int(date[2]), int(date[3])
    if (month, day) == (old, 1):
        month, day = new, 1
    elif (month, day) == (old, calendar.monthrange(year, old)[1]):
        month, day = new, calendar.monthrange(year, new)[1]
    elif (month, day) == (old % 12 + 1, 1):
        year += (new == 12) - (old == 12)  # noqa: PLR2004
        month, day = new % 12 + 1, 1
    else:
        return ""
    return f"{year}-{month:02}-{day:02}{date[4]}"


def _other_name(
    literal: exp.Literal, old: str, new: str, values: Mapping[str, Sequence[str]], *, is_name: bool
) -> str | None:
    text = literal.name.strip("%")
    folded, a, b = text.casefold(), old.casefold(), new.casefold()
    if not literal.is_string or folded not in {a, DEMONYMS.get(a)}:
        return None
    if a.endswith(b) or b.endswith(a):
        return ""  # unpaid for paid
    if folded in DEMONYMS and b not in DEMONYMS:
        return ""
    if folded not in DEMONYMS and b in DEMONYMS:  # French for German, where the literal is Germany
        new = DEMONYMS[b].title() if len(DEMONYMS[b]) > 3 else DEMONYMS[b].upper()  # noqa: PLR2004
    is_name = is_name or b in DEMONYMS
    columns = {column.name.casefold() for column in literal.parent.find_all(exp.Column)} if literal.parent else set()
    own: dict[str, str] = {}
    others: set[str] = set()
    for name, known in values.items():
        spelled = {value.casefold(): value for value in known}
        if name in columns or folded in spelled:
            own |= spelled
        else:
            others |= spelled.keys()
    if new.casefold() in own:
        new = own[new.casefold()]
    elif not is_name or folded in own or new.casefold() in others:
        return ""  # it may be a value of another column
    if text not in own.values():  # as it is written there: lower(country) = 'germany'
        new = new.lower() if text.islower() else new.upper() if text.isupper() else new
    return literal.name.replace(text, new)
