"""`Catalog`: the tables, columns, foreign keys and metrics in schema metadata; what is invalid there is skipped."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from text2everything.local.engine._words import clean, first_synonym, identifier_words, stem, word_list, word_set

NUMBER, DATE, BOOL, TEXT = "number", "date", "bool", "text"

_DATE_WORDS: Final = frozenset(["date", "time", "timestamp", "datetime"])
_DATE_ENDINGS: Final = frozenset(["at", "on"])
_FLAG_WORDS: Final = frozenset(["is", "has", "can", "was"])
_FLAGS: Final = word_set(
    """
    active enabled disabled deleted verified approved paid archived subscribed published confirmed
    cancelled canceled closed locked blocked premium
    """
)
_FLAG_VALUES: Final = frozenset(("y", "n", "yes", "no", "true", "false", "t", "f"))
_FLAG_TEXT: Final = re.compile(
    r"\b(?:boolean|flag|whether|yes/no|true/false|0/1|1/0|1\s*(?:=|:|if|means|for))\b", re.IGNORECASE
)
_PREFIXES: Final = word_set("tbl dim fact stg vw tab")
# Words in the name of the column that users mean by a table's amount, best first.
_MONEY: Final = word_list(
    """
    revenue amount sale total salary payment paid price value cost spend budget balance fee income profit
    """
)
_LABELS: Final = word_list("name fullname title label company email code")
STATUS: Final = word_set("status state stage phase condition")
_CATEGORICAL: Final = STATUS | word_set(
    """
    country city region category type kind segment class gender department role group level tier brand
    channel method currency language state province plan source position color size nation town
    """
)
PLACES: Final = ("country", "city", "region", "state", "province", "town", "location", "address", "nation")
_VALUES_KEYS: Final = (
    "values",
    "allowed_values",
    "possible_values",
    "enum",
    "sample_values",
    "categories",
    "examples",
    "valid_values",
    "distinct_values",
)
_SQL_KEYS: Final = ("sql", "expression", "formula", "definition", "calculation", "expr", "sql_expression", "measure")
_MAX_VALUES: Final = 500
_MAX_HOPS: Final = 4


@attrs.frozen(eq=False)
class Column:
    """A column of a table; `kind` is its type in general, from its SQL type and its name."""

    table: str
    name: str
    kind: str
    type: str = ""
    description: str = ""
    values: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    aliases: tuple[tuple[str, ...], ...] = ()
    key: bool = False

    @property
    def is_id(self) -> bool:
        """Whether it has keys, which are neither aggregated nor shown as names."""
        return self.key or (len(self.words) > 0 and self.words[-1] in {"id", "key", "uuid", "guid", "code"})

    @property
    def is_measure(self) -> bool:
        """Whether a sum of it is meaningful."""
        return self.kind == NUMBER and not self.is_id and self.words[-1:] not in {("year",), ("month",)}

    @property
    def categorical(self) -> bool:
        """Whether it has few different values."""
        return not self.is_id and (
            bool(self.values) or self.kind == BOOL or any(word in _CATEGORICAL for word in self.words)
        )

    @property
    def status_like(self) -> bool:
        """Whether an adjective before the table's name can be one of its values."""
        return self.kind == TEXT and bool(self.words) and self.words[-1] in STATUS

    @property
    def place(self) -> bool:
        """Whether its values are places; a "state" column has places only if it is a state of a country."""
        if self.kind != TEXT or self.is_id or not set(self.words) & set(PLACES):
            return False
        return self.words[-1] != "state" or self.words == ("state",)

    @property
    def ref(self) -> str:
        """Its name in explanations."""
        return f"{self.table}.{self.name}"


