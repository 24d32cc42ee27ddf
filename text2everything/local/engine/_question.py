"""`Question`: what a question asks for, as words in plain form, with what belongs together and in which order."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import attrs

from text2everything.local.engine._words import DEMONYMS, NUMBERS, clean, stem, word_list, word_set

if TYPE_CHECKING:
    from collections.abc import Iterable

# Dropped wherever they are.
_NEUTRAL: Final = word_set(
    """
    a an the that these those there here it its they them their he she his her i me my we us our you your is are was
    were be been being do does did doing have has had having will would can could shall should might must show list
    display give get got overview find fetch return print see view tell want need like know let look retrieve select
    query what whats which who whom whose how please kindly thanks hello hi just also still then now currently
    actually really ever yet already so far anything anyone of for in on at with from as within among during via and
    throughout all any every both entire whole full record row entry table detail information info data exist s t re
    ve ll d m when where if am
    """
)
# What stands on both sides of one belongs together in this order.
_LINKS: Final = word_set("of with without have has had having by per that which who whose in from for to on at")
# Each meaning, and the phrases that have it; articles are dropped before.
_SAME: Final = """
    count: how many|number of|total number of|total count of|overall number of|count of|count all|tally of|no of
    how-much: how much
    total: sum of|sum up|sum|overall|in total|altogether
    average: on average|avg|mean
    percent: ratio of|percentage of|percentage|percent of|share of|proportion of|fraction of|%
    distinct: unique|different
    by: for each|for every|for all|grouped by|group by|broken down by|split by|in each|in every|of each|of every|per
    by: each
    highest: largest|biggest|greatest|maximum|max|most|most often|most frequently|best|top
    highest: highest number of|largest number of|maximum number of
    lowest: smallest|minimum|min|least|least often|fewest|worst|bottom
    lowest: lowest number of|smallest number of|minimum number of
    highest price: most expensive|most costly|priciest|costliest
    lowest price: least expensive|least costly|cheapest
    highest weight: heaviest
    lowest weight: lightest
    highest long: longest
    lowest long: shortest
    latest: most recent|most recently|newest
    oldest: earliest
    above: more than|greater than|over|exceeding|exceeds|in excess of|larger than|higher than|bigger than|>
    below: less than|fewer than|under|lower than|smaller than|<
    above price: more expensive than
    below price: cheaper than|less expensive than
    : at least one|one or more|some
    at-least 2: more than one|more than once|multiple|several
    at-least: at least|no less than|no fewer than|not less than|not fewer than|minimum of|+|> =
    at-least: or more|or above|or over|or higher
    at-most: at most|no more than|not more than|maximum of|up to|or less|or fewer|or below|or under|or lower|< =
    after: later than
    before: earlier than|prior to
    until: till|up until
    since: onwards|onward
    last: previous|past|over last|over past
    this: current
    by month: monthly|month by month
    by day: daily|day by day
    by week: weekly|week by week
    by quarter: quarterly
    by year: yearly|annually|annual|year by year
    q 1: first quarter
    q 2: second quarter
    q 3: third quarter
    q 4: fourth quarter
    sort: sorted by|ordered by|order by|sort by|ranked by|in order of|sorted|ranked
    descending: in descending order|descending order|desc|highest first|largest first|high to low
    not: without|lacking|lack|no|never|non|none|neither|nor|cannot|except|excluding|except for|other than|apart from
    not: are not|is not|do not|does not|did not|has not|have not|isn't|aren't|wasn't|weren't|don't|doesn't|didn't
    not: hasn't|haven't|hadn't|won't|can't|nobody|no one
    not stock: out of stock
    to: into|towards
    customer: client|clients|buyer|buyers
    employee: staff member|staff members|staff|worker|workers
    revenue: sales|turnover|revenues
    bike: bicycle|bicycles
    film: movie|movies
    repair: fix|was fixed|were fixed|been fixed|mend|mended
    date birth: date of birth|birth date|birthdate|birthday|birthdays
    count time: how often|how frequently
    register: signed up|sign up|signup|joined|join|enrolled
    buy: purchased|bought
    complete: finished|finish
    long: length|in length|duration
    weight: how heavy|weigh|weighs|weighing
    age: how old
    price: how expensive
    salary: earn|earns|earning|earned|wage|wages
    perform: carried out
    make: taken out|took out
    email: email address|email addresses|e mail address|e mail
    phone-number: phone number|telephone number|phone numbers|telephone numbers|phone number of|telephone number of
    : how much do|how much does|right now|at moment|at present|take place|took place|in ascending order
    : ascending order|ascending|which one|which ones|which person|which people|people who|breakdown of|related to
    : how high is|years old|years of age|belonging to|belonged to
    : associated with|like to|want to|need to|according to|belong to|belongs to|equal to|exactly
