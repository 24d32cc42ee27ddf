"""Business terms: the definitions in metrics and contexts that can be parsed to SQL expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from text2everything.local.engine._words import FILLERS, clean, identifier_words, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from text2everything.local.engine._catalog import Catalog, Table


@attrs.frozen(eq=False)
class Term:
    """A word or phrase that is defined as an aggregate (`measure`), a condition, or another name of the table."""

    words: tuple[str, ...]
    table: str
    measure: exp.Expr | None = None
    condition: exp.Expr | None = None
    context_id: str | None = None
    schema_id: str | None = None
    source: str = ""


_MEANS: Final = re.compile(
    r"""^[\s*\-•]*(?:the\s+term\s+|when\s+.*?\s+say\s+)?["'`]?(?P<term>[^"'`=:]{2,60}?)["'`]?\s*
    (?:\bmeans?\b|\b(?:is|are)\s+(?:defined|calculated|computed)\s+as\b|\brefers?\s+to\b|\bare\s+(?:those|the\s+ones)\b
      |\bis(?:\s+(?:one|the|a))?\b|\bare\b|:|=|\bequals\b)\s*(?P<meaning>\S.*)$""",
    re.IGNORECASE | re.VERBOSE,
)
_SAME_AS: Final = re.compile(
    r"""["'`]?(?P<a>[\w ]{2,40}?)["'`]?\s+(?:is|are)\s+(?:also\s+(?:called|known\s+as)|(?:a\s+)?synonyms?\s+(?:for|of)
    |another\s+(?:word|name)\s+for|the\s+same\s+as|called)\s+["'`]?(?P<b>[\w ]{2,40})["'`]?""",
    re.IGNORECASE | re.VERBOSE,
)
_LEAD: Final = re.compile(
    r"""^(?:(?:that|the|a|an|any|all|those|ones?|each|every|is|are|as|it|rows?|records?|whose|with|where|who|which
    |have|has|having|calculated|computed|defined|of)\s+)+""",
    re.IGNORECASE | re.VERBOSE,
)
_AGGREGATE: Final = re.compile(
    r"^(?P<function>sum|total|average|avg|mean|minimum|min|maximum|max|count|number|distinct\s+count)"
    r"(?:\s+of)?(?:\s+(?:the|all|distinct))*\s+(?P<what>[\w.]+)(?:\s+(?:of|in|from)\s+(?:the\s+)?(?P<table>[\w.]+))?$",
    re.IGNORECASE,
)
_FUNCTIONS: Final = {
    "sum": exp.Sum, "total": exp.Sum, "average": exp.Avg, "avg": exp.Avg, "mean": exp.Avg, "minimum": exp.Min,
    "min": exp.Min, "maximum": exp.Max, "max": exp.Max,
}  # fmt: skip
# Definitions may contain only arithmetic, comparisons and simple functions of columns.
_FORBIDDEN: Final = (
    exp.Query, exp.DDL, exp.DML, exp.Command, exp.Anonymous, exp.AnonymousAggFunc, exp.Placeholder, exp.Parameter,
    exp.Window, exp.Dot, exp.Alias, exp.Star,
)  # fmt: skip
_LONGEST: Final = 400


def read_terms(catalog: Catalog, contexts: Sequence[tuple[str, str]]) -> tuple[Term, ...]:
    """Return the terms that the metrics and the sentences of the contexts define; other sentences are skipped."""
    terms = []
    for metric in catalog.metrics:
        expression = expression_of(metric.sql, catalog, metric.table)
        where = expression_of(metric.where, catalog, metric.table) if metric.where else None
        if expression and is_measure(expression[0]) and (where or not metric.where):
            measure = _only_where(expression[0], where[0]) if where else expression[0]
            terms.append(Term(metric.words, expression[1], measure, schema_id=metric.schema_id, source=metric.name))
    for context_id, text in contexts:
        for sentence in re.split(r"\n+|;\s+|(?<=[^\d])\.\s+|\.$", clean(text)[:20_000]):
            terms += [
                attrs.evolve(t, context_id=context_id, source=sentence.strip()) for t in _read(sentence, catalog)
            ]
    return tuple(terms)


def _read(sentence: str, catalog: Catalog) -> Iterator[Term]:
    if len(sentence) > _LONGEST:
        return
    if same := _SAME_AS.search(sentence):
        yield from _aliases(same["a"], same["b"], catalog)
        return
    match = _MEANS.match(sentence)
    if match is None or not (words := _term_words(match["term"])):
        return
    meaning = match["meaning"].strip().rstrip(".")
    table = next((t for t in catalog.tables if t.words and words[-len(t.words) :] == t.words), None)
    if measure := _measure(re.sub(r"^(?:the|a|an)\s+", "", meaning, flags=re.IGNORECASE), catalog):
        yield Term(words, measure[1], measure=measure[0])
    elif condition := _condition(meaning, catalog, table):
        yield Term(words, condition[1], condition=condition[0])
    else:
        yield from _aliases(match["term"], meaning, catalog)