@attrs.frozen(eq=False)
class Table:
    """A table with its columns, merged from all schema metadata that describe it."""

    name: str
    words: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    description: str = ""
    schema_id: str | None = None
    aliases: tuple[tuple[str, ...], ...] = ()

    def column(self, name: str) -> Column | None:
        """Find a column by name, whatever its case."""
        folded = name.casefold()
        return next((c for c in self.columns if c.name.casefold() == folded), None)

    @property
    def primary_key(self) -> Column | None:
        """The primary key, declared or guessed from the names."""
        own = {("id",), (*self.words, "id"), (self.words[-1], "id")} if self.words else {("id",)}
        ids = [c for c in self.columns if c.is_id]
        return (
            next((c for c in self.columns if c.key), None)
            or next((c for c in ids if c.words in own), None)
            or (ids[0] if ids and self.columns[0] is ids[0] else None)
        )

    @property
    def labels(self) -> tuple[Column, ...]:
        """The label columns, whose values name a row for users: name, or first and last name, title, email."""
        texts = [c for c in self.columns if c.kind == TEXT and not c.key]
        parts = tuple(c for c in texts if c.words in {("first", "name"), ("last", "name")})
        for word in _LABELS:
            exact = [c for c in texts if c.words in {(word,), ("full", word), (*self.words, word)}]
            if exact:
                return (exact[0],)
            if word == "name" and parts:
                return parts
        named = [c for c in texts if c.words and c.words[-1] in _LABELS]
        return tuple(named[:1])

    @property
    def dates(self) -> tuple[Column, ...]:
        """Its date columns, the date of the row itself first."""

        def rank(column: Column) -> tuple[bool, bool, int]:
            words = set(column.words)
            late = bool(words & {"updated", "modified", "deleted", "birthdate", "birth", "due", "end", "expiry"})
            own = bool(words & set(self.words)) or column.words in {("date",), ("created", "at")}
            return late, not own, self.columns.index(column)

        return tuple(sorted((c for c in self.columns if c.kind == DATE), key=rank))

    @property
    def measures(self) -> tuple[Column, ...]:
        """Its columns with meaningful sums, the table's amount first."""

        def rank(column: Column) -> tuple[int, int]:
            places = [_MONEY.index(word) for word in column.words if word in _MONEY]
            return min(places, default=len(_MONEY)), self.columns.index(column)

        return tuple(sorted((c for c in self.columns if c.is_measure), key=rank))

    @property
    def money(self) -> Column | None:
        """The column that users mean by the table's amount."""
        return next((c for c in self.measures if set(c.words) & set(_MONEY)), None)


@attrs.frozen
class ForeignKey:
    """A foreign key: many rows of `child` reference one row of `parent`."""

    child: Column
    parent: Column


@attrs.frozen
class Metric:
    """A metric: a named aggregate expression over the columns of a table."""

    name: str
    words: tuple[str, ...]
    sql: str
    table: str | None
    schema_id: str | None
    where: str | None = None


@attrs.frozen
class Catalog:
    """All tables, their foreign keys, and the metrics."""

    tables: tuple[Table, ...] = ()
    links: tuple[ForeignKey, ...] = ()
    metrics: tuple[Metric, ...] = ()

    def table(self, name: str) -> Table | None:
        """Find a table by name, whatever its case."""
        folded = name.casefold()
        return next((t for t in self.tables if t.name.casefold() == folded), None)

    def path(self, start: str, end: str, *, fan_out: bool = False) -> tuple[ForeignKey, ...] | None:
        """Find the shortest chain of foreign keys between two tables.

        Without `fan_out` it only goes from the many to the one, so that no row of `start` is counted twice.
        """
        queue: deque[tuple[str, tuple[ForeignKey, ...]]] = deque([(start, ())])
        seen = {start}
        while queue:
            here, chain = queue.popleft()
            if here == end:
                return chain
            if len(chain) >= _MAX_HOPS:
                continue
            for link in self.links:
                steps = [link.parent.table] if link.child.table == here else []
                steps += [link.child.table] if fan_out and link.parent.table == here else []
                for there in steps:
                    if there not in seen:
                        seen.add(there)
                        queue.append((there, (*chain, link)))
        return None


