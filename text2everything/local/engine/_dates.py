"""Parsing dates: "in March 2024", "last 30 days", "since 2024-05-01", as half-open ranges of days."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

import attrs

from text2everything.local.engine._words import NUMBERS, word_list

if TYPE_CHECKING:
    from collections.abc import Iterator

GRAINS: Final = ("day", "week", "month", "quarter", "year")


@attrs.frozen
class DateRange:
    """The days [start, end); None is unbounded. `note` says what was assumed."""

    start: dt.date | None
    end: dt.date | None
    text: str
    at: tuple[int, int]
    note: str | None = None


_MONTHS: Final = word_list("january february march april may june july august september october november december")
_MONTH: Final = "|".join(f"{m}|{m[:3]}\\.?" for m in _MONTHS) + r"|sept\.?"
_YEAR: Final = r"(?:19|20)\d\d"
_COUNT: Final = rf"(?:\d{{1,4}}|couple(?:\ of)?|few|{'|'.join(NUMBERS)})"
_UNIT: Final = r"day|week|month|quarter|year"
_ORDINALS: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}

# One date or period; the alternatives are tried in this order.
_POINT: Final = rf"""
    (?P<iso>{_YEAR}-\d\d?-\d\d?)(?:[T ]\d\d:\d\d(?::\d\d)?)?
  | (?P<iso_month>{_YEAR}-\d\d)(?!\d|-)
  | (?P<slashed>\d\d?[/.]\d\d?[/.]{_YEAR})
  | (?:(?P<day>\d\d?)(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<day_month>{_MONTH})(?:,?\s+(?P<day_year>{_YEAR}))?)\b
  | (?:(?P<month_first>{_MONTH})\s+(?P<day_after>\d\d?)(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<year_after>{_YEAR}))?)\b
  | (?:(?P<month_of>{_MONTH})(?:\s+of)?,?\s+(?P<of_year>{_YEAR}))\b
  | (?:q(?P<q>[1-4])[\s-]*(?:of\s+)?(?P<q_year>{_YEAR})?|(?P<year_q>{_YEAR})[\s-]*q(?P<q_after>[1-4])
      |(?P<q_word>{"|".join(_ORDINALS)})\s+quarter(?:\s+of)?(?:\s+(?P<q_word_year>{_YEAR}))?)\b
  | (?P<named>today|yesterday)\b
  | (?:(?P<which>this|current|last|previous|past)\s+(?P<which_unit>{_UNIT}))\b
  | (?:(?P<to_date>[ymq])td|(?P<to_date_unit>year|month|quarter|week)[\s-]to[\s-]date)\b
  | (?:(?P<ago>{_COUNT}|an?)\s+(?P<ago_unit>{_UNIT})s?\s+ago)\b
  | (?P<month>{_MONTH})(?!\w)
  | (?P<year>{_YEAR})(?![\w.-]|\s*%)
