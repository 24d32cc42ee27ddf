"""Reads the public methods of the async classes from their source, for the generator."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from typing import TYPE_CHECKING, NamedTuple, get_overloads

from text2everything.sync._annotations import ASYNC_SOURCES, BLOCKING, Code, Scope, head_name, union_types

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FunctionType

PHRASES = {
    "await ": "",
    "async for ": "for ",
    "async with ": "with ",
    "async def ": "def ",
    " client to be awaited": " client whose calls block",
    ", in the running event loop,": "",
    " in the running loop": " in the client's loop",
    "any iterable, plain or async": "any iterable",
    "any iterable, plain or\n        async": "any iterable",
    "A plain iterable is iterated in the event loop and must not block.": (
        "The source is iterated in the calling thread."
    ),
}
"""Phrases in the docstrings of async code, and their replacements for blocking code."""


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


def _members(cls: type) -> Iterator[tuple[str, FunctionType, str | None, Scope]]:
    """Yield the name, function, decorator and scope of every function that `cls` and its bases define."""
    for owner, variables in _generic_bases(cls):
        scope = Scope(cls, owner.__module__, variables)
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


def _method(function: FunctionType, decorator: str | None, scope: Scope) -> Method:
    node = _definition(function)
    arguments = node.args
    parameters = []
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    kinds: list[inspect._ParameterKind] = [inspect.Parameter.POSITIONAL_ONLY] * len(arguments.posonlyargs)
    kinds += [inspect.Parameter.POSITIONAL_OR_KEYWORD] * len(arguments.args)
    for argument, default, kind in zip(positional, defaults, kinds, strict=True):
        parameters.append(_parameter(scope, argument, kind, default))
    if decorator != "staticmethod":
        del parameters[0]
    if arguments.vararg is not None:
        parameters.append(_parameter(scope, arguments.vararg, inspect.Parameter.VAR_POSITIONAL))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parameters.append(_parameter(scope, argument, inspect.Parameter.KEYWORD_ONLY, default))
    if arguments.kwarg is not None:
        parameters.append(_parameter(scope, arguments.kwarg, inspect.Parameter.VAR_KEYWORD))
    if node.returns is None:
        raise TypeError(f"{function.__qualname__} does not say what it returns")
    wrapper = head_name(node.returns)
    is_overload = any(head_name(each) == "overload" for each in node.decorator_list)
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


def _generic_bases(cls: type) -> Iterator[tuple[type, dict[str, Code]]]:
    """Yield each class in the MRO of `cls` with the values of its type variables in `cls`."""
    values: dict[type, dict[str, Code]] = {cls: {}}
    for owner in cls.__mro__[:-1]:
        variables = values.setdefault(owner, {})
        yield owner, variables
        scope = Scope(cls, owner.__module__, variables)
        bases = vars(owner).get("__orig_bases__", ())
        for source, base in zip(_base_expressions(owner) if bases else (), bases, strict=False):
            origin = getattr(base, "__origin__", None)
            if not isinstance(source, ast.Subscript) or origin is None or not hasattr(origin, "__parameters__"):
                continue
            elements = source.slice.elts if isinstance(source.slice, ast.Tuple) else [source.slice]
            names = [parameter.__name__ for parameter in origin.__parameters__]
            values[origin] = {name: scope.code(each) for name, each in zip(names, elements, strict=False)}


def _base_expressions(cls: type) -> list[ast.expr]:
    node = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    return node.bases if isinstance(node, ast.ClassDef) else []


def _parameter(
    scope: Scope, argument: ast.arg, kind: inspect._ParameterKind, default: ast.expr | None = None
) -> Parameter:
    annotation = argument.annotation
    return Parameter(
        argument.arg,
        kind,
        None if annotation is None else scope.code(annotation),
        None if default is None else scope.code(default),
        consumed=annotation is not None and any(head_name(each) in ASYNC_SOURCES for each in union_types(annotation)),
    )
