"""The terms by which the indexes of words find items.

A term is a word in its plain form after the scope of the item: the start of the id of its project or connector. So
the list of items for a term is that of one project, however many there are. Each item also has its scope alone as a
term, by which all are listed. Ids are random, and whoever searches checks the whole one.
"""

from __future__ import annotations

import itertools
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from text2everything.local.engine import question_words
from text2everything.local.engine._words import (
    ABBREVIATIONS,
    DEMONYMS,
    FILLERS,
    NEGATING_PREFIXES,
    clean,
    first_synonym,
    stem,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

_SCOPE_LENGTH: Final = 8
# Of one item; what comes after is not found by the index.
_MAX_TEXT: Final = 100_000
_MAX_TERMS: Final = 2_000
_MAX_QUESTION: Final = 10_000
MAX_QUESTION_TERMS: Final = 100
_MAX_WORD: Final = 40
_MAX_NAME: Final = 200

_WORD: Final = re.compile(r"[^\W_]+")
_NOT_WORD: Final = re.compile(r"[\W_]")
_CAMEL: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
# Scripts that put no spaces between words: Thai to Khmer, kana, Chinese characters, Hangul.
_UNSPACED: Final = re.compile(
    r"[\u0e00-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_PREFIXES: Final = frozenset(["tbl", "dim", "fact", "stg", "vw", "tab"])
_QUALIFIED: Final = re.compile(r"(\w+)\.\w+")
# The keys of schema data whose values name a table that is described elsewhere.
_REFERENCES: Final = frozenset(
    [
        "references",
        "foreign_key",
        "fk",
        "from",
        "to",
        "source",
        "target",
        "left",
        "right",
        "parent",
        "child",
        "primary",
        "foreign",
        "table",
        "table_name",
    ]
)
_ENDINGS: Final = ("ing", "ed", "e")
_SHORTEST_BASE: Final = 3


def register(connection: sqlite3.Connection) -> None:
    """Add the SQL functions that make the terms of items; each takes the scope first."""
    functions: tuple[tuple[str, int, Callable[..., str]], ...] = (
        ("t2e_question_terms", 2, _stored(question_terms)),
        ("t2e_text_terms", 3, _stored(text_terms)),
        ("t2e_schema_terms", 4, _stored(schema_terms)),
    )
    for name, arguments, function in functions:
        connection.create_function(name, arguments, function, deterministic=True)


def _stored(terms: Callable[..., list[str]]) -> Callable[..., str]:
    def stored(scope: str, *texts: str | None) -> str:
        return " ".join([scope_term(scope), *terms(scope, *texts)])

    return stored


def scope_term(scope: str) -> str:
    """Return the term that all items of a scope have."""
    return f"{scope[:_SCOPE_LENGTH]}:"


def question_terms(scope: str, question: str | None) -> list[str]:
    """Return the terms of a question: the words that its similarity to others depends on."""
    found: dict[str, None] = {}
    for word in question_words((question or "")[:_MAX_QUESTION]):
        found.update(dict.fromkeys(_unspaced_parts(word) or [word]))
    return _scoped(scope, list(found)[:MAX_QUESTION_TERMS])


def text_terms(scope: str, *texts: str | None) -> list[str]:
    """Return the terms of a text: its words but fillers, and the words in names such as `CustOrder_items`."""
    found = dict.fromkeys(base for text in texts for base in _bases(text or "") if base not in FILLERS)
    return _scoped(scope, list(found)[:_MAX_TERMS])


def asked_terms(scope: str, question: str) -> list[str]:
    """Return the terms by which texts are found for a question: also what its words are made of."""
    question = question[:_MAX_QUESTION]
    found = dict.fromkeys(_bases(question))
    pairs = itertools.pairwise(_WORD.findall(clean(question)))
    found.update(dict.fromkeys(_base(a + b) for a, b in pairs))  # "order items" may be orderitems
    for word in _WORD.findall(clean(question).casefold()):
        if word in DEMONYMS:
            found[_base(DEMONYMS[word])] = None
        for prefix in NEGATING_PREFIXES:
            if word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST_BASE:
                found[_base(word.removeprefix(prefix))] = None
    return _scoped(scope, [word for word in found if word not in FILLERS][:MAX_QUESTION_TERMS])


def schema_terms(scope: str, name: str | None, description: str | None, schema_data: str | None) -> list[str]:
    """Return the terms of schema metadata: of all its texts, of the table it describes, and of those it refers to."""
    data = json.loads(schema_data or "{}")
    texts = dict.fromkeys((name or "", description or "", *(text for _, text in _strings(data))))
    words = dict.fromkeys(base for text in texts for base in _bases(text) if base not in FILLERS)
    keys = [*(f"is={key}" for key in described_tables(data)), *(f"to={key}" for key in referenced_tables(data))]
    return _scoped(scope, [*keys, *words][:_MAX_TERMS])


def table_terms(scope: str, tables: Iterable[str]) -> list[str]:
    """Return the terms by which the schema metadata of tables is found."""
    return _scoped(scope, [f"is={key}" for key in tables])


def reference_terms(scope: str, tables: Iterable[str]) -> list[str]:
    """Return the terms by which the schema metadata that refers to tables is found."""
    return _scoped(scope, [f"to={key}" for key in tables])


def described_tables(data: Any) -> dict[str, None]:
    """Return the tables with columns that schema data describes, by what their names have in common with others'."""
    found: dict[str, None] = {}
    if isinstance(data, dict):
        several = data.get("tables")
        for table in (data, data.get("table"), *(several if isinstance(several, list) else ())):
            if isinstance(table, dict) and isinstance(table.get("columns"), list):
                name = table.get("name") or table.get("table_name")
                if isinstance(name, str) and (key := _table_key(name)):
                    found[key] = None
    return found


def referenced_tables(data: Any) -> dict[str, None]:
    """Return the tables that schema data refers to: in relationships, keys, columns such as customer_id, and SQL."""
    found: dict[str, None] = {}
    for key, text in _strings(data):
        if key in _REFERENCES or key.endswith("_table"):
            found[_table_key(re.split(r"[(\s]", text.strip())[0])] = None
        if "." in text:
            found.update((_table_key(name), None) for name in _QUALIFIED.findall(text[:_MAX_TEXT]))
        if key in {"name", "column_name", "columns"}:
            *stems, last = _name_stems(text) or ("",)
            if last in {"id", "key"}:  # billing_customer_id may refer to billing_customer or to customer
                found.update((_joined(stems[start:]), None) for start in range(len(stems)))
    if isinstance(data, dict) and isinstance(data.get("table"), dict):
        name = data["table"].get("name")
        if isinstance(name, str) and not isinstance(data["table"].get("columns"), list):
            found[_table_key(name)] = None
    own = described_tables(data)
    return {key: None for key in found if key and key not in own}


def _table_key(name: str) -> str:
    """Return what is the same in `sales.tbl_Clients`, `customers` and `customer`."""
    stems = _name_stems(name.rpartition(".")[2] or name)
    return _joined(stems[1:] if len(stems) > 1 and stems[0] in _PREFIXES else stems)


def _joined(stems: Sequence[str]) -> str:
    return "".join([*stems[:-1], first_synonym(stems[-1])]) if stems else ""


@lru_cache(maxsize=8192)
def _name_stems(name: str) -> tuple[str, ...]:
    words = _WORD.findall(clean(name[:_MAX_NAME]))
    return tuple(ABBREVIATIONS.get(stem(part), stem(part)) for word in words for part in _parts(word))


def _parts(word: str) -> list[str]:
    return _CAMEL.findall(word) if word.isascii() else [word]


def _bases(text: str) -> Iterator[str]:
    """Yield the words in a text, each brought to what its forms have in common."""
    for word in _WORD.findall(clean(text[:_MAX_TEXT])):
        yield from _bases_of(word)


@lru_cache(maxsize=8192)
def _bases_of(word: str) -> tuple[str, ...]:
    if pairs := _unspaced_parts(word):
        return tuple(pairs)
    parts = _parts(word)
    return (_base(word), *(map(_base, parts) if len(parts) > 1 else ()))


def _base(word: str) -> str:
    """Return the same for ship, ships, shipped and shipping, and for client and customer."""
    word = stem(word)
    word = first_synonym(ABBREVIATIONS.get(word, word))
    if word in FILLERS:
        return word
    for ending in _ENDINGS:
        base = word.removesuffix(ending)
        if base != word and len(base) >= _SHORTEST_BASE:
            return first_synonym(base[:-1] if ending != "e" and base[-1] == base[-2] else base)
    return word


def _unspaced_parts(word: str) -> list[str]:
    """Return the pairs of neighbours among the characters of a word in a script without spaces."""
    parts: list[str] = []
    for run in _UNSPACED.findall(word):
        parts += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
    return parts


def _strings(data: Any) -> Iterator[tuple[str, str]]:
    """Yield all texts in a JSON document, each with the key that it or its list is under."""
    waiting = [("", data)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, dict):
            waiting += [(str(name), inner) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(key, inner) for inner in value]


def _scoped(scope: str, words: Iterable[str]) -> list[str]:
    prefix = scope_term(scope)
    terms = (prefix + (word if word.isalnum() else _NOT_WORD.sub("=", word))[:_MAX_WORD] for word in words)
    return list(dict.fromkeys(terms))