"""
_FLAGS: Final = re.IGNORECASE | re.VERBOSE
_NAMELESS: Final = re.sub(r"\(\?P<\w+>", "(?:", _POINT)
_POINT_RE: Final = re.compile(rf"(?<![\w-])(?:{_POINT})", _FLAGS)
_SPAN_RE: Final = re.compile(
    rf"""(?:(?<!\w)(?:between|from|since|starting(?:\s+from)?)\s+(?P<a>{_NAMELESS})
    \s*(?:and|to|until|till|through|thru|-|up\s+to)\s*(?P<b>{_NAMELESS}))
    | (?<![\w-])(?P<c>{_NAMELESS})\s*(?:to|until|till|through|thru|-)\s*(?P<d>{_NAMELESS})""",
    _FLAGS,
)
_ROLLING_RE: Final = re.compile(
    rf"""(?<!\w)(?:(?:in|over|during|within|for|from)\s+)?(?:the\s+)?(?:last|past|previous|trailing)\s+
    (?P<n>{_COUNT})\s+(?P<unit>{_UNIT}|hour)s?\b""",
    _FLAGS,
)
_AGE_RE: Final = re.compile(
    rf"""(?<!\w)(?:(?P<older>older\s+than|(?:more|longer)\s+than(?=.*\bago\b))|newer\s+than|younger\s+than|within
    |less\s+than(?=.*\bago\b))\s+(?:the\s+)?(?:last\s+|past\s+)?(?P<n>{_COUNT})\s+(?P<unit>{_UNIT})s?(?:\s+(?:ago|old))?\b""",
    _FLAGS,
)
_EDGE_RE: Final = re.compile(
    rf"""(?<!\w)(?:(?P<since>since|from|starting(?:\s+from)?|on\s+or\s+after|no\s+earlier\s+than)
    |(?P<after>after|later\s+than|newer\s+than)|(?P<before>before|prior\s+to|earlier\s+than|older\s+than)
    |until|till|up\s+to|by|on\s+or\s+before|through)\s+
    (?:the\s+(?:start|beginning|end)\s+of\s+)?(?:the\s+)?(?P<point>{_NAMELESS})""",
    _FLAGS,
)
_LEADING_RE: Final = re.compile(
    r"(?<!\w)(?:(?:in|on|of|for|during|within|at|dated|throughout)\s+)?(?:(?:the\s+)?(?:(?:month|year|quarter)\s+of\s+)?)$",
    re.IGNORECASE,
)
# Before a bare number that could be a year these say that it is a quantity; before "may" these say it is the verb.
_NOT_A_YEAR: Final = re.compile(
    r"(?:over|above|than|least|most|under|below|exceeding|top|first|last|id|number|limit|[<>=]=?|equals?|to|between"
    r"|between\s+\S+\s+and|\$|€|£)\s*$",
    re.IGNORECASE,
)
_YEAR_NOUN: Final = re.compile(r"\s+(?:units?|rows?|items?|euros?|dollars?|pieces?|usd|eur)\b", re.IGNORECASE)
_NOT_THE_VERB: Final = re.compile(
    r"\b(?:in|during|for|of|since|after|before|until|this|last|by|from|to|or|and)\s+$", re.IGNORECASE
)
_MOST_YEARS: Final = 50
_LAST_MONTH: Final = 12


def find_dates(text: str, today: dt.date) -> tuple[DateRange, ...]:
    """Return every date and period in a question, in order, without overlaps."""
    found: list[DateRange] = []
    for candidate in _candidates(text, today):
        start, end = candidate.at
        if all(end <= other.at[0] or start >= other.at[1] for other in found):
            found.append(candidate)
    return tuple(sorted(found, key=lambda r: r.at))


def _candidates(text: str, today: dt.date) -> Iterator[DateRange]:
    """Read every way of saying a period, the longest ways first."""
    for pattern, read in ((_SPAN_RE, _span), (_ROLLING_RE, _rolling), (_AGE_RE, _age), (_EDGE_RE, _edge)):
        for match in pattern.finditer(text):
            if found := read(match, text, today):
                yield DateRange(found[0], found[1], match[0].strip(), match.span(), found[2])
    for match in _POINT_RE.finditer(text):
        if found := _period(match, text, match.start(), today):
            leading = _LEADING_RE.search(text[: match.start()])
            at = (leading.start() if leading else match.start(), match.end())
            yield DateRange(found[0], found[1], match[0].strip(), at, found[2])


_Range = tuple[dt.date | None, dt.date | None, str | None]


def _span(match: re.Match[str], text: str, today: dt.date) -> _Range | None:
    """From one date to another. Of two bare numbers only those are years that could hardly be anything else."""
    key, first, last = ("a", match["a"], match["b"]) if match["a"] else ("c", match["c"], match["d"])
    if first.isdigit() and last.isdigit():
        if not 0 <= int(last) - int(first) <= _MOST_YEARS:
            return None
        return dt.date(int(first), 1, 1), dt.date(int(last) + 1, 1, 1), None
    if (year := re.search(rf"{_YEAR}$", last)) and not re.search(_YEAR, first):
        first = f"{first} {year[0]}"  # "from March to May 2024": the year is said once
    a, b = _point(first, text, match.start(key), today), _point(last, text, match.start(chr(ord(key) + 1)), today)
    start, end = a[0] if a else None, b[1] if b else None
    if a is None or b is None or start is None or end is None or start >= end:
        return None
    return start, end, a[2] or b[2]


def _rolling(match: re.Match[str], text: str, today: dt.date) -> _Range | None:
    del text
    hours = match["unit"].casefold() == "hour"
    start = shift(today, "day", -1) if hours else shift(today, match["unit"].casefold(), -_count(match["n"]))
    return (start, None, None) if start else None


def _age(match: re.Match[str], text: str, today: dt.date) -> _Range | None:
    """Parse "older than 30 days" and "newer than 30 days"."""
    del text
    day = shift(today, match["unit"].casefold(), -_count(match["n"]))
    return None if day is None else (None, day, None) if match["older"] else (day, None, None)


def _edge(match: re.Match[str], text: str, today: dt.date) -> _Range | None:
    """Since, after, before or until a date; "from last week" is in it, not since."""
    point = _point(match["point"], text, match.start("point"), today)
    start, end, note = point or (None, None, None)
    if start is None or end is None:
        return None
    said = match["point"].casefold()
    if (match["since"] or "").casefold() == "from" and ((end - start).days > 1 or said in {"today", "yesterday"}):
        return point
    if match["since"] or match["after"]:
        return start if match["since"] else end, None, note
    return None, start if match["before"] else end, note


def _point(point: str, text: str, at: int, today: dt.date) -> _Range | None:
    match = _POINT_RE.fullmatch(point)
    return _period(match, text, at, today) if match else None


def _period(match: re.Match[str], text: str, at: int, today: dt.date) -> _Range | None:
    """Turn one date or period, as written at `at`, into its range; None where it is no date after all."""
    found = {name: part for name, part in match.groupdict().items() if part}
    kind = next(iter(found))
    if kind in {"iso", "iso_month", "slashed", "day", "month_first", "month_of"}:
        return _calendar(kind, found, match[0].strip(), today)
    if kind in {"q", "year_q", "q_word"}:
        number = int(found.get("q") or found.get("q_after") or _ORDINALS[found.get("q_word", "").casefold()])
        stated = found.get("q_year") or found.get("year_q") or found.get("q_word_year")
        year = int(stated) if stated else today.year - (3 * number - 2 > today.month)
        start = dt.date(year, 3 * number - 2, 1)
        return start, shift(start, "month", 3), None if stated else f"{match[0].strip()} taken as that of {year}"
    if kind in {"month", "year"}:
        return _bare(kind, found[kind], text, at, today)
    return _relative(kind, {name: part.casefold() for name, part in found.items()}, today)


def _calendar(kind: str, found: dict[str, str], said: str, today: dt.date) -> _Range | None:
    if kind == "iso":
        year, month, day = map(int, found["iso"].split("-"))
        return _one_day(year, month, day)
    if kind == "iso_month":
        year, month = map(int, found["iso_month"].split("-"))
        return _month(year, month)
    if kind == "month_of":
        return _month(int(found["of_year"]), _month_number(found["month_of"]))
    if kind == "slashed":
        a, b, year = (int(part) for part in re.split(r"[/.]", said))
        if "." in said or a > _LAST_MONTH:
            return _one_day(year, b, a)
        return _one_day(year, a, b, None if b > _LAST_MONTH or a == b else f"{said} read as month/day/year")
    month = _month_number(found.get("day_month") or found["month_first"])
    day, stated = int(found.get("day") or found["day_after"]), found.get("day_year") or found.get("year_after")
    year = int(stated or today.year - ((month, day) > (today.month, today.day)))
    return _one_day(year, month, day, None if stated else f"{said} taken as {year}")


def _relative(kind: str, found: dict[str, str], today: dt.date) -> _Range | None:
    if kind == "which":
        unit = found["which_unit"]
        start = floor(today, unit)
        this = found["which"] in {"this", "current"}
        return (start, shift(start, unit, 1), None) if this else (shift(start, unit, -1), start, None)
    if kind in {"to_date", "to_date_unit"}:
        unit = found.get("to_date_unit") or {"y": "year", "m": "month", "q": "quarter"}[found["to_date"]]
        return floor(today, unit), shift(today, "day", 1), None
    day = shift(today, found["ago_unit"], -_count(found["ago"])) if kind == "ago" else today
    day = shift(today, "day", -1) if found.get("named") == "yesterday" else day
    return (day, shift(day, "day", 1), None) if day else None


def _bare(kind: str, said: str, text: str, at: int, today: dt.date) -> _Range | None:
    """Read a month without its year, the last one of that name, or a year; "may I" and the like are neither."""
    before = text[:at]
    if kind == "year":
        quantity = _NOT_A_YEAR.search(before) or _YEAR_NOUN.match(text[at + 4 :])
        return None if quantity else (dt.date(int(said), 1, 1), dt.date(int(said) + 1, 1, 1), None)
    doubtful = said.casefold() in {"may", "mar", "march", "sep", "dec", "jan"}
    if doubtful and not (_NOT_THE_VERB.search(before) or (said[0].isupper() and before.strip())):
        return None
    number = _month_number(said)
    year = today.year - (number > today.month)
    return (*_month(year, number)[:2], f"{said} taken as {year}")


def _one_day(year: int, month: int, day: int, note: str | None = None) -> _Range | None:
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None
    return date, date + dt.timedelta(days=1), note


def _month(year: int, month: int) -> _Range:
    start = dt.date(year, month, 1) if 1 <= month <= _LAST_MONTH else None
    return start, shift(start, "month", 1) if start else None, None


def _month_number(name: str) -> int:
    return next(i for i, month in enumerate(_MONTHS, 1) if month.startswith(name.casefold()[:3]))


def _count(text: str) -> int:
    text = text.casefold()
    return int(text) if text.isdigit() else 3 if text == "few" else NUMBERS.get(text.split()[0], 1)


def floor(day: dt.date, unit: str) -> dt.date:
    """Go back to the first day of the week (Monday), month, quarter or year."""
    months = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}
    if unit in months:
        return day.replace(month=months[unit], day=1)
    return day - dt.timedelta(days=day.weekday()) if unit == "week" else day


def shift(day: dt.date, unit: str, by: int) -> dt.date | None:
    """Move a day by a number of units, at most to the end of the month; None beyond the range of `date`."""
    try:
        if unit in {"day", "week"}:
            return day + dt.timedelta(days=by * (7 if unit == "week" else 1))
        months = day.year * 12 + day.month - 1 + by * {"month": 1, "quarter": 3, "year": 12}[unit]
        first = dt.date(months // 12, months % 12 + 1, 1)
        last = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
        return first.replace(day=min(day.day, last.day))
    except (OverflowError, ValueError):
        return None
