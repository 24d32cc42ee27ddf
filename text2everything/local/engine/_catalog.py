"""`Catalog`: the tables, columns, foreign keys and metrics in schema metadata; what is invalid there is skipped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from text2everything.local.engine._words import clean, first_synonym, identifier_words, word_set

NUMBER, DATE, BOOL, TEXT = "number", "date", "bool", "text"

_DATE_WORDS: Final = frozenset(["date", "time", "timestamp", "datetime"])
_FLAG_WORDS: Final = frozenset(["is", "has", "can", "was"])
_FLAGS: Final = word_set(
    """
    active enabled disabled deleted verified approved paid archived subscribed published confirmed cancelled
    canceled closed locked blocked premium discontinued
    """
)
_FLAG_VALUES: Final = frozenset(("y", "n", "yes", "no", "true", "false", "t", "f"))
_FLAG_TEXT: Final = re.compile(
    r"\b(?:boolean|flag|whether|yes/no|true/false|0/1|1/0|1\s*(?:=|:|if|means|for))\b", re.IGNORECASE
)
_NUMBER_TYPE: Final = re.compile(
    r"(?:big|small|tiny|medium)?int|num|dec|float|real|double|(?:small)?money|(?:big)?serial"
)
# Numbers with these names are labels: their sum means nothing.
_LABEL_NUMBERS: Final = word_set(
    """
    id key uuid guid code year month day zip phone fax number nr no postal
    """
)
_LABELS: Final = ("name", "fullname", "title", "label", "company", "email", "code")
_VALUES_KEYS: Final = (
    "values", "allowed_values", "possible_values", "enum", "sample_values", "categories", "examples", "valid_values",
    "distinct_values",
)  # fmt: skip
_SQL_KEYS: Final = ("sql", "expression", "formula", "definition", "calculation", "expr", "sql_expression", "measure")
_FUNCTIONS: Final = {
    "sum": "SUM", "total": "SUM", "avg": "AVG", "average": "AVG", "mean": "AVG", "min": "MIN", "minimum": "MIN",
    "max": "MAX", "maximum": "MAX", "count": "COUNT",
}  # fmt: skip
_MAX_VALUES: Final = 500
_MAX_HOPS: Final = 5


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
        return self.key or self.words[-1:] in {("id",), ("key",), ("uuid",), ("guid",), ("code",)}

    @property
    def is_measure(self) -> bool:
        """Whether a sum of it is meaningful; a foreign key is excluded by `Catalog.measures`."""
        return self.kind == NUMBER and not self.key and not set(self.words[-1:]) & _LABEL_NUMBERS

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
        return next((c for c in self.columns if c.name.casefold() == name.casefold()), None)

    @property
    def primary_key(self) -> Column | None:
        """The primary key, declared or guessed from the names; None if it has several columns."""
        if declared := [c for c in self.columns if c.key]:
            return declared[0] if len(declared) == 1 else None
        ids = [c for c in self.columns if c.is_id]
        return next(filter(self.is_own_id, ids), None) or (ids[0] if ids[:1] == [*self.columns[:1]] else None)

    def is_own_id(self, column: Column) -> bool:
        """Whether a column is named as the id of this table."""
        return column.key or column.words in {("id",), (*self.words, "id"), (*self.words[-1:], "id")}

    @property
    def labels(self) -> tuple[Column, ...]:
        """The label columns, whose values name a row for users: name, or first and last name, title, email."""
        texts = [c for c in self.columns if c.kind == TEXT and not c.key]
        parts = tuple(c for c in texts if c.words in {("first", "name"), ("last", "name")})
        for word in _LABELS:
            if exact := [c for c in texts if c.words in {(word,), ("full", word), (*self.words, word)}]:
                return (exact[0],)
            if word == "name" and parts:
                return parts
        return tuple([c for c in texts if c.words and c.words[-1] in _LABELS][:1])


@attrs.frozen
class ForeignKey:
    """A foreign key: many rows of `child` reference one row of `parent`."""

    child: Column
    parent: Column


@attrs.frozen
class Step:
    """One join: over a foreign key, `up` from its child to its parent or back."""

    key: ForeignKey
    up: bool

    @property
    def here(self) -> Column:
        """The column on the side that it starts from."""
        return self.key.child if self.up else self.key.parent

    @property
    def there(self) -> Column:
        """The column on the side that it leads to."""
        return self.key.parent if self.up else self.key.child


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
        return next((t for t in self.tables if t.name.casefold() == name.casefold()), None)

    def is_key(self, column: Column) -> bool:
        """Whether a column is an id or a foreign key."""
        return column.is_id or any(link.child is column for link in self.links)

    def measures(self, table: Table) -> tuple[Column, ...]:
        """Return the columns of a table with meaningful sums."""
        return tuple(c for c in table.columns if c.is_measure and not self.is_key(c))

    def paths(self, start: str, end: str) -> list[tuple[Step, ...]]:
        """Return the shortest chains of foreign keys between two tables; more than one are ambiguous.

        Those that only go from the many to the one, up, come first: they multiply no rows. None goes down after it
        went up: what only has the same parent is not related.
        """
        for upward in (True, False):
            # By the table that chains lead to and whether they went up at last. Of those to one table two are kept:
            # enough to know that they are ambiguous.
            ends: dict[tuple[str, bool], list[tuple[Step, ...]]] = {(start, upward): [()]}
            seen = {(start, True), (start, False)}
            for _ in range(_MAX_HOPS):
                longer: dict[tuple[str, bool], list[tuple[Step, ...]]] = {}
                for (here, up), chains in ends.items():
                    for step in self._steps(here, upward=up):
                        if (step.there.table, step.up) not in seen:
                            known = longer.setdefault((step.there.table, step.up), [])
                            known += [(*chain, step) for chain in chains][: 2 - len(known)]
                if found := longer.get((end, True), []) + longer.get((end, False), []):
                    return found
                seen |= longer.keys()
                ends = longer
        return []

    def _steps(self, here: str, *, upward: bool) -> Iterator[Step]:
        for link in self.links:
            if link.child.table == here:
                yield Step(link, up=True)
            if link.parent.table == here and not upward:
                yield Step(link, up=False)


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
        self.relationships += _mappings(data, "relationship", "relationships")

    def _table(self, schema_id: str, table: Mapping[str, Any]) -> None:
        name, columns = _text(table, "name", "table_name"), table.get("columns")
        if name and isinstance(columns, list):
            draft = self.drafts.setdefault(name.casefold(), _TableParts(name))
            draft.schema_id = draft.schema_id or schema_id
            draft.description = draft.description or _text(table, "description", "comment")
            draft.aliases += _texts(table, "synonyms", "aliases")
            for column in columns:
                spec = {"name": column} if isinstance(column, str) else column
                if isinstance(spec, Mapping) and (column_name := _text(spec, "name", "column_name")):
                    draft.columns.setdefault(column_name.casefold(), spec)
        self.dimensions += [(name, dimension) for dimension in _mappings(table, "dimension", "dimensions")]
        for metric in _mappings(table, "metric", "metrics"):
            self._metric(schema_id, name, metric)
        for relationship in _mappings(table, "relationship", "relationships", "foreign_keys"):
            self.relationships.append({"from_table": name, "type": "many_to_one", **relationship})

    def _metric(self, schema_id: str, table: str, metric: Mapping[str, Any]) -> None:
        name, content = _text(metric, "name"), metric.get("content", metric)
        content = {"sql": content} if isinstance(content, str) else content
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
        catalog = Catalog(tuple(_finish_table(draft) for draft in self.drafts.values()))
        links = [link for r in self.relationships if (link := _declared_foreign_key(catalog, r))]
        for table in catalog.tables:
            links += _column_links(catalog, table, self.drafts[table.name.casefold()].columns)
        metrics = [attrs.evolve(m, table=self._home(catalog, m)) for m in self.metrics]
        return attrs.evolve(catalog, links=tuple(dict.fromkeys(links)), metrics=tuple(m for m in metrics if m.table))

    @staticmethod
    def _home(catalog: Catalog, metric: Metric) -> str | None:
        """Return the name of the metric's table: the declared one, or the only one with a column of its SQL."""
        if metric.table and (table := catalog.table(metric.table)):
            return table.name
        words = {w.casefold() for w in re.findall(r"\w+", f"{metric.sql} {metric.where or ''}")}
        homes = [t.name for t in catalog.tables if any(c.name.casefold() in words for c in t.columns)]
        return homes[0] if len(homes) == 1 else None

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
                    extra["synonyms"] = [*_texts(old, "synonyms"), *_texts(content, "synonyms"), name]
                    draft.columns[column] = {**old, **extra}


