"""`Lexicon`: which phrases name which tables, columns, values, metrics and business terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from text2everything.local.engine._catalog import BOOL, TEXT, Catalog, Column, Table
from text2everything.local.engine._words import (
    DEMONYMS,
    FILLERS,
    NEGATING_PREFIXES,
    NEGATIONS,
    first_synonym,
    identifier_words,
    tokenize,
    word_set,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from text2everything.local.engine._definitions import Term
    from text2everything.local.engine._words import Token

Phrase = tuple[str, ...]

# Words in names that users often leave out.
_OPTIONAL_WORDS: Final = word_set("id at on date name number code flag is has can was key time text")
_YES: Final = ("1", "true", "yes", "y", "t")
_NO: Final = ("0", "false", "no", "n", "f")
_LONGEST: Final = 6


@attrs.frozen(eq=False)
class Entity:
    """One possible meaning of a phrase; `strength` is from 0 to 1, which means that the phrase is its name."""

    kind: str  # table, verb, column, value or term
    strength: float
    table: str
    column: Column | None = None
    value: str | bool | None = None
    term: Term | None = None
    negated: bool = False  # any value but this one


@attrs.frozen(eq=False)
class Mention:
    """The tokens [start, end) of a question and their possible meanings, best first."""

    start: int
    end: int
    entities: tuple[Entity, ...]

    def of(self, *kinds: str) -> tuple[Entity, ...]:
        """Return its meanings of these kinds."""
        return tuple(e for e in self.entities if e.kind in kinds)


class Lexicon:
    """The phrases that name something in the database."""

    def __init__(self, catalog: Catalog, terms: Sequence[Term]) -> None:
        self._exact: dict[Phrase, list[Entity]] = {}
        self._loose: dict[Phrase, list[Entity]] = {}
        for table in catalog.tables:
            self._add_table(table)
            for column in table.columns:
                self._add_column(table, column)
        for term in terms:
            self._add_term(catalog, term)

    def mentions(self, tokens: Sequence[Token], taken: Sequence[bool]) -> list[Mention]:
        """Return the mentions in tokens, longest phrases first, without overlaps."""
        found: list[Mention] = []
        i = 0
        while i < len(tokens):
            mention = self._at(tokens, taken, i)
            if mention:
                found.append(mention)
            i = mention.end if mention else i + 1
        return found

    def _at(self, tokens: Sequence[Token], taken: Sequence[bool], i: int) -> Mention | None:
        for length in range(min(_LONGEST, len(tokens) - i), 0, -1):
            span = tokens[i : i + length]
            if any(taken[i : i + length]) or any(t.kind == "symbol" for t in span):
                continue
            if entities := self.lookup(tuple(t.stem for t in span)):
                return Mention(i, i + length, entities)
        return None

    def lookup(self, phrase: Phrase) -> tuple[Entity, ...]:
        """Return the possible meanings of a phrase of stems, best first."""
        if len(phrase) == 1 and phrase[0] in FILLERS:
            return tuple(e for e in self._exact.get(phrase, ()) if e.kind == "table" and e.strength == 1)
        entities = [*self._exact.get(phrase, ())]
        if len(phrase) > 1 and not any(word in FILLERS or word in NEGATIONS for word in phrase):
            entities += self._exact.get(("".join(phrase),), ())
        if not any(e.strength > 0.5 for e in entities):  # noqa: PLR2004
            entities += self._loose.get(tuple(map(first_synonym, phrase)), ())
        best: dict[tuple[str, str, int, object], Entity] = {}
        for e in sorted(entities, key=lambda e: -e.strength):
            best.setdefault((e.kind, e.table, id(e.column), e.value if e.term is None else id(e.term)), e)
        return tuple(best.values())

    def _put(self, phrase: Phrase, entity: Entity, *, loose: bool = True) -> None:
        if not phrase or len(phrase) > _LONGEST:
            return
        self._exact.setdefault(phrase, []).append(entity)
        led = tuple(map(first_synonym, phrase))
        if loose:
            self._loose.setdefault(led, []).append(attrs.evolve(entity, strength=entity.strength * 0.8))

    def _add_table(self, table: Table) -> None:
        for words in (table.words, *table.aliases):
            self._put(words, Entity("table", 1.0, table.name))
            if len(words) > 1:
                self._put(words[-1:], Entity("table", 0.6, table.name))
            elif words:
                # "ordered", "orders placed", "shipping": the table's name as a verb
                for verb in (f"{words[0]}ed", f"{words[0].removesuffix('e')}ed", f"{words[0].removesuffix('e')}ing"):
                    self._put((verb,), Entity("verb", 0.6, table.name), loose=False)

    def _add_column(self, table: Table, column: Column) -> None:
        words = column.words
        named = Entity("column", 1.0, table.name, column)
        for name in (words, (*table.words, *words), *column.aliases):
            self._put(name, named)
        said = tuple(w for w in words if w not in _OPTIONAL_WORDS)
        weak = 0.3 if column.is_id else 0.7
        if said != words:
            self._put(said, attrs.evolve(named, strength=weak))
        if len(words) > 1 and not column.is_id:
            for i, word in enumerate(words):
                strength = 0.6 if i == len(words) - 1 else 0.5
                self._put((word,), attrs.evolve(named, strength=strength), loose=i == len(words) - 1)
        if column.kind == BOOL:
            self._add_flag(column, said)
        elif column.kind == TEXT:
            self._add_values(column)

    def _add_flag(self, column: Column, said: Phrase) -> None:
        yes = next((v for v in column.values if v.casefold() in _YES), None)
        no = next((v for v in column.values if v.casefold() in _NO), None)
        true = Entity("value", 1.0, column.table, column, True if yes is None or yes == "1" else yes)
        false = Entity("value", 1.0, column.table, column, False if no is None or no == "0" else no)
        self._put(said, true, loose=False)
        if len(said) == 1:
            for prefix in NEGATING_PREFIXES:
                self._put((prefix + said[0],), false, loose=False)

    def _add_values(self, column: Column) -> None:
        known = {value.casefold() for value in column.values}
        for value in column.values:
            stems = tuple(t.stem for t in tokenize(value.replace("_", " ").replace("'", "")))
            if value.casefold() in (*_YES, *_NO) or len(value) == 1 or all(s in FILLERS for s in stems):
                continue
            entity = Entity("value", 1.0, column.table, column, value)
            self._put(stems, entity, loose=False)
            if "_" not in value and (split := identifier_words(value)) != stems:
                self._put(split, entity, loose=False)
            for adjective, country in DEMONYMS.items():
                if value.casefold() == country:
                    self._put((adjective,), entity, loose=False)
            if len(stems) == 1:
                self._add_forms(entity, stems[0], known)

    def _add_forms(self, entity: Entity, word: str, known: set[str]) -> None:
        """Add what one word comes from ("ship" for shipped) and its opposite ("unpaid" for all but paid)."""
        for verb in _verbs(word):
            self._put((verb,), attrs.evolve(entity, strength=0.6), loose=False)
        for prefix in ("in", "un", "non"):
            if entity.column and entity.column.categorical and prefix + word not in known:
                self._put((prefix + word,), attrs.evolve(entity, strength=0.9, negated=True), loose=False)

    def _add_term(self, catalog: Catalog, term: Term) -> None:
        if term.measure is None and term.condition is None:
            self._put(term.words, Entity("table", 1.0, term.table))
            return
        entity = Entity("term", 1.0, term.table, term=term)
        self._put(term.words, entity)
        if term.condition is not None:
            table = catalog.table(term.table)
            rest = tuple(w for w in term.words if table is None or w not in table.words)
            self._put(rest, attrs.evolve(entity, strength=0.95), loose=False)
        elif len(term.words) > 1 and term.words[0] in {"total", "sum", "overall"}:
            self._put(term.words[1:], attrs.evolve(entity, strength=0.9))


def _verbs(participle: str) -> set[str]:
    """The verbs a value may come from: "how many orders did we ship" asks for those that are shipped."""
    if not participle.endswith("ed") or len(participle) < 5:  # noqa: PLR2004
        return set()
    base = participle[:-2]
    return {base, f"{base}e"} | ({base[:-1]} if base[-1] == base[-2] else set())
