"""Annotations and defaults of the async classes, rewritten for generated code in another module.

They are copied as source, such as `Sequence[str] | None`, with the imports that their names need there. Type
variables of generic bases are replaced by their values in the class, and async types by their blocking counterparts.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BLOCKING = {"AsyncPager": "Pager", "AsyncBulkStream": "BulkStream"}
"""Types that plain methods return, and their blocking counterparts in `_streams.py`."""

ASYNC_SOURCES = {"AsyncIterable", "AsyncIterator", "AsyncGenerator"}
"""Types of arguments that blocking code cannot use; each is in a union with a blocking type, and is dropped."""

STREAMS = "text2everything.sync._streams"


class Import(NamedTuple):
    """`from module import name as local`, or `import name as local` if there is no module."""

    module: str
    name: str
    local: str
    typing_only: bool = False


class Code(NamedTuple):
    """An expression, and the imports it needs."""

    text: str
    imports: frozenset[Import] = frozenset()


class Scope:
    """Resolves the names in the annotations of one module, for generated code in another.

    Args:
        cls: The class; if it has a method `list`, the built-in is imported as `List`.
        module: The module of the annotations.
        variables: The values of type variables.
    """

    def __init__(self, cls: type, module: str, variables: Mapping[str, Code]) -> None:
        self._cls = cls
        self.module = module
        self.variables = variables

    def shadows(self, name: str) -> bool:
        return hasattr(self._cls, name)

    def code(self, expression: ast.expr) -> Code:
        """Return the expression, with the imports it needs in another module."""
        translator = _Translator(self)
        return Code(ast.unparse(translator.visit(expression)), frozenset(translator.imports))


class _Translator(ast.NodeTransformer):
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.imports: set[Import] = set()

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if not isinstance(node.op, ast.BitOr):
            self.generic_visit(node)
            return node
        kept: list[ast.expr] = [
            self.visit(each) for each in union_types(node) if head_name(each) not in ASYNC_SOURCES
        ]
        whole = kept[0]
        for each in kept[1:]:
            whole = ast.BinOp(whole, ast.BitOr(), each)
        return whole

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:  # ast's own naming
        if head_name(node) == "Literal":  # its strings are values, not annotations
            self.visit(node.value)
            return node
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:  # ast's own naming
        if node.id in BLOCKING:
            self.imports.add(Import(STREAMS, BLOCKING[node.id], BLOCKING[node.id]))
            return ast.Name(BLOCKING[node.id])
        if node.id in self._scope.variables:
            value = self._scope.variables[node.id]
            self.imports |= value.imports
            return ast.parse(value.text, mode="eval").body
        origin = _origin(self._scope.module, node.id)
        if origin is not None:
            self.imports.add(origin)
        elif self._scope.shadows(node.id):
            self.imports.add(Import("builtins", node.id, node.id.capitalize()))
            return ast.Name(node.id.capitalize())
        return node


def union_types(annotation: ast.expr) -> list[ast.expr]:
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return [*union_types(annotation.left), *union_types(annotation.right)]
    return [annotation]


def _origin(module: str, name: str) -> Import | None:
    """Return the import that defines `name` in `module`, or None for a built-in."""
    if name in (found := _imports(module)):
        return found[name]
    if name in vars(sys.modules[module]):
        return Import(module, name, name)
    if hasattr(builtins, name):
        return None
    raise TypeError(f"{module} uses {name!r}, which it neither defines nor imports at its top level")


@cache
def _imports(module: str) -> dict[str, Import]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    found = {each.local: each for each in _imports_in(tree.body, typing_only=False)}
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            found |= {each.local: each for each in _imports_in(node.body, typing_only=True)}
    return found


def _imports_in(nodes: list[ast.stmt], *, typing_only: bool) -> Iterator[Import]:
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Import(node.module or "", alias.name, alias.asname or alias.name, typing_only)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield Import("", alias.name, alias.asname or alias.name.partition(".")[0], typing_only)


def head_name(annotation: ast.expr) -> str | None:
    """Return `Name` for the annotation `Name` or `Name[...]`."""
    if isinstance(annotation, ast.Subscript):
        return head_name(annotation.value)
    return annotation.id if isinstance(annotation, ast.Name) else None