def _term_words(term: str) -> tuple[str, ...]:
    words = [t.stem for t in tokenize(term) if t.kind in {"word", "number"}]
    while words and words[0] in FILLERS:
        words.pop(0)
    return tuple(words)


def _aliases(a: str, b: str, catalog: Catalog) -> Iterator[Term]:
    """Return an alias from two words for one table: the one that is not the table's name."""
    left, right = _term_words(a), _term_words(_LEAD.sub("", b.strip()))
    for table in catalog.tables:
        for name, other in ((left, right), (right, left)):
            if name == table.words and other and other != name and len(other) <= 3:  # noqa: PLR2004
                yield Term(other, table.name)


def _measure(meaning: str, catalog: Catalog) -> tuple[exp.Expr, str] | None:
    """Read "SUM(orders.amount)" or "sum of orders.amount"."""
    natural = _AGGREGATE.match(meaning)
    if natural is None:
        expression = expression_of(meaning, catalog, None)
        return expression if expression and is_measure(expression[0]) else None
    what, function = natural["what"], natural["function"].casefold()
    counting = "count" in function or function == "number"
    counted = next((t for t in catalog.tables if identifier_words(what) == t.words), None)
    if counting and counted and not natural["table"]:
        return exp.Count(this=exp.Star()), counted.name
    column = expression_of(
        f"{natural['table']}.{what}" if natural["table"] and "." not in what else what, catalog, None
    )
    if not column or not isinstance(column[0], exp.Column):
        return None
    distinct = exp.Count(this=exp.Distinct(expressions=[column[0]])) if counting else None
    return distinct or _FUNCTIONS[function](this=column[0]), column[1]


def _condition(meaning: str, catalog: Catalog, table: Table | None) -> tuple[exp.Expr, str] | None:
    """Read "those with status = 'active'" or "customers whose orders > 3"."""
    text = meaning
    for named in catalog.tables:
        # "customers with status = 'active'" names its table first
        pattern = rf"^(?:the\s+)?{re.escape(named.name)}\s+(?=with|where|whose|that|who|which|having)"
        if re.match(pattern, text, re.IGNORECASE):
            text, table = re.sub(pattern, "", text, flags=re.IGNORECASE), named
    text = _LEAD.sub("", text)
    for attempt in (text, re.sub(r"\b(is|are|equals?|equal to)\b", "=", text, count=1)):
        found = expression_of(attempt, catalog, table.name if table else None)
        if found and isinstance(found[0], (exp.Predicate, exp.Connector, exp.Not, exp.Paren)):
            return found
    return None


def expression_of(sql: str, catalog: Catalog, table: str | None) -> tuple[exp.Expr, str] | None:
    """Parse a scalar or aggregate expression over one table's columns, and name that table; None if it is not one."""
    try:
        parsed = sqlglot.parse(sql) if 0 < len(sql) <= _LONGEST else []
    except (SqlglotError, RecursionError):
        return None
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Expression):
        return None
    tree = parsed[0].this if isinstance(parsed[0], exp.Alias) else parsed[0]
    if any(not isinstance(n, exp.Star) or not isinstance(n.parent, exp.Count) for n in tree.find_all(*_FORBIDDEN)):
        return None
    columns = list(tree.find_all(exp.Column))
    home = _home(catalog, columns, table)
    if home is None or not (columns or tree.find(exp.Count)):
        return None
    for column in columns:
        known = home.column(column.name)
        if known is None:
            return None
        # no database or catalog, and the case the schema writes it in
        plain = exp.column(known.name, table=home.name)
        tree = plain if column is tree else tree
        column.replace(plain)
    return tree, home.name


def _home(catalog: Catalog, columns: list[exp.Column], table: str | None) -> Table | None:
    """Return the table of some columns: the one they name, or else the one given, or else the only one with them."""
    named = {column.table.casefold() for column in columns if column.table}
    if named or table:
        return catalog.table(named.pop() if len(named) == 1 else "" if named else table or "")
    homes = [t for t in catalog.tables if columns and all(t.column(c.name) for c in columns)]
    return homes[0] if len(homes) == 1 else None


def is_measure(expression: exp.Expr) -> bool:
    """Whether an expression has an aggregate function."""
    return expression.find(exp.AggFunc) is not None


def _only_where(measure: exp.Expr, where: exp.Expr) -> exp.Expr:
    """Restrict an aggregate to the rows that meet a condition."""
    measure = measure.copy()
    for aggregate in list(measure.find_all(exp.AggFunc)):
        inner = exp.Literal.number(1) if isinstance(aggregate.this, exp.Star) else aggregate.this
        if not isinstance(inner, exp.Distinct):
            aggregate.set("this", exp.Case().when(where.copy(), inner.copy()))
    return measure