def build_catalog(schemas: Sequence[tuple[str, Mapping[str, Any]]]) -> Catalog:
    """Return the catalog of schema metadata; items of an unknown shape are skipped."""
    reader = _CatalogReader()
    for schema_id, data in schemas:
        if isinstance(data, Mapping):
            reader.read(schema_id, data)
    return reader.finish()


@attrs.define
class _TableParts:
    """The parts of a table's description, collected so far."""

    name: str
    description: str = ""
    schema_id: str | None = None
    columns: dict[str, Mapping[str, Any]] = attrs.Factory(dict)
    aliases: list[str] = attrs.Factory(list)


@attrs.define
class _CatalogReader:
    drafts: dict[str, _TableParts] = attrs.Factory(dict)
    dimensions: list[tuple[str, Mapping[str, Any]]] = attrs.Factory(list)
    metrics: list[Metric] = attrs.Factory(list)
    relationships: list[Mapping[str, Any]] = attrs.Factory(list)

    def read(self, schema_id: str, data: Mapping[str, Any]) -> None:
        several = data.get("tables")
        for table in (data.get("table"), *(several if isinstance(several, list) else ())):
            if isinstance(table, Mapping):
                self._table(schema_id, table)
        if isinstance(data.get("columns"), list):
            self._table(schema_id, data)
        relationship = data.get("relationship", data.get("relationships"))
        self.relationships += [r for r in _listed(relationship) if isinstance(r, Mapping)]

    def _table(self, schema_id: str, table: Mapping[str, Any]) -> None:
        name = _text(table, "name", "table_name")
        columns = table.get("columns")
        if name and isinstance(columns, list):
            draft = self.drafts.setdefault(name.casefold(), _TableParts(name))
            draft.schema_id = draft.schema_id or schema_id
            draft.description = draft.description or _text(table, "description", "comment")
            draft.aliases += [a for a in _listed(table.get("synonyms", table.get("aliases"))) if isinstance(a, str)]
            for column in columns:
                if isinstance(column, str):
                    draft.columns.setdefault(column.casefold(), {"name": column})
                elif isinstance(column, Mapping) and (column_name := _text(column, "name", "column_name")):
                    draft.columns.setdefault(column_name.casefold(), column)
        for dimension in _listed(table.get("dimension", table.get("dimensions"))):
            if isinstance(dimension, Mapping):
                self.dimensions.append((name, dimension))
        for metric in _listed(table.get("metric", table.get("metrics"))):
            if isinstance(metric, Mapping):
                self._metric(schema_id, name, metric)
        for key in ("relationship", "relationships", "foreign_keys"):
            self.relationships += [
                {"from_table": name, "type": "many_to_one", **r}
                for r in _listed(table.get(key))
                if isinstance(r, Mapping)
            ]

    def _metric(self, schema_id: str, table: str, metric: Mapping[str, Any]) -> None:
        name, content = _text(metric, "name"), metric.get("content", metric)
        if isinstance(content, str):
            content = {"sql": content}
        if not name or not isinstance(content, Mapping):
            return
        sql, column = _text(content, *_SQL_KEYS), _text(content, "column", "field", "column_name")
        function = _text(content, "aggregation", "aggregate", "function", "agg").casefold()
        if not sql and function in {"count_distinct", "countdistinct", "distinct_count"} and column:
            sql = f"COUNT(DISTINCT {column})"
        elif not sql and function == "count" and not column:
            sql = "COUNT(*)"
        elif column and (not sql or sql.casefold() == column.casefold()):
            sql = f"{_FUNCTIONS.get(function, 'SUM')}({column})"
        if sql:
            table = table or _text(content, "table", "from_table") or _text(metric, "table")
            where = _text(content, "filter", "where", "condition", "filters") or None
            self.metrics.append(Metric(name, identifier_words(name), sql, table or None, schema_id, where))

    def finish(self) -> Catalog:
        self._apply_dimensions()
        tables = tuple(_finish_table(draft) for draft in self.drafts.values())
        catalog = Catalog(tables)
        links = [link for r in self.relationships if (link := _declared_foreign_key(catalog, r))]
        for table in tables:
            links += _column_links(catalog, table, self.drafts[table.name.casefold()].columns)
        unique = {(link.child, link.parent): link for link in links}
        metrics = tuple(attrs.evolve(m, table=self._home(catalog, m)) for m in self.metrics)
        return Catalog(tables, tuple(unique.values()), tuple(m for m in metrics if m.table))

    @staticmethod
    def _home(catalog: Catalog, metric: Metric) -> str | None:
        """Return the name of the metric's table: the declared one, or the first with a column that its SQL uses."""
        if metric.table and (table := catalog.table(metric.table)):
            return table.name
        words = {w.casefold() for w in re.findall(r"\w+", f"{metric.sql} {metric.where or ''}")}
        return next((t.name for t in catalog.tables if any(c.name.casefold() in words for c in t.columns)), None)

    def _apply_dimensions(self) -> None:
        """Add the values and synonyms in a dimension to its column."""
        for table, dimension in self.dimensions:
            content, name = dimension.get("content", {}), _text(dimension, "name")
            content = content if isinstance(content, Mapping) else {}
            column = (_text(content, "column", "field", "column_name") or name).casefold()
            for draft in self.drafts.values():
                if (not table or draft.name.casefold() == table.casefold()) and column in draft.columns:
                    old = draft.columns[column]
                    extra: dict[str, Any] = {k: content[k] for k in _VALUES_KEYS if content.get(k) and not old.get(k)}
                    extra["synonyms"] = [*_listed(old.get("synonyms")), *_listed(content.get("synonyms")), name]
                    draft.columns[column] = {**old, **extra}


