"""Generates the blocking classes: `python -m text2everything.sync._generate [--check]`.

The async classes are the only input. The output is code without logic, one module for each resource, committed so
that readers, type checkers and editors see it. `--check` fails if it is not up to date.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

from text2everything.sync._annotations import BLOCKING, STREAMS, Import
from text2everything.sync._base import BlockingClient
from text2everything.sync._source import Method, Parameter, blocking_doc, public_methods, resources_of, signature_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PACKAGE = "text2everything.sync._generated"
TARGET = Path(__file__).parent / "_generated"

HEADER = '''\
# Generated from {source} by `python -m text2everything.sync._generate`: do not edit.
"""{doc}"""

from __future__ import annotations

'''
STARS: dict[inspect._ParameterKind, str] = {
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
}


def generate(client: type, package: str = PACKAGE) -> dict[str, str]:
    """Return the source of every module by file name, for the async class `client` and its resources."""
    resources = resources_of(client)
    modules = {f"{_module_name(cls)}.py": resource_module(cls) for cls in resources.values()}
    modules["client.py"] = client_module(client, resources, package)
    names = {blocking_name(cls): _module_name(cls) for cls in resources.values()} | {blocking_name(client): "client"}
    modules["__init__.py"] = (
        HEADER.format(source=client.__module__, doc="The blocking client and its resources.")
        + _import_block(Import(f"{package}.{stem}", name, name) for name, stem in names.items())
        + f"\n__all__ = {sorted(names)!r}\n"
    )
    return {name: _formatted(text) for name, text in sorted(modules.items())}


def resource_module(cls: type) -> str:
    """Return the source of the module with the blocking counterpart of the resource class `cls`."""
    methods = public_methods(cls)
    imports = {
        Import("text2everything.sync._base", "BlockingResource", "BlockingResource"),
        Import(cls.__module__, cls.__name__, cls.__name__),
    }
    name = blocking_name(cls)
    return (
        HEADER.format(source=cls.__module__, doc=f"The blocking `{name}`.")
        + _import_lines([*imports, *_imports(methods)])
        + f"\n\nclass {name}(BlockingResource[{cls.__name__}]):\n"
        + _docstring(blocking_doc(inspect.getdoc(cls) or ""))
        + "".join(_definitions(method, cls) for method in methods)
    )


def client_module(client: type, resources: dict[str, type], package: str = PACKAGE) -> str:
    """Return the source of the module with the blocking counterpart of the class `client`."""
    init = signature_of(client, "__init__")
    methods = [method for method in public_methods(client) if not hasattr(BlockingClient, method.name)]
    imports = {
        Import("text2everything.sync._base", "BlockingClient", "BlockingClient"),
        Import("text2everything.resources._attribute", "resource_attribute", "resource_attribute"),
        Import(client.__module__, client.__name__, client.__name__),
        *(
            Import(f"{package}.{_module_name(cls)}", blocking_name(cls), blocking_name(cls))
            for cls in resources.values()
        ),
    }
    name = blocking_name(client)
    attributes = "".join(
        f"    {attribute}: {blocking_name(cls)} = resource_attribute({blocking_name(cls)})\n"
        for attribute, cls in resources.items()
    )
    return (
        HEADER.format(source=client.__module__, doc=f"The blocking `{name}`.")
        + _import_lines([*imports, *_imports([init, *methods])])
        + f"\n\nclass {name}(BlockingClient):\n"
        + _docstring(blocking_doc(inspect.getdoc(client) or ""))
        + f"\n{attributes}\n"
        + f"    def __init__({', '.join(['self', *_signature(init.parameters)])}) -> None:\n"
        + "        __tracebackhide__ = _rich_traceback_omit = True\n"
        + f"        self._use({client.__name__}({_arguments(init)}))\n"
        + "".join(_definitions(method, client) for method in methods)
    )


def blocking_name(cls: type) -> str:
    """Return the name of the class generated from `cls`."""
    return cls.__name__.removeprefix("Async")


def missing(client: type, package: str = PACKAGE) -> list[str]:
    """Return the public async methods without a counterpart of the same parameters in the installed package."""
    generated = importlib.import_module(package)
    problems = []
    resources = resources_of(client)
    for cls in [client, *resources.values()]:
        counterpart = getattr(generated, blocking_name(cls), None)
        for name, attribute in inspect.getmembers(cls):
            if name.startswith("_") or attribute in resources.values():
                continue
            if not (callable(attribute) or isinstance(attribute, property)):
                continue
            found = getattr(counterpart, name, None)
            if found is None or (callable(found) and _parameters(found) != _parameters(attribute)):
                problems.append(f"{cls.__name__}.{name}")
    return problems


def _parameters(function: object) -> list[tuple[str, str, bool]]:
    parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    return [(each.name, each.kind.name, each.default is each.empty) for each in parameters]


def _module_name(cls: type) -> str:
    return cls.__module__.rpartition(".")[2]


def _definitions(method: Method, cls: type) -> str:
    """Return the source of the method's overloads and of the method."""
    overloads = "".join(f"\n    @overload\n{_head(each)} ...\n" for each in method.overloads)
    return (
        f"{overloads}\n{_head(method)}\n"
        + (_docstring(method.doc, 8) if method.doc else "")
        + indent(_body(method, cls), " " * 8)
    )