def _finish_table(draft: _TableParts) -> Table:
    words = identifier_words(draft.name.rsplit(".", 1)[-1])
    if len(words) > 1 and words[0] in {"tbl", "dim", "fact", "stg", "vw", "tab"}:
        words = words[1:]
    columns = tuple(_finish_column(draft.name, spec) for spec in draft.columns.values())
    aliases = tuple(identifier_words(alias) for alias in draft.aliases)
    return Table(draft.name, words, columns, draft.description, draft.schema_id, aliases)


def _finish_column(table: str, spec: Mapping[str, Any]) -> Column:
    name, sql_type = _text(spec, "name", "column_name"), _text(spec, "type", "data_type", "dtype")
    description = clean(_text(spec, "description", "comment"))
    values, words = _values(spec, sql_type, description), identifier_words(name)
    aliases = tuple(identifier_words(s) for s in _texts(spec, "synonyms", "aliases"))
    key = bool(spec.get("primary_key") or spec.get("is_primary_key") or "primary key" in sql_type.casefold())
    kind = _kind(words, sql_type, description, values)
    return Column(table, name, kind, sql_type, description, values, words, aliases, key)


def _kind(words: tuple[str, ...], sql_type: str, description: str, values: tuple[str, ...]) -> str:
    told = sql_type.casefold()
    flag = bool(words) and (words[0] in _FLAG_WORDS or (len(words) == 1 and words[0] in _FLAGS))
    two = {v.casefold() for v in values} if len(values) == 2 else None  # noqa: PLR2004
    if told.startswith(("bool", "bit")) or (two is not None and two <= _FLAG_VALUES):
        return BOOL
    if re.match(r"date|time|smalldatetime", told):
        return DATE
    if _NUMBER_TYPE.match(told):
        return BOOL if flag or two == {"0", "1"} or _FLAG_TEXT.search(description) else NUMBER
    if words and (words[-1] in _DATE_WORDS or (len(words) > 1 and words[-1] in {"at", "on"})):
        return DATE
    return BOOL if flag and not told else TEXT


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
    ends = [
        (_text(spec, *(f"{k}_table" for k in keys), *keys), _text(spec, *(f"{k}{e}" for k in keys for e in _ENDS)))
        for keys in (
            ("from", "source", "left", "parent", "primary"),
            ("to", "target", "right", "child", "foreign", "references"),
        )
    ]
    if not all(table for table, _ in ends):
        condition = _text(spec, "join_condition", "condition", "on", "sql", "join")
        pair = re.search(r"([\w.]+)\.(\w+)\s*=\s*([\w.]+)\.(\w+)", condition)
        if not pair:
            return None
        ends = [(pair[1], pair[2]), (pair[3], pair[4])]
    return _foreign_key(catalog, ends[0], ends[1], _text(spec, "type", "relationship_type", "cardinality", "kind"))


