"""The parser's tree of a query: only what is known to read may be in it."""

from __future__ import annotations

import functools
import logging
import re
from contextvars import ContextVar
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.tokenizer_core import TokenType

from text2everything.local._databases._errors import DatabaseError
from text2everything.local._databases._functions import FUNCTIONS, is_refused
from text2everything.local._databases._words import words

if TYPE_CHECKING:
    from collections.abc import Container

    from sqlglot.tokenizer_core import Token

    from text2everything.local._databases._sql_text import SqlText

_DIALECTS = {"sqlserver": "tsql", "mariadb": "mysql"}
_QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values, exp.Pivot)


# The parts of a query that are no functions. What a later version of the parser knows more of is refused until it
# is in this list.
_PARTS = words("""
    Add Adjacent Alias Aliases All Any AtIndex AtTimeZone Between BitString BitwiseAnd BitwiseLeftShift BitwiseNot
    BitwiseOr BitwiseRightShift BitwiseXor Boolean Bracket ByteString CTE CharacterSet Column ColumnConstraint
    ColumnDef ColumnPrefix Comprehension Connect Cube DPipe DataType DataTypeParam DefaultColumnConstraint Distance
    DistanceNd Distinct Div Dot EQ Escape Except ExtendsLeft ExtendsRight Fetch Filter ForClause ForIn FormatJson From
    FromTimeZone GT GTE Glob Group GroupingSets Having HavingMax Heredoc HexString HistoricalData ILike Identifier
    IgnoreNulls In IndexTableHint IntDiv Intersect Interval IntervalSpan Introducer Is JSON JSONColumnDef
    JSONExtractQuote JSONKeyValue JSONPath JSONPathFilter JSONPathKey JSONPathPart JSONPathRecursive JSONPathRoot
    JSONPathScript JSONPathSelector JSONPathSlice JSONPathSubscript JSONPathUnion JSONPathWildcard JSONSchema
    JSONValue Join Kwarg LT LTE Lambda Lateral Like Limit LimitOptions Literal Match MatchRecognize
    MatchRecognizeMeasure Mod Mul NEQ National Neg NestedJSONSelect Not NotNullColumnConstraint Null NullSafeEQ
    NullSafeNEQ Offset ObjectIdentifier OnCondition OpenJSONColumnDef Operator Order Ordered OverflowTruncateBehavior
    Overlaps Parameter Paren Partition PathColumnConstraint Pivot PivotAlias PivotAny PositionalColumn
    PrimaryKeyColumnConstraint Prior PropertyEQ PseudoType Pseudocolumn Qualify QueryOption RawString
    RecursiveWithSearch RespectNulls Rollup Schema ScopeResolution Select SessionParameter SimilarTo SkipJSONColumn
    Slice Star Sub Subquery Table TableAlias TableColumn TableFromRows TableSample Tuple Union UnpivotColumns Values
    Var Variadic Version Where Window WindowSpec With WithFill WithOperator WithTableHint WithinGroup
    XMLKeyValueOption XMLNamespace TranslateCharacters
""")
# Functions of which the parser knows more than their names: sequences, files, stages, models.
_REFUSED_FUNCTIONS = words("""
    NextValueFor ReadCSV ReadParquet ToFile Secret Predict VectorSearch FeaturesAtTime AIAgg AIClassify AIEmbed
    AIForecast AIGenerate AISimilarity AISummarizeAgg MLForecast MLTranslate GenerateBool GenerateDouble
    GenerateEmbedding GenerateInt GenerateTable GenerateText
""")
_NAMES_FOR_MESSAGES = {
    "Command": "a statement that the parser does not know",
    "Into": "SELECT ... INTO",
    "Lock": "FOR UPDATE and other locks",
    "Hint": "optimizer hints",
    "Placeholder": "placeholders",
}

# What DuckDB reads as a file if there is no table of that name.
_FILE_NAME = re.compile(
    r".*[/\\:*?].*|.*\.(csv|tsv|txt|parquet|jsonl?|ndjson|geojson|db|duckdb|ddb|sqlite3?|xlsx?|arrow|arrows|feather|ipc|"
    r"avro|lance|vortex|shp|gpkg|fgb|gz|zst|bz2)",
    re.IGNORECASE | re.DOTALL,
)
# DuckDB's functions that read the table whose name they are given.
_DUCKDB_READ_TABLES = words("histogram histogram_values")

_QUOTED = {
    TokenType.STRING,
    TokenType.IDENTIFIER,
    TokenType.NATIONAL_STRING,
    TokenType.HEX_STRING,
    TokenType.BYTE_STRING,
    TokenType.BIT_STRING,
    TokenType.RAW_STRING,
    TokenType.HEREDOC_STRING,
}


# The parser logs statements that it does not know, which are refused anyway; nobody's SQL belongs in a log.
_quiet: ContextVar[bool] = ContextVar("_quiet", default=False)
logging.getLogger("sqlglot").addFilter(lambda _: not _quiet.get())


def require_query_tree(text: SqlText, db_type: str, qualified: Container[str]) -> None:
    """Parse a query and check every part of it.

    Args:
        text: The query.
        db_type: The kind of its database.
        qualified: The names of the functions that are called as `schema.name`; those are checked already.

    Raises:
        DatabaseError: It cannot be parsed, or is not a query through and through.
    """
    tree = _parse(text, db_type)
    if not isinstance(tree, _QUERIES):
        raise DatabaseError(f"{_describe(tree)} is refused: only a query can be run")
    for node in tree.walk():
        _require_known_part(node)
        if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc) and node.name.lower() not in qualified:
            _require_known_function(node.name, db_type)
        elif isinstance(node, exp.Table):
            _require_table(node, db_type)
        elif db_type == "postgres" and isinstance(node, exp.Column | exp.Dot):
            _require_no_call(node)