def _head(method: Method) -> str:
    first = {"staticmethod": [], "classmethod": ["cls"]}.get(method.decorator or "", ["self"])
    decorator = f"    @{method.decorator}\n" if method.decorator else ""
    signature = ", ".join([*first, *_signature(method.parameters)])
    return f"{decorator}    def {method.name}({signature}) -> {method.returns.text}:"


def _body(method: Method, cls: type) -> str:
    """Return the one call that is the method's body, hidden from tracebacks by pytest and rich."""
    receiver = f"{cls.__name__}" if method.decorator in {"staticmethod", "classmethod"} else "self._async"
    target = f"{receiver}.{method.name}"
    arguments = _arguments(method)
    if method.is_coroutine:
        call = f"self._portal.call({', '.join(filter(None, [target, arguments]))})"
        return f"__tracebackhide__ = _rich_traceback_omit = True\nreturn {call}\n"
    call = target if method.decorator == "property" else f"{target}({arguments})"
    if method.wrapper is not None:
        return f"return {BLOCKING[method.wrapper]}(self._portal, {call})\n"
    if method.returns.text == "Self":
        shared = "cls._over({})" if method.decorator == "classmethod" else "self._over({}, self._portal)"
        return f"return {shared.format(call)}\n"
    return f"return {call}\n"


def _signature(parameters: Sequence[Parameter]) -> list[str]:
    parts = []
    positional_only = keyword_only = False
    for each in parameters:
        if positional_only and each.kind is not inspect.Parameter.POSITIONAL_ONLY:
            parts.append("/")
        positional_only = each.kind is inspect.Parameter.POSITIONAL_ONLY
        if each.kind is inspect.Parameter.VAR_POSITIONAL:
            keyword_only = True
        if each.kind is inspect.Parameter.KEYWORD_ONLY and not keyword_only:
            parts.append("*")
            keyword_only = True
        stars = STARS.get(each.kind, "")
        annotation = f": {each.annotation.text}" if each.annotation is not None else ""
        default = f" = {each.default.text}" if each.default is not None else ""
        parts.append(f"{stars}{each.name}{annotation}{default}")
    return [*parts, "/"] if positional_only else parts


def _arguments(method: Method) -> str:
    parts = []
    for each in method.parameters:
        value = f"read_all({each.name})" if _is_read_first(each, method) else each.name
        named = each.kind is inspect.Parameter.KEYWORD_ONLY
        parts.append(f"{STARS.get(each.kind, '')}{f'{each.name}=' if named else ''}{value}")
    return ", ".join(parts)


def _is_read_first(parameter: Parameter, method: Method) -> bool:
    """Return whether the items are read before the call; a stream reads them in the course of its iteration."""
    return parameter.consumed and method.wrapper is None


def _docstring(text: str, width: int = 4) -> str:
    if not text:
        return ""
    prefix = 'r"""' if "\\" in text else '"""'
    end = '\n"""' if "\n" in text else '"""'
    return indent(prefix + text + end, " " * width) + "\n"