"""
# Words that may be left out, but not replaced by one of another line: "customers (who live) in Rome".
_OPTIONAL_WORDS: Final = """
    place make made build built manufacture generate issue|publish release|perform|live reside|work|come|bring
    old aged|write|own|hold|use|contain include|locate base situate occur happen|provide offer supply|dollar usd
    euro eur|pound gbp|worth
"""
_IRREGULAR: Final = dict(
    pair.split("=")
    for pair in word_list(
        """
        sold=sell spent=spend won=win paid=pay sent=send taught=teach wrote=write written=write flew=fly flown=fly
        held=hold led=lead left=leave went=go gone=go gave=give given=give drove=drive driven=drive born=birth
        made=make built=build taken=take took=take came=come lent=lend lost=lose
        stole=steal stolen=steal broke=break broken=break spoke=speak spoken=speak met=meet kept=keep found=find
        began=begin begun=begin chose=choose chosen=choose rode=ride ridden=ride ran=run done=do used=use
        """
    )
)
_AGGREGATES: Final = word_set("count how-much total average percent distinct highest lowest sort")
FIGURES: Final = word_set("count total average revenue percent distinct")
ADVERBS: Final = word_set("late early online often")
RANKS: Final = word_set("highest lowest sort")
_ARTICLES: Final = word_set("the a an")
_UNITS: Final = word_set("day week month quarter year hour morning evening weekend")
# What is measured where one is longer or lighter than so much.
_MEASURES: Final = dict(
    pair.split("=") for pair in word_list("heavy=weight light=weight short=long young=old tall=height")
)
_BEFORE_PRICES: Final = word_set("more less over under above below at up between most least no not longest shortest")
_WISHES: Final = word_set("need needs want wants like likes")
# Words for what a value is, which the value tells as well; what no value starts with.
_KINDS: Final = word_set("type kind genre")
_COLUMNS: Final = _KINDS | word_set("city town country brand colour color category language status state")
_NO_VALUES: Final = _NEUTRAL | {"", "by", "per"}
_BY_AGE: Final = word_set("older younger")
_LISTS: Final = tuple(word_list("show list which what give who display name find"))
_YES_OR_NO: Final = word_set("is are was were do does did has have")
_SHRINKING: Final = word_set("shorter younger lighter slower")
MONTH_NAMES: Final = word_list(
    "january february march april may june july august september october november december"
)
_NO_HEADS: Final = word_set("above below at-least at-most") | {*MONTH_NAMES}
MONTHS: Final = {short: name for name in MONTH_NAMES for short in (name, name[:3])} | {"sept": "september"}
_HOW_MUCH: Final = "how-much"
_WORD: Final = re.compile(
    r"\d{4}-\d\d-\d\d|\d+(?:st|nd|rd|th)\b|\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)?|[^\W_]+|[<>=%+,;:?]"
)
_CONTRACTION: Final = re.compile("'(?:s|d|ll|re|ve|m)$")
_SCALES: Final = {"k": 1_000, "thousand": 1_000, "million": 1_000_000}
_SHORTEST_BASE: Final = 3
_MAX_DIGITS: Final = 18
# Words of a long question whose order is compared, and how many that belong together.
_MOST_ORDERED: Final = 50
_STRETCHES: Final = range(3, 7)


def _read_phrases() -> dict[str, list[tuple[list[str], list[str]]]]:
    """Return the phrases by their first word, the longest first: (words, what they stand for)."""
    found: dict[str, list[tuple[list[str], list[str]]]] = {}
    for line in _SAME.strip().splitlines():
        meaning, _, said = line.strip().partition(":")
        for phrase in said.strip().split("|"):
            found.setdefault(phrase.split()[0], []).append((phrase.split(), meaning.split()))
    for meaning in ("by", "not", "above", "below"):
        found.setdefault(meaning, []).append(([meaning], [meaning]))
    return {first: sorted(phrases, key=lambda pair: -len(pair[0])) for first, phrases in found.items()}


_PHRASES: Final = _read_phrases()


@lru_cache(maxsize=4096)
def base_form(word: str) -> str:
    """Return the same for all forms of a word: ship, ships, shipped and shipping."""
    word = stem(_IRREGULAR.get(word, word))
    if word.endswith("ied"):  # supplied is of supply
        word = word[:-3] + "y"
    for ending in ("ing", "ed", "e"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= _SHORTEST_BASE:
            return base[:-1] if ending != "e" and base[-1] == base[-2] and base[-1] not in "ls" else base
    return word


_OPTIONAL: Final = {
    base_form(word): line.split()[0]
    for line in _OPTIONAL_WORDS.replace("\n", "|").split("|")
    for word in line.split()
}


_NOUNS: Final = {base_form(word) for word in word_list("place make build issue release work base use offer hold")}


@attrs.frozen
class Word:
    """A word of a question in its plain form, and where it stands: `start` is -1 if it stands for a phrase."""

    plain: str
    role: str = ""
    start: int = -1
    end: int = -1

    @property
    def term(self) -> str:
        """What must be the same in the same question: the word in any of its forms, and its role."""
        return f"{self.role} {base_form(self.plain)}"


@attrs.define
class Question:
    """What a question asks for.

    Attributes:
        words: The words that matter, in order.
        groups: The words that it is grouped by.
        is_grouped: Whether it asks for one figure for each of these.
        links: Which word follows which over a preposition.
        subjects: Who does what, by a name beside a verb: (subject, verb) and (verb, object).
        heads: The first two words after "which", or "who" if it asks who does something.
        optional: The terms that may be left out.
        asked: "who", or the term that it asks which of.
        is_count: Whether it asks for a number without saying so: "orders per month".
        names: The names as they are written, by their plain forms.
    """

    words: list[Word] = attrs.field(factory=list)
    groups: set[str] = attrs.field(factory=set)
    is_grouped: bool = False
    links: set[tuple[str, str]] = attrs.field(factory=set)
    subjects: set[tuple[str, str]] = attrs.field(factory=set)
    heads: list[str] = attrs.field(factory=list)
    optional: set[str] = attrs.field(factory=set)
    asked: str = ""
    is_count: bool = False
    names: dict[str, str] = attrs.field(factory=dict)
    terms: Counter[str] = attrs.field(factory=Counter)

    @property
    def stretches(self) -> set[tuple[str, ...]]:
        """The short stretches of neighbouring words."""
        said = [word.plain for word in self.words[:_MOST_ORDERED]]
        return {tuple(said[i : i + n]) for n in _STRETCHES for i in range(len(said) - n + 1)}


# The cache is small: the garbage collector goes through all objects in it, while everything else waits.
@lru_cache(maxsize=2048)
def read_question(text: str) -> Question:
    """Return what a question asks for; the places of its words are those in `clean(text)`."""
    text = clean(text)
    reader = _Reader(text)
    question = reader.question
    if not question.words:  # of nothing but words without meaning
        question.words = [Word(match[0].casefold()) for match in re.finditer(r"\S+", text)]
    plain = {word.plain for word in question.words}
    # How much a bill is on average is no sum; revenue is one, and a number needs none; what descends is sorted.
    implied = {_HOW_MUCH} if plain & {"average", "total", "highest", "lowest", "price"} else set()
    implied |= {"total", _HOW_MUCH} if plain & {"revenue", "count"} else set()
    implied |= {"sort"} if "descending" in plain else set()
    question.words = [
        Word("total") if word.plain == _HOW_MUCH else word for word in question.words if word.plain not in implied
    ]
    plain = {word.plain for word in question.words}
    question.is_grouped |= bool(
        question.groups and plain & FIGURES and not plain & RANKS and not reader.tells_by_whom
    )
    question.is_count = bool(question.groups) and not reader.is_list and not plain & (FIGURES | RANKS)
    question.terms = Counter(word.term for word in question.words)
    return question


class _Reader:
    """Reads a question from left to right."""

    def __init__(self, text: str) -> None:
        self.question = Question()
        self.tells_by_whom = False
        self._found = [match for match in _WORD.finditer(text) if match[0].casefold() not in _ARTICLES]
        self._raw = [_CONTRACTION.sub("", match[0].casefold()) for match in self._found]
        self.is_list = text.casefold().startswith(_LISTS)
        self._text, self._shouted = text, text.isupper()
        self._place = 0
        self._role = ""
        self._head = ""
        self._grouping = self._linked = False
        # Words, names and verbs before "by", by their places.
        self._placed: dict[int, str] = {}
        self._names: set[int] = set()
        self._passive: set[int] = set()
        self._read_all()
        self._find_subjects()

    def _said(self, place: int) -> str:
        return self._raw[place] if 0 <= place < len(self._raw) else ""

    def _is_name(self, place: int) -> bool:
        """Whether a word is written as a name: US, or one with a capital that does not start a sentence."""
        if self._shouted or not 0 <= place < len(self._found):
            return False
        written, before = self._found[place][0], self._text[: self._found[place].start()].rstrip()
        starts = not before or before[-1] in ".?!:"
        return (len(written) > 1 and written.isupper()) or (written[0].isupper() and not starts)

    def _is_value(self, place: int) -> bool:
        return self._is_name(place) or self._said(place)[:1].isdigit()

    def _read_all(self) -> None:
        self._read_start()
        while self._place < len(self._raw):
            said = self._raw[self._place :]
            for phrase, meaning in _PHRASES.get(said[0], ()):
                if said[: len(phrase)] == phrase:
                    self._read_phrase(meaning, len(phrase))
                    self._place += len(phrase)
                    break
            else:
                self._place += self._read_number() or self._read_near() or self._read_word()
        if self._role == "not":  # with nothing after it
            self._add(Word("not"))

    def _read_start(self) -> None:
        """Read what only the first words tell."""
        first, second = self._said(0), self._said(1)
        if first == "which":
            self.question.heads = [base_form(word) for word in self._raw[1:3] if word not in _NEUTRAL]
        if first == "who":
            self.question.asked = "who"
            self.question.heads = [] if second in {"is", "are", "was", "were"} else [first]
        elif first in {"when", "where", "why", "whose"}:
            self._add(Word("date" if first == "when" else first))
        elif first in _YES_OR_NO and second not in {"you", ""}:
            self._add(Word("whether"))
            if second in {"all", "every", "each"}:
                self._add(Word("all"))
        elif first != "name" or second == "of":
            return
        self._place = 1

    def _read_phrase(self, meaning: Iterable[str], length: int) -> None:
        said, before, after = (self._said(place) for place in (self._place, self._place - 1, self._place + length))
        for plain in meaning:
            if plain == "by" and said == "by" and (after[:1].isdigit() or after in MONTHS):
                self._add(Word("until"))
            elif plain == "by":
                self._grouping = self._linked = True
                self.question.is_grouped |= said != "by"
                self.tells_by_whom |= said == "by" and before.endswith("ed")
            elif plain in {"not", "to"}:
                self._role, self._linked = plain, True
            elif plain != "count" or before != "by" or not RANKS & {word.plain for word in self.question.words}:
                # top 5 by number of orders is the most orders
                self.question.optional |= {Word(plain).term} if base_form(plain) in _OPTIONAL else set()
                self._add(Word(plain))

    def _read_number(self) -> int:
        """Read a number; return how many words it has."""
        said, start, end = self._here()
        before, after = self._said(self._place - 1), self._said(self._place + 1)
        number = said.replace(",", "")
        if said in NUMBERS and not (said == "one" and before in {"which", "that", "no"}):
            number = str(NUMBERS[said])
        elif not said[0].isdigit():
            return 0
        if not said[-1].isdigit() and (before in MONTHS or after in MONTHS):
            number = said[:-2]  # March 5th
        if after in _SCALES and number.isdigit() and len(number) <= _MAX_DIGITS:
            self._add(Word(str(int(number) * _SCALES[after]), "", start, end))
            return 2
        self._add(Word(number, "", start, end))
        return 1

    def _read_near(self) -> int:
        """Read a word that means something else beside certain others; return how many words were read."""
        said, start, end = self._here()
        before, after = self._said(self._place - 1), self._said(self._place + 1)
        if said in {"name", "names", "title", "titles"} and after == "of":
            self.question.optional.add(Word(stem(said)).term)  # which columns are shown is no condition
            return 0
        if self._is_dropped(said, before, after):
            return 1
        if self._tells_what(said, before, after):
            plain, role = ("live", "") if said in {"city", "town"} else (stem(said), "told")
            self.question.words.append(word := Word(plain, role, start, end))
            self.question.optional.add(word.term)
            return 1
        if after == "than" and said.endswith("er"):
            adjective = Word(_positive(said), "", start, end)
            if (number := self._said(self._place + 2)) in NUMBERS or number[:1].isdigit():
                self.question.optional.add(adjective.term)  # longer than 5 minutes is more than 5 minutes
            self._add(Word("below" if said in _SHRINKING else "above"))
            self._add(adjective)
            return 2
        return self._read_preposition(said, after) or self._read_moved(said, after)

    def _read_preposition(self, said: str, after: str) -> int:
        """Read a word that tells the role of the next one; return how many words were read."""
        if said == "between":
            self._role = "" if after[:1].isdigit() or after in MONTHS else "between"
            if not self._role and self._said(self._place + 2) == "and":
                self._raw[self._place + 2] = "to"
            return 1
        if said == "every" and {word.plain for word in self.question.words} & {*FIGURES, _HOW_MUCH}:
            self._read_phrase(["by"], 1)
            return 1
        if said == "to":
            self._role = "" if after in _NEUTRAL else "to"
            self._linked = True
            return 1
        return 0

    def _read_moved(self, said: str, after: str) -> int:
        """Read a word that stands for another one here; return how many words were read."""
        if said == "last" and not self._is_span(after):
            self._add(Word("latest"))
        elif said in {"cost", "costs", "costing"} and (
            after in _BEFORE_PRICES or after[:1].isdigit() or {"do", "does"} & set(self._raw[: self._place])
        ):
            self._add(Word("price", "", *self._here()[1:]))
        elif said in _WISHES and self._said(self._place - 1) not in {"", "i", "we", "you", "would"}:
            self._add(Word(stem(said), self._role, *self._here()[1:]))
        else:
            return 0
        return 1

    def _is_dropped(self, said: str, before: str, after: str) -> bool:
        """Whether a word has no meaning beside these."""
        return (
            (said == "year" and after.isdigit())
            or (stem(said) == "year" and before.isdigit() and self._said(self._place - 3) in _BY_AGE)
            or (said == "month" and after == "of" and self._said(self._place + 2) in MONTHS)
            or (said == "language" and before in DEMONYMS)
            or (said == "about" and before in {"", "all", "me", "know", "info", "information", "details"})
            or (said == "or" and self._is_value(self._place - 1) and self._is_value(self._place + 1))
            or (said == "may" and not self._is_name(self._place) and not after[:1].isdigit())
            or (said == "only" and self._place <= 1)
            or (said == "this" and stem(after) not in _UNITS)
        )

    def _tells_what(self, said: str, before: str, after: str) -> bool:
        """Whether a word only says what the value after it is, or what is measured: "of brand X", "took 5 days"."""
        is_value = self._is_value(self._place + 1)
        if said not in _COLUMNS:
            return said in {"take", "takes", "took", "taking"} and after in _BEFORE_PRICES
        is_told = after in {"is", "are", "of"} and self._said(self._place + 2) not in _NO_VALUES
        if before in {"of", "in", "from"}:
            is_kind = said in _KINDS and before == "of" and after not in _NO_VALUES
            return is_value or is_kind or (is_told and self._is_name(self._place + 2))
        has = before in {"with", "whose", "where", "having", "have", "has"}
        return has and (is_value or is_told or (said == "status" and after not in _NO_VALUES))

    def _is_span(self, after: str) -> bool:
        """Whether "last" is followed by a unit of time, or by a word that it is a part of."""
        unit = self._said(self._place + 2) if after[:1].isdigit() or after in NUMBERS else after
        return stem(unit) in _UNITS or after in {"name", "names"}

    def _read_word(self) -> int:
        said, start, end = self._here()
        is_name = self._is_name(self._place)
        if said in ",;:?=<>%+":
            self._grouping = self._linked = False
        elif said in MONTHS:
            self._add(Word(MONTHS[said], "", start, end))
        elif said not in _NEUTRAL or is_name or (said == "am" and self._said(self._place - 1)[:1].isdigit()):
            self._read_content(said, is_name=is_name)
        if said in _LINKS and not is_name:
            self._linked, self._grouping = True, False
        return 1

    def _read_content(self, said: str, *, is_name: bool) -> None:
        _, start, end = self._here()
        if said.startswith("un") and not is_name and _is_participle(said[2:]):
            self._role, said = "not", said[2:]  # unpaid is not paid
            said = next((meaning[0] for phrase, meaning in _PHRASES.get(said, ()) if phrase == [said]), said)
        plain, base = DEMONYMS.get(said) or stem(said), base_form(said)
        is_passive = False
        is_optional = not is_name and base in _OPTIONAL and (base not in _NOUNS or self._is_verb(said))
        if is_name:
            self.question.names[plain] = DEMONYMS.get(said, said)
            self.tells_by_whom |= self._grouping
            if not self._found[self._place][0].endswith("'s"):
                self._names.add(self._place)
        else:
            plain = _OPTIONAL[base] if is_optional else plain
            is_passive = (
                self._said(self._place + 1) == "by" and self._is_name(self._place + 2) and _is_participle(said)
            )
            self._passive |= {self._place} if is_passive else set()
        word = Word(plain, self._role, start, end)
        if (is_passive or is_optional) and self._role != "not":
            self.question.optional.add(word.term)
        if (self._place == 1 and self._said(0) in {"which", "what"}) or (
            self._place == 0 and self._said(1) in {"who", "that"}
        ):
            self.question.asked = word.term
        self._add(word)

    def _is_verb(self, said: str) -> bool:
        """Whether a word that is also a noun is a verb here."""
        before, after = self._said(self._place - 1), self._said(self._place + 1)
        return (
            _is_participle(said)
            or said.endswith("ing")
            or before in {"who", "that", "which", "we"}
            or bool({"do", "does", "did"} & set(self._raw[: self._place]))
            or (not said.endswith("s") and (after in {"in", "at", "for"} or self._is_after_which()))
        )

    def _is_after_which(self) -> bool:
        """Whether the word is the third of a question, after which of what it asks for: "Which recipes use …"."""
        return self._place == 2 and self._said(0) in {"which", "what"}  # noqa: PLR2004

    def _here(self) -> tuple[str, int, int]:
        match = self._found[self._place]
        return self._raw[self._place], match.start(), match.end()

    def _add(self, word: Word) -> None:
        if word.plain in _AGGREGATES:
            self._grouping = self._linked = False
            self._head = ""
            self.question.words.append(word)
            return
        base = base_form(word.plain)
        self._placed[self._place] = base
        if self._grouping:
            self.question.groups.add(base)
        if self._linked and self._head and self._head != base:
            self.question.links.add((self._head, base))
        if not word.plain[0].isdigit() and word.plain not in _NO_HEADS:
            self._head, self._linked = base, False
        self.question.words.append(Word(word.plain, self._role, word.start, word.end))
        self._role = ""

    def _find_subjects(self) -> None:
        """Find out who does what: "Ann manages", "managed by Ann", "manages Ann"."""
        for place in self._names:
            start = end = place
            while start - 1 in self._names:
                start -= 1
            while end + 1 in self._names:
                end += 1
            name = self._placed.get(place, "")
            if start - 2 in self._passive:
                self.question.subjects.add((name, self._placed.get(start - 2, "")))
            elif start - 1 in self._placed:
                self.question.subjects.add((self._placed[start - 1], name))
            if end + 1 in self._placed:
                self.question.subjects.add((name, self._placed[end + 1]))


def _is_participle(word: str) -> bool:
    return (len(word) > _SHORTEST_BASE and word.endswith("ed")) or word in _IRREGULAR


def _positive(comparative: str) -> str:
    """Return what a comparative compares: old for older, big for bigger, weight for heavier."""
    base = comparative.removesuffix("er")
    if len(base) > 1 and base[-1] == base[-2]:
        base = base[:-1]
    base = base[:-1] + "y" if base.endswith("i") else base
    return _MEASURES.get(base, base)