_FUNCTIONS: Final = {
    "sum": "SUM",
    "total": "SUM",
    "avg": "AVG",
    "average": "AVG",
    "mean": "AVG",
    "min": "MIN",
    "minimum": "MIN",
    "max": "MAX",
    "maximum": "MAX",
    "count": "COUNT",
}


def _finish_table(draft: _TableParts) -> Table:
    words = identifier_words(draft.name.rsplit(".", 1)[-1])
    if len(words) > 1 and words[0] in _PREFIXES:
        words = words[1:]
    columns = tuple(_finish_column(draft.name, spec) for spec in draft.columns.values())
    aliases = tuple(identifier_words(alias) for alias in draft.aliases)
    return Table(draft.name, words, columns, draft.description, draft.schema_id, aliases)


def _finish_column(table: str, spec: Mapping[str, Any]) -> Column:
    name = _text(spec, "name", "column_name")
    sql_type = _text(spec, "type", "data_type", "dtype")
    description = clean(_text(spec, "description", "comment"))
    values = _values(spec, sql_type, description)
    words = identifier_words(name)
    synonyms = [s for s in _listed(spec.get("synonyms", spec.get("aliases"))) if isinstance(s, str) and s]
    return Column(
        table=table,
        name=name,
        kind=_kind(words, sql_type, description, values),
        type=sql_type,
        description=description,
        values=values,
        words=words,
        aliases=tuple(identifier_words(s) for s in synonyms),
        key=bool(spec.get("primary_key") or spec.get("is_primary_key") or "primary key" in sql_type.casefold()),
    )