def parser_functions(db_type: str) -> frozenset[str]:
    """Return the names, in lower case, of the functions that the parser knows."""
    return _parser_functions(_DIALECTS.get(db_type, db_type))


@functools.cache
def _parser_functions(dialect: str) -> frozenset[str]:
    return frozenset(name.lower() for name in sqlglot.Dialect.get_or_raise(dialect).parser_class.FUNCTIONS)


def _parse(text: SqlText, db_type: str) -> exp.Expr:
    dialect = sqlglot.Dialect.get_or_raise(_DIALECTS.get(db_type, db_type))
    quiet = _quiet.set(True)
    try:
        tokens = dialect.tokenize(text.text)
        _require_same_reading(text, tokens)
        trees = dialect.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, text.text)
    except SqlglotError as error:
        raise DatabaseError(f"the SQL cannot be read: {_first_line(error)}") from None
    except RecursionError:
        raise DatabaseError("the SQL is nested too deeply") from None
    except DatabaseError:
        raise
    except Exception:  # noqa: BLE001 - the parser's own, for calls with too few arguments and the like
        raise DatabaseError("the SQL cannot be read") from None
    finally:
        _quiet.reset(quiet)
    if len(trees) != 1 or trees[0] is None:
        raise DatabaseError("exactly one statement can be run at a time")
    return trees[0]


def _first_line(error: SqlglotError) -> str:
    return re.sub(r"\x1b\[\d+m", "", str(error)).partition("\n")[0]


def _require_same_reading(text: SqlText, tokens: list[Token]) -> None:
    covered = bytearray(len(text.text))
    quoted = {}
    for token in tokens:
        covered[token.start : token.end + 1] = b"\1" * (token.end + 1 - token.start)
        if token.token_type in _QUOTED:
            quoted[token.end + 1] = token.start
    for piece in text.pieces:
        seen = all(covered[piece.start : piece.end])
        if piece.kind in {"string", "quoted"}:
            seen = seen and quoted.pop(piece.end, None) == piece.start
        if not seen:
            raise DatabaseError(
                f"the SQL cannot be read for sure at character {piece.start + 1}: {piece.text[:20]!r}"
            )
    if any(text.text[start] in "'\"`[$" for start in quoted.values()):
        raise DatabaseError("the SQL cannot be read for sure: quotes that end in more than one place")


def _require_known_part(node: exp.Expr) -> None:
    name = type(node).__name__
    allowed = name not in _REFUSED_FUNCTIONS if isinstance(node, exp.Func) else name in _PARTS
    if not allowed:
        raise DatabaseError(f"{_describe(node)} is refused: only a query that reads can be run")


def _describe(node: exp.Expr) -> str:
    name = type(node).__name__
    return _NAMES_FOR_MESSAGES.get(name, name.upper())


def _require_known_function(name: str, db_type: str) -> None:
    rule = FUNCTIONS[db_type]
    if rule.known is not None and name.lower() not in rule.known:
        raise DatabaseError(f"the function {name} is refused: it is not known to only read")


def _require_no_call(node: exp.Column | exp.Dot) -> None:
    """Check what follows a dot: PostgreSQL takes `value.name` for `name(value)` where there is no such column."""
    parts = node.parts[1:] if isinstance(node, exp.Column) else [node.expression]
    for part in parts:
        if is_refused(part.name.lower(), "postgres"):
            raise DatabaseError(f"the function {part.name} is refused: it is not known to only read")


def _require_table(table: exp.Table, db_type: str) -> None:
    rule = FUNCTIONS[db_type]
    source = table.this
    if isinstance(source, exp.Func):
        name = source.name if isinstance(source, exp.Anonymous) else source.sql_name()
        if rule.tables is not None and rule.tables.fullmatch(name.lower()) is None:
            raise DatabaseError(f"the function {name} is refused as a table: it is not known to only read")
        if db_type == "duckdb" and name.lower() in _DUCKDB_READ_TABLES:
            _require_named_table(source)
        return
    if isinstance(source, exp.Literal):
        raise DatabaseError(f"{source.name!r} is refused: tables and views can be read, files cannot be named")
    name = table.name
    if rule.relations is not None and rule.relations.fullmatch(name.lower()):
        raise DatabaseError(f"the table {name} is refused: it reads files of the server or changes something")
    if db_type == "duckdb":
        require_no_file(".".join(part.name for part in table.parts))


def _require_named_table(call: exp.Func) -> None:
    """Check the first argument of a function that reads the table of that name."""
    parts: list[exp.Expr] = call.expressions[:1]
    if parts and isinstance(parts[0], exp.Column):
        parts = parts[0].parts
    if not parts or not all(isinstance(part, exp.Identifier | exp.Literal) for part in parts):
        raise DatabaseError("only a table that is named can be given to this function")
    require_no_file(".".join(part.name for part in parts))


def require_no_file(name: str) -> None:
    """Check that DuckDB cannot take the name of a table for that of a file."""
    if _FILE_NAME.fullmatch(name):
        raise DatabaseError(f"{name!r} is refused: tables and views can be read, files cannot be named")
