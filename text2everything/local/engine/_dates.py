"""Parsing dates: "in March 2024", "last 30 days", "since 2024-05-01", as half-open ranges of days."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

import attrs

from text2everything.local.engine._words import word_list

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


_MONTHS: Final = word_list(
    """
    january february march april may june july august september october november december
    """
)
_MONTH: Final = "|".join(f"{m}|{m[:3]}\\.?" for m in _MONTHS) + r"|sept\.?"
_YEAR: Final = r"(?:19|20)\d\d"
_COUNT: Final = (
    r"(?:\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|thirty|sixty|ninety|couple(?: of)?|few)"
)
_COUNTS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "thirty": 30, "sixty": 60, "ninety": 90, "couple": 2, "couple of": 2, "few": 3,
}  # fmt: skip
_ORDINALS: Final = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
    "last": 4,
}

# One date or period; the alternatives are tried in this order.
_POINT: Final = rf"""
    (?P<iso>{_YEAR}-\d\d?-\d\d?)(?:[T ]\d\d:\d\d(?::\d\d)?)?
  | (?P<iso_month>{_YEAR}-\d\d)(?!\d|-)
  | (?P<slashed>\d\d?[/.]\d\d?[/.]{_YEAR})
  | (?P<day_month>(?P<dm_day>\d\d?)(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<dm_month>{_MONTH})
      (?:,?\s+(?P<dm_year>{_YEAR}))?)\b
  | (?P<month_day>(?P<md_month>{_MONTH})\s+(?P<md_day>\d\d?)(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<md_year>{_YEAR}))?)\b
  | (?P<month_year>(?P<my_month>{_MONTH})(?:\s+of)?,?\s+(?P<my_year>{_YEAR}))\b
  | (?P<quarter>q(?P<q>[1-4])[\s-]*(?:of\s+)?(?P<q_year>{_YEAR})?|(?P<qb_year>{_YEAR})[\s-]*q(?P<qb>[1-4])
      |(?P<q_word>first|second|third|fourth|1st|2nd|3rd|4th)\s+quarter(?:\s+of)?(?:\s+(?P<qw_year>{_YEAR}))?)\b
  | (?P<named>today|yesterday|(?P<rel>this|current|last|previous|past)\s+(?P<rel_unit>day|week|month|quarter|year))\b
  | (?P<to_date>ytd|mtd|qtd|(?P<td_unit>year|month|quarter|week)[\s-]to[\s-]date)\b
  | (?P<ago>(?P<ago_n>{_COUNT}|an?)\s+(?P<ago_unit>day|week|month|quarter|year)s?\s+ago)\b
  | (?P<month>(?P<m>{_MONTH}))(?!\w)
  | (?P<year>{_YEAR})(?![\w.-]|\s*%)