def _kind(words: tuple[str, ...], sql_type: str, description: str, values: tuple[str, ...]) -> str:
    told = sql_type.casefold()
    flag = bool(words) and (words[0] in _FLAG_WORDS or (len(words) == 1 and words[0] in _FLAGS))
    two = {v.casefold() for v in values} if len(values) == 2 else None  # noqa: PLR2004
    kind = TEXT
    if told.startswith(("bool", "bit")) or (two is not None and two <= _FLAG_VALUES):
        kind = BOOL
    elif re.match(r"date|time|smalldatetime", told):
        kind = DATE
    elif _NUMBER_TYPE.match(told):
        kind = BOOL if flag or two == {"0", "1"} or _FLAG_TEXT.search(description) else NUMBER
    elif words and (words[-1] in _DATE_WORDS or (len(words) > 1 and words[-1] in _DATE_ENDINGS)):
        kind = DATE
    elif flag and not told:
        kind = BOOL
    return kind


_NUMBER_TYPE: Final = re.compile(
    r"int|(?:big|small|tiny|medium)int|num|dec|float|real|double|money|smallmoney|serial|bigserial"
)


def _values(spec: Mapping[str, Any], sql_type: str, description: str) -> tuple[str, ...]:
    """Return the values that a column can have, from all fields that may list them."""
    for key in _VALUES_KEYS:
        told = spec.get(key)
        if isinstance(told, str) and told:
            told = re.split(r"\s*[,;|]\s*", told)
        if isinstance(told, (Mapping, list, tuple)) and told:
            plain = [_plain_value(value) for value in told]
            return tuple(dict.fromkeys(v for v in plain if v))[:_MAX_VALUES]
    if sql_type.casefold().startswith("enum"):
        return tuple(re.findall(r"'([^']*)'", sql_type))
    return _described_values(description)