_ENDS: Final = ("_column", "_key")


def _foreign_key(
    catalog: Catalog, one: tuple[str, str], other: tuple[str, str], cardinality: str
) -> ForeignKey | None:
    first, second = _find(catalog, *one), _find(catalog, *other)
    if first is None or second is None:
        return None
    cardinality = re.sub(r"[^a-z1nm]", "", cardinality.casefold())
    if cardinality in {"onetomany", "1n", "1m", "onetomanyoptional"} or (
        cardinality not in {"manytoone", "n1", "m1"} and second[1] not in {None, second[0].primary_key}
    ):
        first, second = second, first
    (child_table, child), (parent_table, parent) = first, second
    parent = parent or parent_table.primary_key
    if parent is None:
        return None
    child = child or (child_table is not parent_table and child_table.column(parent.name)) or None
    if child is None:
        wanted = {(*parent_table.words, "id"), (*parent_table.words[-1:], "id")}
        child = next((c for c in child_table.columns if c.words in wanted), None)
    return ForeignKey(child, parent) if child and child is not parent else None


def _find(catalog: Catalog, table: str, column: str) -> tuple[Table, Column | None] | None:
    found = catalog.table(table)
    if found is None and "." in table:
        table, column = table.rsplit(".", 1)
        found = catalog.table(table)
    return (found, found.column(column) if column else None) if found else None


def _column_links(catalog: Catalog, table: Table, specs: Mapping[str, Mapping[str, Any]]) -> Iterator[ForeignKey]:
    """Yield the foreign keys that columns declare, and others guessed from their names."""
    for column in table.columns:
        spec = specs[column.name.casefold()]
        stated = spec.get("references", spec.get("foreign_key", spec.get("fk")))
        end = ("", "")
        if isinstance(stated, Mapping):
            end = (_text(stated, "table", "table_name"), _text(stated, "column", "column_name"))
        elif isinstance(stated, str):
            parts = re.findall(r"\w+", stated)
            end = (parts[0], parts[1] if len(parts) > 1 else "") if parts else end
        link = _foreign_key(catalog, (table.name, column.name), end, "many_to_one")
        if link is None and column.words[-1:] in {("id",), ("key",)} and not table.is_own_id(column):
            link = _guessed_foreign_key(catalog, table, column)
        if link:
            yield link


def _guessed_foreign_key(catalog: Catalog, table: Table, column: Column) -> ForeignKey | None:
    stem = column.words[:-1]
    others = [t for t in catalog.tables if t is not table and t.words and t.primary_key and stem]
    alike = [t for t in others if t.words == stem] or [
        t for t in others if stem[-len(t.words) :] == t.words or first_synonym(stem[-1]) == first_synonym(t.words[-1])
    ]
    return ForeignKey(column, alike[0].primary_key) if len(alike) == 1 and alike[0].primary_key else None


def _listed(value: object) -> list[Any]:
    """Return a list of one item or of several."""
    if isinstance(value, (list, tuple)):
        return list(value)
    return [] if value is None else [value]


def _mappings(mapping: Mapping[str, Any], *keys: str) -> list[Mapping[str, Any]]:
    return [item for key in keys for item in _listed(mapping.get(key)) if isinstance(item, Mapping)]


def _texts(mapping: Mapping[str, Any], *keys: str) -> list[str]:
    return [item for key in keys for item in _listed(mapping.get(key)) if isinstance(item, str) and item]


def _text(mapping: Mapping[str, Any], *keys: str) -> str:
    """Return the first value, under these keys, that is text."""
    for key in keys:
        value = mapping.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""