"""
_GROUPS = re.compile(r"\(\?P<\w+>")


def _nameless(pattern: str) -> str:
    return _GROUPS.sub("(?:", pattern)


_FLAGS: Final = re.IGNORECASE | re.VERBOSE
_POINT_RE: Final = re.compile(rf"(?<![\w-])(?:{_POINT})", _FLAGS)
_SPAN_RE: Final = re.compile(
    rf"""(?<!\w)(?:between|from|since|starting(?:\s+from)?)\s+(?P<a>{_nameless(_POINT)})
    \s*(?:and|to|until|till|through|thru|-|up\s+to)\s*(?P<b>{_nameless(_POINT)})""",
    _FLAGS,
)
_BARE_SPAN_RE: Final = re.compile(
    rf"(?<![\w-])(?P<a>{_nameless(_POINT)})\s*(?:to|until|till|through|thru|-)\s*(?P<b>{_nameless(_POINT)})", _FLAGS
)
_ROLLING_RE: Final = re.compile(
    rf"""(?<!\w)(?:(?:in|over|during|within|for|from)\s+)?(?:the\s+)?(?:last|past|previous|trailing)\s+
    (?P<n>{_COUNT})\s+(?P<unit>day|week|month|quarter|year|hour)s?\b""",
    _FLAGS,
)
_AGE_RE: Final = re.compile(
    rf"""(?<!\w)(?:(?P<older>older\s+than|(?:more|longer)\s+than(?=.*\bago\b))|newer\s+than|younger\s+than|within
    |less\s+than(?=.*\bago\b))\s+(?:the\s+)?(?:last\s+|past\s+)?(?P<n>{_COUNT})\s+
    (?P<unit>day|week|month|quarter|year)s?(?:\s+(?:ago|old))?\b""",
    _FLAGS,
)
_EDGE_RE: Final = re.compile(
    rf"""(?<!\w)(?P<edge>since|after|from|starting(?:\s+from)?|on\s+or\s+after|later\s+than|newer\s+than|no\s+earlier\s+than
    |before|until|till|up\s+to|by|prior\s+to|earlier\s+than|older\s+than|on\s+or\s+before|through)\s+
    (?:the\s+(?:start|beginning|end)\s+of\s+)?(?:the\s+)?(?P<point>{_nameless(_POINT)})""",
    _FLAGS,
)
_LEADING_RE: Final = re.compile(
    r"(?<!\w)(?:(?:in|on|of|for|during|within|at|dated|throughout)\s+)?(?:(?:the\s+)?(?:(?:month|year|quarter)\s+of\s+)?)$",
    re.IGNORECASE,
)
# Before a bare number that could be a year these say that it is a quantity; before "may" these say it is the verb.
_NOT_A_YEAR: Final = re.compile(
    r"(?:over|above|than|least|most|under|below|exceeding|top|first|last|id|number|limit|[<>=]=?|equals?|to|between|between\s+\S+\s+and|\$|€|£)\s*$",
    re.IGNORECASE,
)
_YEAR_NOUN: Final = re.compile(r"\s+(?:units?|rows?|items?|euros?|dollars?|pieces?|usd|eur)\b", re.IGNORECASE)
_VERB_MAY: Final = re.compile(
    r"(?:\b(?:in|during|for|of|since|after|before|until|this|last|by|from|to)\s+)$", re.IGNORECASE
)


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
    for pattern in (_SPAN_RE, _BARE_SPAN_RE):
        yield from (r for match in pattern.finditer(text) if (r := _span(match, text, today)))
    yield from (r for match in _ROLLING_RE.finditer(text) if (r := _rolling(match, today)))
    yield from (r for match in _AGE_RE.finditer(text) if (r := _age(match, today)))
    yield from (r for match in _EDGE_RE.finditer(text) if (r := _edge(match, text, today)))
    for match in _POINT_RE.finditer(text):
        if point := _resolve(match[0], text, match.start(), today):
            leading = _LEADING_RE.search(text[: match.start()])
            yield attrs.evolve(point, at=(leading.start() if leading else match.start(), match.end()))


def _span(match: re.Match[str], text: str, today: dt.date) -> DateRange | None:
    """From one date to another. Of two bare numbers only those are years that could hardly be anything else."""
    first, last = match["a"], match["b"]
    if first.isdigit() and last.isdigit():
        if not 0 <= int(last) - int(first) <= _MOST_YEARS:
            return None
        years = (dt.date(int(first), 1, 1), dt.date(int(last) + 1, 1, 1))
        return DateRange(*years, match[0].strip(), match.span())
    if (year := re.search(rf"{_YEAR}$", last)) and not re.search(_YEAR, first):
        first = f"{first} {year[0]}"  # "from March to May 2024": the year is said once
    a, b = _resolve(first, text, match.start("a"), today), _resolve(last, text, match.start("b"), today)
    if a is None or b is None or a.start is None or b.end is None or a.start >= b.end:
        return None
    return DateRange(a.start, b.end, match[0].strip(), match.span(), a.note or b.note)


def _rolling(match: re.Match[str], today: dt.date) -> DateRange | None:
    count, unit = _count(match["n"]), match["unit"].casefold()
    start = today - dt.timedelta(days=1) if unit == "hour" else shift(today, unit, -count)
    return DateRange(start, None, match[0].strip(), match.span()) if start else None


def _age(match: re.Match[str], today: dt.date) -> DateRange | None:
    """Parse "older than 30 days" and "newer than 30 days"."""
    day = shift(today, match["unit"].casefold(), -_count(match["n"]))
    if day is None:
        return None
    older = match["older"] is not None
    return DateRange(None if older else day, day if older else None, match[0].strip(), match.span())


def _edge(match: re.Match[str], text: str, today: dt.date) -> DateRange | None:
    """Since, after, before or until a date; "from last week" is in it, not since."""
    point = _resolve(match["point"], text, match.start("point"), today)
    if point is None or point.start is None or point.end is None:
        return None
    edge = " ".join(match["edge"].casefold().split())
    said = match["point"].casefold()
    if edge == "from" and ((point.end - point.start).days > 1 or said in {"today", "yesterday"}):
        return attrs.evolve(point, at=match.span())
    start, end = None, None
    if edge in _SINCE:
        start = point.start
    elif edge in _AFTER:
        start = point.end
    else:
        end = point.start if edge in _BEFORE else point.end
    return DateRange(start, end, match[0].strip(), match.span(), point.note)


_MOST_YEARS: Final = 50
_SINCE: Final = frozenset(("since", "from", "on or after", "no earlier than", "starting", "starting from"))
_AFTER: Final = frozenset(("after", "later than", "newer than"))
_BEFORE: Final = frozenset(("before", "prior to", "earlier than", "older than"))


def _resolve(point: str, text: str, at: int, today: dt.date) -> DateRange | None:
    """Turn one date or period, as written at `at`, into its range; None where it is no date after all."""
    match = _POINT_RE.fullmatch(point)
    if match is None:
        return None
    kind = next(name for name in _KINDS if match[name])
    found: _Range | None = getattr(_Point(match, text, at, today), kind)()
    if found is None:
        return None
    start, end, note = found
    return DateRange(start, end, point.strip(), (at, at + len(point)), note) if start and end else None


_Range = tuple[dt.date | None, dt.date | None, str | None]


@attrs.frozen
class _Point:
    """A date or period as written: its match, where it stands in which text, and what day it is today."""

    match: re.Match[str]
    text: str
    at: int
    today: dt.date

    def iso(self) -> _Range | None:
        year, month, day = self.match["iso"].split("-")
        return _one_day(int(year), int(month), int(day))

    def iso_month(self) -> _Range | None:
        year, month = self.match["iso_month"].split("-")
        return _month(int(year), int(month))

    def slashed(self) -> _Range | None:
        written = self.match["slashed"]
        a, b, year = (int(part) for part in re.split(r"[/.]", written))
        if "." in written or a > _LAST_MONTH:
            return _one_day(year, b, a)
        note = None if b > _LAST_MONTH or a == b else f"{written} read as month/day/year"
        return _one_day(year, a, b, note)

    def day_month(self) -> _Range | None:
        return self._day("dm")

    def month_day(self) -> _Range | None:
        return self._day("md")

    def _day(self, prefix: str) -> _Range | None:
        month, day = _month_number(self.match[f"{prefix}_month"]), int(self.match[f"{prefix}_day"])
        if stated := self.match[f"{prefix}_year"]:
            return _one_day(int(stated), month, day)
        today = self.today
        year = today.year if (month, day) <= (today.month, today.day) else today.year - 1
        return _one_day(year, month, day, f"{self.match[0]} taken as {year}")

    def month_year(self) -> _Range | None:
        return _month(int(self.match["my_year"]), _month_number(self.match["my_month"]))

    def quarter(self) -> _Range | None:
        match, today = self.match, self.today
        number = int(match["q"] or match["qb"] or _ORDINALS[match["q_word"].casefold()])
        stated = match["q_year"] or match["qb_year"] or match["qw_year"]
        year = int(stated) if stated else today.year - (3 * number - 2 > today.month)
        start = dt.date(year, 3 * number - 2, 1)
        return start, shift(start, "month", 3), None if stated else f"{match[0].strip()} taken as that of {year}"

    def named(self) -> _Range | None:
        name, today = self.match["named"].casefold(), self.today
        if name in {"today", "yesterday"}:
            day = today - dt.timedelta(days=name == "yesterday")
            return day, shift(day, "day", 1), None
        unit = self.match["rel_unit"].casefold()
        start = floor(today, unit)
        if self.match["rel"].casefold() in {"this", "current"}:
            return start, shift(start, unit, 1), None
        return shift(start, unit, -1), start, None

    def to_date(self) -> _Range | None:
        unit = self.match["td_unit"] or {"y": "year", "m": "month", "q": "quarter"}[self.match[0][0].casefold()]
        return floor(self.today, unit.casefold()), shift(self.today, "day", 1), None

    def ago(self) -> _Range | None:
        day = shift(self.today, self.match["ago_unit"].casefold(), -_count(self.match["ago_n"]))
        return (day, shift(day, "day", 1), None) if day else None

    def month(self) -> _Range | None:
        """A month without its year: the last one of that name. "May I", "the dec" and the like are none."""
        name, before = self.match["m"], self.text[: self.at]
        doubtful = name.casefold() in {"may", "mar", "march", "sep", "dec", "jan"}
        if doubtful and not (_VERB_MAY.search(before) or (name[0].isupper() and before.strip())):
            return None
        number = _month_number(name)
        year = self.today.year if number <= self.today.month else self.today.year - 1
        start, end, _ = _month(year, number)
        return start, end, f"{name} taken as {year}"

    def year(self) -> _Range | None:
        if _NOT_A_YEAR.search(self.text[: self.at]) or _YEAR_NOUN.match(self.text[self.at + 4 :]):
            return None
        year = int(self.match["year"])
        return dt.date(year, 1, 1), dt.date(year + 1, 1, 1), None


_KINDS: Final = (
    "iso", "iso_month", "slashed", "day_month", "month_day", "month_year", "quarter", "named", "to_date", "ago",
    "month", "year",
)  # fmt: skip
_LAST_MONTH: Final = 12


def _one_day(year: int, month: int, day: int, note: str | None = None) -> _Range | None:
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None
    return date, date + dt.timedelta(days=1), note


def _month(year: int, month: int) -> _Range:
    if not 1 <= month <= 12:  # noqa: PLR2004
        return None, None, None
    start = dt.date(year, month, 1)
    return start, shift(start, "month", 1), None


def _month_number(name: str) -> int:
    return next(i for i, month in enumerate(_MONTHS, 1) if month.startswith(name.casefold()[:3]))


def _count(text: str) -> int:
    text = text.casefold()
    return int(text) if text.isdigit() else _COUNTS.get(text, 1)


def floor(day: dt.date, unit: str) -> dt.date:
    """Go back to the first day of the week (Monday), month, quarter or year."""
    match unit:
        case "week":
            return day - dt.timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


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
