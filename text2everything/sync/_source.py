"""Reads the public methods of the async classes from their source, for the generator.

Annotations are copied as source, such as `Sequence[str] | None`, with the imports that their names need in another
module. Type variables of generic bases are replaced by their values in the class, and async types by their blocking
counterparts.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
import textwrap
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, get_overloads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FunctionType

BLOCKING = {"AsyncPager": "Pager", "AsyncBulkStream": "BulkStream"}
"""Types that plain methods return, and their blocking counterparts in `_streams.py`."""

ASYNC_SOURCES = {"AsyncIterable", "AsyncIterator", "AsyncGenerator"}
"""Types of arguments that blocking code cannot use; each is in a union with a blocking type, and is dropped."""

PHRASES = {
    "await ": "",
    "async for ": "for ",
    "async with ": "with ",
    "async def ": "def ",
    " client to be awaited": " client whose calls block",
    ", in the running event loop,": "",
    " in the running loop": " in the client's loop",
    "any iterable, plain or async": "any iterable",
    "A plain iterable is iterated in the event loop and must not block.": (
        "The source is iterated in the calling thread."
    ),
}
"""Phrases in the docstrings of async code, and their replacements for blocking code."""

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


class Parameter(NamedTuple):
    """One parameter; `kind` is inspect's."""

    name: str
    kind: inspect._ParameterKind
    annotation: Code | None
    default: Code | None
    consumed: bool = False
    """Whether it also accepts an async iterable, so that a plain one must be read in the caller's thread."""


class Method(NamedTuple):
    """A public method or property of an async class."""

    name: str
    parameters: list[Parameter]
    returns: Code
    doc: str | None
    wrapper: str | None
    """The type of its result that needs a blocking counterpart: a key of `BLOCKING`, or None."""
    is_coroutine: bool
    decorator: str | None
    """`property`, `staticmethod`, `classmethod` or None."""
    overloads: list[Method]


def public_methods(cls: type) -> list[Method]:
    """Return the public methods of `cls`: its own in source order, then those of its bases."""
    found: dict[str, Method] = {}
    for name, function, decorator, scope in _members(cls):
        if not name.startswith("_") and name not in found:
            found[name] = _method(function, decorator, scope)
    return list(found.values())


def signature_of(cls: type, name: str) -> Method:
    """Return one method of `cls`, which may be a special method such as `__init__`."""
    return next(_method(*member[1:]) for member in _members(cls) if member[0] == name)


def resources_of(client: type) -> dict[str, type]:
    """Return the resource classes of an async client by the names of its annotated attributes."""
    module = sys.modules[client.__module__]
    declared = {
        name: getattr(module, annotation, None) for name, annotation in inspect.get_annotations(client).items()
    }
    return {
        name: cls
        for name, cls in declared.items()
        if isinstance(cls, type) and cls.__name__.startswith("Async") and not name.startswith("_")
    }


def blocking_doc(doc: str) -> str:
    """Return the docstring for the blocking counterpart."""
    for before, after in PHRASES.items():
        doc = doc.replace(before, after)
    words = doc.split("Async")
    return words[0] + "".join(word if word[:1].isupper() else f"Async{word}" for word in words[1:])


def _members(cls: type) -> Iterator[tuple[str, FunctionType, str | None, _Scope]]:
    """Yield the name, function, decorator and scope of every function that `cls` and its bases define."""
    for owner, variables in _generic_bases(cls):
        scope = _Scope(cls, owner.__module__, variables)
        for name, attribute in vars(owner).items():
            function, decorator = _unwrap(attribute)
            if function is not None:
                yield name, function, decorator, scope


def _unwrap(attribute: object) -> tuple[FunctionType | None, str | None]:
    if isinstance(attribute, property):
        return _unwrap(attribute.fget)[0], "property"
    if isinstance(attribute, staticmethod | classmethod):
        return _unwrap(attribute.__func__)[0], type(attribute).__name__
    if inspect.isfunction(attribute):
        return inspect.unwrap(attribute), None
    return None, None