def _imports(methods: Iterable[Method]) -> set[Import]:
    found: set[Import] = set()
    for method in methods:
        codes = [method.returns]
        for parameter in method.parameters:
            codes += [code for code in (parameter.annotation, parameter.default) if code is not None]
            if _is_read_first(parameter, method):
                found.add(Import(STREAMS, "read_all", "read_all"))
        for code in codes:
            found |= code.imports
        if method.wrapper is not None:
            found.add(Import(STREAMS, BLOCKING[method.wrapper], BLOCKING[method.wrapper]))
        if method.overloads:
            found |= _imports(method.overloads) | {Import("typing", "overload", "overload")}
    return found


def _import_lines(imports: Iterable[Import]) -> str:
    by_name: dict[str, Import] = {}
    for each in sorted(set(imports)):
        if by_name.setdefault(each.local, each)[:3] != each[:3]:
            raise TypeError(f"{each.local} means both {by_name[each.local]} and {each}")
    later = [each for each in by_name.values() if each.typing_only]
    now = [each for each in by_name.values() if not each.typing_only]
    if not later:
        return _import_block(now)
    typing = Import("typing", "TYPE_CHECKING", "TYPE_CHECKING")
    return f"{_import_block([*now, typing])}\nif TYPE_CHECKING:\n{indent(_import_block(later), '    ')}"


def _import_block(imports: Iterable[Import]) -> str:
    """Return the import lines in order: the standard library, other packages, this one."""
    lines: dict[tuple[int, str], list[str]] = {}
    for each in imports:
        alias = "" if each.local in {each.name, each.name.partition(".")[0]} else f" as {each.local}"
        root = (each.module or each.name).partition(".")[0]
        group = 0 if root in sys.stdlib_module_names else 2 if root == PACKAGE.partition(".")[0] else 1
        start = f"from {each.module} import " if each.module else f"import {each.name}{alias}"
        lines.setdefault((group, start), []).append(f"{each.name}{alias}" if each.module else "")
    text, last = "", 0
    for (group, start), names in sorted(
        lines.items(), key=lambda line: (line[0][0], line[0][1].startswith("from"), line)
    ):
        text += "\n" if text and group != last else ""
        text += start + ", ".join(sorted(names, key=lambda name: (not name.isupper(), not name[:1].isupper(), name)))
        text += "  # noqa: N812\n" if "list as List" in names else "\n"
        last = group
    return text


def _formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(TARGET / "module.py"), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)  # noqa: S603  # our own
    if done.returncode:
        raise RuntimeError(f"ruff cannot format what was generated: {done.stderr}\n{text}")
    return done.stdout


def write(modules: dict[str, str], target: Path) -> None:
    """Write the modules to the directory `target`, and delete all other modules there."""
    target.mkdir(exist_ok=True)
    for path in target.glob("*.py"):
        if path.name not in modules:
            path.unlink()
    for name, text in modules.items():
        (target / name).write_text(text, encoding="utf-8")


def drift(modules: dict[str, str], target: Path) -> str:
    """Return the differences between `target` and these modules as a diff."""
    present = {path.name: path.read_text(encoding="utf-8") for path in target.glob("*.py")}
    lines: list[str] = []
    for name in sorted(present.keys() | modules.keys()):
        before, after = present.get(name, ""), modules.get(name, "")
        lines += difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"{name} as committed",
            f"{name} as generated",
        )
    return "".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Write the modules, or with `--check` report differences; return the exit status."""
    from text2everything.client import AsyncText2EverythingClient  # noqa: PLC0415  # only needed when run as a program

    if list(arguments) not in ([], ["--check"]):
        sys.stderr.write("usage: python -m text2everything.sync._generate [--check]\n")
        return 2
    modules = generate(AsyncText2EverythingClient)
    if not arguments:
        write(modules, TARGET)
        return 0
    difference = drift(modules, TARGET)
    sys.stdout.write(difference)
    if difference:
        sys.stderr.write("the blocking classes are not up to date: run python -m text2everything.sync._generate\n")
        return 1
    problems = missing(AsyncText2EverythingClient)
    for problem in problems:
        sys.stderr.write(f"{problem} has no blocking counterpart\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