def _plain_value(value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get("value", value.get("name"))
    if isinstance(value, bool):
        return str(int(value))
    return str(value) if isinstance(value, (str, int, float)) else ""


_QUOTED: Final = re.compile(r"""(?<!\w)['"`]([^'"`]{1,40})['"`](?!\w)""")
_LIST: Final = re.compile(
    r"(?:one of|either|values?(?: are| is)?|can be|may be|possible values|options?|e\.g\.)\s*:?\s*([^.()]+)",
    re.IGNORECASE,
)
_SLASHED: Final = re.compile(r"\b\w+(?:\s?[/|]\s?\w+)+\b")


def _described_values(description: str) -> tuple[str, ...]:
    """Find values in a description: 'active' or 'inactive'; one of a, b or c; a/b/c."""
    if len(quoted := _QUOTED.findall(description)) > 1:
        return tuple(dict.fromkeys(quoted))
    if listed := _LIST.search(description):
        parts = re.split(r"\s*(?:,\s*(?:or|and)\s|,|;|\||/|\bor\b|\band\b)\s*", listed[1])
        parts = [part.strip(" '\"`") for part in parts]
        if len(parts) > 1 and all(part and len(part.split()) <= 3 for part in parts):  # noqa: PLR2004
            return tuple(dict.fromkeys(parts))
    if slashed := _SLASHED.search(description):
        return tuple(re.split(r"\s?[/|]\s?", slashed[0]))
    return tuple(quoted)


def _declared_foreign_key(catalog: Catalog, spec: Mapping[str, Any]) -> ForeignKey | None:
    """Return the foreign key of a relationship; several spellings of its fields are accepted."""
    ends = []
    for side, keys in (
        ("from", ("from", "source", "left", "parent", "primary")),
        ("to", ("to", "target", "right", "child", "foreign", "references")),
    ):
        del side
        table = next((t for k in keys for t in (_text(spec, f"{k}_table", k),) if t), "")
        column = next((c for k in keys for c in (_text(spec, f"{k}_column", f"{k}_key"),) if c), "")
        ends.append((table, column))
    if not all(table for table, _ in ends):
        condition = _text(spec, "join_condition", "condition", "on", "sql", "join")
        pairs = re.findall(r"([\w.]+)\.(\w+)\s*=\s*([\w.]+)\.(\w+)", condition)
        if not pairs:
            return None
        ends = [(pairs[0][0], pairs[0][1]), (pairs[0][2], pairs[0][3])]
    return _foreign_key(catalog, ends[0], ends[1], _text(spec, "type", "relationship_type", "cardinality", "kind"))


def _foreign_key(
    catalog: Catalog, one: tuple[str, str], other: tuple[str, str], cardinality: str
) -> ForeignKey | None:
    first, second = _find(catalog, *one), _find(catalog, *other)
    if first is None or second is None:
        return None
    (first_table, first_column), (second_table, second_column) = first, second
    cardinality = re.sub(r"[^a-z1nm]", "", cardinality.casefold())
    if cardinality in {"onetomany", "1n", "1m", "onetomanyoptional"}:
        many_first = False
    elif cardinality in {"manytoone", "n1", "m1"}:
        many_first = True
    else:
        many_first = second_column is None or second_column is second_table.primary_key
    child_table, child, parent_table, parent = (
        (first_table, first_column, second_table, second_column)
        if many_first
        else (second_table, second_column, first_table, first_column)
    )
    parent = parent or parent_table.primary_key
    if parent is None or child_table is parent_table:
        return None
    child = child or child_table.column(parent.name) or _key_to(child_table, parent_table)
    return ForeignKey(child, parent) if child else None


def _find(catalog: Catalog, table: str, column: str) -> tuple[Table, Column | None] | None:
    found = catalog.table(table)
    if found is None and "." in table:
        table, column = table.rsplit(".", 1)
        found = catalog.table(table)
    return (found, found.column(column) if column else None) if found else None


def _key_to(child: Table, parent: Table) -> Column | None:
    """Find the column of `child` named for `parent`: customer_id for customers."""
    wanted = {(*parent.words, "id"), (parent.words[-1], "id")} if parent.words else set()
    return next((c for c in child.columns if c.words in wanted), None)


def _column_links(catalog: Catalog, table: Table, specs: Mapping[str, Mapping[str, Any]]) -> Iterable[ForeignKey]:
    """Return the foreign keys that columns declare, and others guessed from their names."""
    own = table.primary_key
    for column in table.columns:
        spec = specs[column.name.casefold()]
        stated = spec.get("references", spec.get("foreign_key", spec.get("fk")))
        link = None
        if isinstance(stated, Mapping):
            end = (_text(stated, "table", "table_name"), _text(stated, "column", "column_name"))
            link = _foreign_key(catalog, (table.name, column.name), end, "many_to_one")
        elif isinstance(stated, str):
            parts = re.findall(r"\w+", stated)
            end = (parts[0], parts[1] if len(parts) > 1 else "") if parts else ("", "")
            link = _foreign_key(catalog, (table.name, column.name), end, "many_to_one")
        if link is None and column.words[-1:] in {("id",), ("key",)} and column is not own:
            link = _guessed_foreign_key(catalog, table, column)
        if link:
            yield link


def _guessed_foreign_key(catalog: Catalog, table: Table, column: Column) -> ForeignKey | None:
    stemmed = column.words[:-1]
    for exact in (True, False):
        for other in catalog.tables:
            if other is table or not other.words or not stemmed:
                continue
            name = other.words
            like = (
                stemmed == name
                if exact
                else stemmed[-len(name) :] == name or first_synonym(stemmed[-1]) == first_synonym(name[-1])
            )
            parent = other.primary_key
            if like and parent:
                return ForeignKey(column, parent)
    return None


def _listed(value: object) -> list[Any]:
    """Return a list of one item or of several."""
    if isinstance(value, (list, tuple)):
        return list(value)
    return [] if value is None else [value]


def _text(mapping: Mapping[str, Any], *keys: str) -> str:
    """Return the first value, under these keys, that is text."""
    for key in keys:
        value = mapping.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


__all__ = [
    "BOOL",
    "DATE",
    "NUMBER",
    "PLACES",
    "STATUS",
    "TEXT",
    "Catalog",
    "Column",
    "ForeignKey",
    "Metric",
    "Table",
    "build_catalog",
    "stem",
]