def _method(function: FunctionType, decorator: str | None, scope: _Scope) -> Method:
    node = _definition(function)
    arguments = node.args
    parameters = []
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    kinds: list[inspect._ParameterKind] = [inspect.Parameter.POSITIONAL_ONLY] * len(arguments.posonlyargs)
    kinds += [inspect.Parameter.POSITIONAL_OR_KEYWORD] * len(arguments.args)
    for argument, default, kind in zip(positional, defaults, kinds, strict=True):
        parameters.append(scope.parameter(argument, kind, default))
    if decorator != "staticmethod":
        del parameters[0]
    if arguments.vararg is not None:
        parameters.append(scope.parameter(arguments.vararg, inspect.Parameter.VAR_POSITIONAL))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parameters.append(scope.parameter(argument, inspect.Parameter.KEYWORD_ONLY, default))
    if arguments.kwarg is not None:
        parameters.append(scope.parameter(arguments.kwarg, inspect.Parameter.VAR_KEYWORD))
    if node.returns is None:
        raise TypeError(f"{function.__qualname__} does not say what it returns")
    wrapper = _head(node.returns)
    is_overload = any(_head(each) == "overload" for each in node.decorator_list)
    doc = ast.get_docstring(node)
    return Method(
        name=function.__name__,
        parameters=parameters,
        returns=scope.code(node.returns),
        doc=None if doc is None else blocking_doc(doc),
        wrapper=wrapper if wrapper in BLOCKING else None,
        is_coroutine=isinstance(node, ast.AsyncFunctionDef),
        decorator=decorator,
        overloads=[] if is_overload else [_method(each, decorator, scope) for each in _overloads(function)],
    )


def _definition(function: FunctionType) -> ast.FunctionDef | ast.AsyncFunctionDef:
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        raise TypeError(f"{function.__qualname__} is not written as a function")
    return node


def _overloads(function: FunctionType) -> list[FunctionType]:
    return [each for overload in get_overloads(function) if (each := _unwrap(overload)[0]) is not None]


def _head(annotation: ast.expr) -> str | None:
    """Return `Name` for the annotation `Name` or `Name[...]`."""
    if isinstance(annotation, ast.Subscript):
        return _head(annotation.value)
    return annotation.id if isinstance(annotation, ast.Name) else None


def _generic_bases(cls: type) -> Iterator[tuple[type, dict[str, Code]]]:
    """Yield each class in the MRO of `cls` with the values of its type variables in `cls`."""
    values: dict[type, dict[str, Code]] = {cls: {}}
    for owner in cls.__mro__[:-1]:
        variables = values.setdefault(owner, {})
        yield owner, variables
        scope = _Scope(cls, owner.__module__, variables)
        for source, base in zip(_base_expressions(owner), vars(owner).get("__orig_bases__", ()), strict=False):
            origin = getattr(base, "__origin__", None)
            if not isinstance(source, ast.Subscript) or origin is None or not hasattr(origin, "__parameters__"):
                continue
            elements = source.slice.elts if isinstance(source.slice, ast.Tuple) else [source.slice]
            names = [parameter.__name__ for parameter in origin.__parameters__]
            values[origin] = {name: scope.code(each) for name, each in zip(names, elements, strict=False)}


def _base_expressions(cls: type) -> list[ast.expr]:
    node = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    return node.bases if isinstance(node, ast.ClassDef) else []


class _Scope:
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

    def parameter(
        self, argument: ast.arg, kind: inspect._ParameterKind, default: ast.expr | None = None
    ) -> Parameter:
        annotation = argument.annotation
        return Parameter(
            argument.arg,
            kind,
            None if annotation is None else self.code(annotation),
            None if default is None else self.code(default),
            consumed=annotation is not None and any(_head(each) in ASYNC_SOURCES for each in _union(annotation)),
        )

    def code(self, expression: ast.expr) -> Code:
        """Return the expression, with the imports it needs in another module."""
        translator = _Translator(self)
        return Code(ast.unparse(translator.visit(expression)), frozenset(translator.imports))


class _Translator(ast.NodeTransformer):
    def __init__(self, scope: _Scope) -> None:
        self._scope = scope
        self.imports: set[Import] = set()

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if not isinstance(node.op, ast.BitOr):
            self.generic_visit(node)
            return node
        kept: list[ast.expr] = [self.visit(each) for each in _union(node) if _head(each) not in ASYNC_SOURCES]
        whole = kept[0]
        for each in kept[1:]:
            whole = ast.BinOp(whole, ast.BitOr(), each)
        return whole

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:  # ast's own naming
        if _head(node) == "Literal":  # its strings are values, not annotations
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


def _union(annotation: ast.expr) -> list[ast.expr]:
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return [*_union(annotation.left), *_union(annotation.right)]
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
