"""Chunks: the words of a question, each run of them with all that it is known to mean."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from text2everything.local.engine._catalog import BOOL, DATE, TEXT, Catalog, Column, ForeignKey, Table
from text2everything.local.engine._dates import DateRange, find_dates
from text2everything.local.engine._words import (
    DEMONYMS,
    Token,
    clean,
    first_synonym,
    identifier_words,
    stem,
    tokenize,
    word_set,
)

if TYPE_CHECKING:
    import datetime as dt

    from text2everything.local.engine._definitions import Term

# What the words of questions themselves mean: kind, argument: phrases.
_GRAMMAR: Final = """
count: how many|number of|total number of|count|count of|amount of
sum: total|sum|sum of|total of|how much
avg: average|avg|mean|average of
min: minimum|min
max: maximum|max
super desc: most|highest|largest|biggest|greatest|maximum|max
super asc: least|fewest|lowest|smallest|minimum|min
newest desc: newest|latest|most recent|most recently|last
newest asc: oldest|earliest|first
youngest desc: youngest
hint desc: most expensive|longest|tallest|heaviest|highest priced
hint asc: cheapest|least expensive|shortest|lightest|lowest priced
top desc: top
top asc: bottom
than >: more than|over|above|greater than|larger than|higher than|bigger than|exceeding|exceeds|>
than <: less than|under|below|fewer than|lower than|smaller than|<
than >=: at least|no less than|no fewer than|not less than|>=|minimum of|from at least
than <=: at most|up to|no more than|not more than|<=|maximum of
than =: exactly|equal to|equals|equal|=|==
than !=: !=|<>|not equal to
hinted >: more expensive than|longer than|heavier than|taller than|costing more than|cost more than|costs more than
hinted <: cheaper than|shorter than|lighter than|costing less than|cost less than|costs less than|less expensive than
after >=: or more|or higher|or above|or longer
after <=: or less|or fewer|or lower|or below
between: between
and: and|as well as|&
or: or|nor
comma: ,
per: per|for each|for every|of each|in each|by each|from each|each
per: every|grouped by|group by|broken down by|does each|did each|do each|a
by: by
not: not|isn't|aren't|wasn't|weren't|except|excluding|other than|non
not: outside|doesn't|don't|didn't|hasn't|haven't|never|neither|cannot
no: without|without a|without an|without any|with no|have no|has no|having no|no|lacking|with missing
with: with|having|have|has|had|where|whose
who: who
an: an|a
their: their|its|his|her|including
sort: sorted by|ordered by|order by|sort by|ranked by|sort them by|in order of
asc: ascending|asc|in ascending order|lowest first|smallest first
asc: cheapest first|from lowest to highest|oldest first|alphabetically|in alphabetical order
desc: descending|desc|in descending order|highest first
desc: largest first|newest first|from highest to lowest|most expensive first
distinct: different|distinct|unique
percent: percentage of|share of|percent of|proportion of|fraction of
limit: limit|limited to|limit to
contains: contain|contains|containing|like|include|includes|including
starts: starting with|starts with|start with|beginning with|begins with|begin with
ends: ending with|ends with|end with
named: named|called
missing: missing|empty|null|is null|is missing|is empty
present: not null|is not null|is not empty|not empty
there: available|exist|exists|existing|live|lives|living|located|based|work|works|working
day: day|daily
week: week|weekly
month: month|monthly
quarter: quarter|quarterly
year: year|yearly|annual|annually
verb: bought|purchased|buy|purchase|own|owned|made|make|received|contain|contains|include|belong|belongs|belonging
"""
GRAINS: Final = ("day", "week", "month", "quarter", "year")
# Words that change nothing in a question about data.
_FUNCTION_WORDS: Final = word_set(
    """
    a an the this that these those there here it they them i me my we us our you your is are was were be been
    being am do does did will would can could should may show list display give get find fetch return print see
    view tell want need know look retrieve pull provide select query what what's whats which who whom please
    kindly thanks hello hi of for to in on at from as into within among about all any
    come comes coming s t ve ll ? placed place dollars euros usd eur named who's
    records record rows row entries whose value values where with have has had go goes people's
    * database db
    """
)
_ENDINGS: Final = re.compile(r"(?:ing|ed|er|or|es?|ies|ied|y|ure|al|ment|ion|s)$")
_VERBS: Final = {"born": "birth", "paid": "pay", "sent": "send", "left": "leave"}
_DATE_WORDS: Final = frozenset(["date", "time", "of", "at", "on"])
# One word that says what was done with something; speed and seed are none.
_PARTICIPLE: Final = re.compile(r"\w{2,}[^\We]ed", re.IGNORECASE)
_LONGEST_PHRASE: Final = 7


@attrs.frozen
class Chunk:
    """A run of words of a question, with what it can be: words of the language, names, values, numbers or dates."""

    text: str
    words: dict[str, str] = attrs.Factory(dict)
    tables: tuple[Table, ...] = ()
    columns: tuple[Column, ...] = ()
    values: tuple[tuple[Column, str | bool], ...] = ()
    terms: tuple[Term, ...] = ()
    roles: tuple[ForeignKey, ...] = ()
    number: int | float | None = None
    date: DateRange | None = None
    quoted: bool = False
    filler: bool = False
    verb: bool = False

    def __getitem__(self, kind: str) -> str | None:
        return self.words.get(kind)

    @property
    def plain(self) -> bool:
        """Whether it names nothing of the database."""
        return not (self.tables or self.columns or self.values or self.terms or self.roles)

    @property
    def participle(self) -> bool:
        """Whether it names a column such as `shipped`: "shipped orders" asks for orders, not for its values."""
        return bool(self.columns) and _PARTICIPLE.fullmatch(self.text) is not None


Phrase = tuple[str, ...]


def _grammar() -> dict[Phrase, dict[str, str]]:
    found: dict[Phrase, dict[str, str]] = {}
    for line in _GRAMMAR.strip().splitlines():
        kinds, _, phrases = line.partition(": ")
        kind, _, argument = kinds.partition(" ")
        for phrase in phrases.split("|"):
            found.setdefault(tuple(phrase.split()), {})[kind] = argument or kind
    return found


_WORDS: Final = _grammar()


def root(word: str) -> str:
    """Return what verbs and nouns of one origin have in common: shipped, shipper, ships."""
    word, before = _VERBS.get(word, word), ""
    while word != before and len(word) > 2:  # noqa: PLR2004
        before, short = word, _ENDINGS.sub("", word)
        short = short[:-1] if len(short) > 3 and short[-1] in {short[-2], "i", "y"} else short  # noqa: PLR2004
        word = short if len(short) > 2 else word  # noqa: PLR2004
    return word


class Lexicon:
    """All names and values of a catalog and its terms, by their phrases."""

    def __init__(self, catalog: Catalog, terms: Sequence[Term]) -> None:
        self.catalog = catalog
        self.names: dict[Phrase, dict[str, list[Any]]] = {}
        self.synonyms: dict[Phrase, dict[str, list[Any]]] = {}  # by the first words of the same meaning, and by parts
        self.roots: dict[str, dict[str, list[Any]]] = {}
        for term in terms:
            self._add("terms" if term.measure or term.condition else "tables", term.words, self._meant(term))
        for table in catalog.tables:
            for words in dict.fromkeys((table.words, identifier_or_text(table.name), *table.aliases)):
                self._add("tables", words, table)
            if len(table.words) > 1:
                self._add("tables", table.words[-1:], table, self.synonyms)
            self._root("tables", table.words[-1:], table)
            for column in table.columns:
                self._column(table, column)
        for link in catalog.links:
            words = tuple(w for w in link.child.words if w not in {"id", "key"})
            parent = catalog.table(link.parent.table)
            if words and parent and words != parent.words:
                self._add("roles", words, link)
                self._root("roles", words, link)

    def _meant(self, term: Term) -> object:
        return term if term.measure or term.condition else self.catalog.table(term.table)

    def _add(self, kind: str, words: Phrase, meaning: object, where: dict[Phrase, Any] | None = None) -> None:
        if words:
            found = (self.names if where is None else where).setdefault(words, {}).setdefault(kind, [])
            if meaning is not None and meaning not in found:
                found.append(meaning)
            if where is None:
                self._add(kind, tuple(map(first_synonym, words)), meaning, self.synonyms)

    def _root(self, kind: str, words: Phrase, meaning: object) -> None:
        for word in words:
            found = self.roots.setdefault(root(word), {}).setdefault(kind, [])
            if meaning not in found:
                found.append(meaning)

    def _column(self, table: Table, column: Column) -> None:  # noqa: C901 - one kind of name after the other
        words = column.words
        own = words[len(table.words) :] if words[: len(table.words)] == table.words else ()
        for name in dict.fromkeys((words, identifier_or_text(column.name), *column.aliases)):
            self._add("columns", name, column)
        if own and not column.is_id:
            self._add("columns", own, column)
        if len(words) > 1 and not column.is_id and words[-1] not in _FUNCTION_WORDS:
            self._add("columns", words[-1:], column, self.synonyms)
        short = len(column.description.split()) < 4 and words[-1:] != ("id",)  # noqa: PLR2004
        told = identifier_words(column.description) if short else ()
        self._add("columns", told, column, self.synonyms)
        if column.kind == DATE:
            self._root("columns", tuple(w for w in words if w not in _DATE_WORDS), column)
        if column.kind == BOOL:
            flag = words[1:] if words[:1] in {("is",), ("has",), ("was",), ("can",)} else words
            self._add("values", flag, (column, True))
            for prefix in ("in", "un", "non", "dis"):
                self._add("values", (prefix + flag[0], *flag[1:]) if flag else (), (column, False))
        elif column.kind == TEXT:
            for value in column.values:
                said = identifier_or_text(value)
                self._add("values", said, (column, value))
                for adjective, country in DEMONYMS.items():
                    if said == (country,):
                        self._add("values", (adjective,), (column, value))

    def nearest(self, word: str) -> list[str]:
        """Return the known names most like a word."""
        names = [
            " ".join(w) for w, meant in self.names.items() if all(v[1] is not False for v in meant.get("values", ()))
        ]
        said = stem(word)
        if said in names:
            return []
        return difflib.get_close_matches(said, names, 3, 0.75) or [n for n in names if said in n.split()][:3]

    def chunks(self, question: str, today: dt.date) -> list[Chunk]:
        """Split a question into chunks: the longest known phrases, and single words."""
        text = re.sub(r"\bsign(?:ed|s|ing)?[ -]up\b", "signup", clean(question), flags=re.IGNORECASE)
        dates = {d.at[0]: d for d in find_dates(text, today)}
        tokens = tokenize(text)
        found: list[Chunk] = []
        i = 0
        while i < len(tokens):
            token = tokens[i]
            if date := next((d for at, d in dates.items() if at <= token.start < d.at[1]), None):
                found.append(Chunk(date.text, date=date))
                while i < len(tokens) and tokens[i].start < date.at[1]:
                    i += 1
                continue
            until = next((k for k, t in enumerate(tokens) if k > i and t.start in dates), len(tokens))
            size, chunk = self._longest(tokens[i : min(until, i + _LONGEST_PHRASE)])
            found.append(chunk)
            i += size
        return list(self._compounds(found))

    def _compounds(self, chunks: list[Chunk]) -> Iterator[Chunk]:
        """Join a table's name and the name of its column, "customer names", or of a table: "customer orders"."""
        i = 0
        while i < len(chunks):
            chunk, after, then = (chunks[k] if k < len(chunks) else Chunk("") for k in range(i, i + 3))
            compared = (
                then.words.keys() & {"than", "between", "contains", "starts", "ends"} or then.number is not None
            )
            own = [c for c in after.columns if any(c.table == t.name for t in chunk.tables)]
            named = chunk.tables and not (chunk.verb or after.verb or after.participle or after.roles)
            if named and own and not (compared or after.tables or after.words.keys() - {"sum"}):
                chunk, i = Chunk(f"{chunk.text} {after.text}", columns=tuple(own)), i + 1
            elif named and after.tables and after.tables != chunk.tables:
                paths = self.catalog.paths(after.tables[0].name, chunk.tables[0].name)
                both = Chunk(f"{chunk.text} {after.text}")
                chunk, i = after if len(paths) == 1 and all(s.up for s in paths[0]) else both, i + 1
            yield chunk
            i += 1

    def _longest(self, tokens: Sequence[Token]) -> tuple[int, Chunk]:  # noqa: C901
        first = tokens[0]
        if first.kind == "quoted":
            said = self.names.get(identifier_or_text(first.text), {})
            return 1, Chunk(
                first.text, values=tuple(v for v in said.get("values", ()) if v[1] == first.text), quoted=True
            )
        for size in range(len(tokens), 0, -1):
            run = tokens[:size]
            if any(t.kind == "quoted" for t in run):
                continue
            stems = tuple(t.stem for t in run)
            meant = self.names.get(stems) or {}
            if not meant and size > 1 and any(t.text == "," for t in run):
                continue
            words = _WORDS.get(tuple(t.lower for t in run), {})
            if not meant and not (words and size > 1):
                meant = self.synonyms.get(stems) or self.synonyms.get(tuple(map(first_synonym, stems))) or {}
            elif "columns" in meant and "tables" not in meant:
                meant = self._with_parts(meant, stems)
            if size == 1 and (words or first.lower in _FUNCTION_WORDS or first.kind == "number"):
                meant = _as_written(meant, first)
            if words and size > 1 and "sum" in words and not meant:
                meant = self.names.get(stems[:1]) or {}  # a column may have that name
            if not meant and words.keys() == {"verb"}:
                meant = self.roots.get(root(first.lower), {})
                return size, _chunk(run, meant, words, verb=bool(meant))
            if meant or words:
                number = first.value if size == 1 else None
                filler = size == 1 and first.lower in _FUNCTION_WORDS and not meant
                return size, _chunk(run, meant, words, number=number, filler=filler)
        meant = {}
        if first.kind == "word" and re.search(r"(?:ed|ing|rn|id|nt|ly|lies|er|s|up)$", first.lower):
            meant = self.roots.get(root(first.lower), {})
        filler = first.lower in _FUNCTION_WORDS
        return 1, _chunk(tokens[:1], {} if filler else meant, {}, number=first.value, filler=filler, verb=bool(meant))

    def _with_parts(self, meant: dict[str, list[Any]], stems: Phrase) -> dict[str, list[Any]]:
        """Add the columns that a word names in part, of tables where it names none: amount of total_amount."""
        tables = {c.table for c in meant["columns"]}
        parts = [c for c in self.synonyms.get(stems, {}).get("columns", ()) if c.table not in tables]
        return {**meant, "columns": [*meant["columns"], *parts]}


def _chunk(run: Sequence[Token], meant: dict[str, list[Any]], words: dict[str, str], **more: Any) -> Chunk:
    text = " ".join(t.text for t in run)
    names: dict[str, Any] = {kind: tuple(found) for kind, found in meant.items()}
    return Chunk(text, words, **names, **more)


def _as_written(meant: dict[str, list[Any]], token: Token) -> dict[str, list[Any]]:
    """Leave a word of the language its meaning: "in" is no value IN, a number none of a text column."""
    values = [v for v in meant.get("values", ()) if v[1] == token.text and not token.text.islower()]
    names = {kind: found for kind, found in meant.items() if kind != "values" and token.lower not in _FUNCTION_WORDS}
    return names if token.kind == "number" or not values else {**names, "values": values}


def identifier_or_text(value: str) -> Phrase:
    """Return the words of a value, in which underscores and hyphens separate words."""
    return tuple(t.stem for t in tokenize(clean(value)) if t.kind != "symbol")
