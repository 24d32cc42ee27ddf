"""The resources of a client as attributes that its class knows too."""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import Any, Protocol, TypeVar

R = TypeVar("R")


class _Client(Protocol):
    def _make_resource(self, cls: type[Any], name: str) -> Any: ...


class _ResourceAttribute:
    """A resource, made when it is first used; of the client's class, it is the class of the resource.

    An annotation alone would be enough for a type checker, but not for what looks at the class at run time, such as
    `unittest.mock.create_autospec`.
    """

    def __init__(self, cls: type[Any]) -> None:
        self._cls = cls
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, client: _Client | None, owner: type) -> Any:
        if client is None:
            return self._cls
        resource = client._make_resource(self._cls, self._name)  # noqa: SLF001  # the client's part of this
        # From now on found without this method. Of two threads that are here at once, both get the same.
        return vars(client).setdefault(self._name, resource)

    # `patch.object(Client, "projects", autospec=True)` looks at this object itself.

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(name for name in dir(self._cls) if not name.startswith("_"))]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(self._cls, name)
        return MethodType(found, self) if isinstance(found, FunctionType) else found


def resource_attribute(cls: type[R]) -> R:
    """Return the attribute of a client that holds its resource of class `cls`."""
    attribute: Any = _ResourceAttribute(cls)
    return attribute  # type: ignore[no-any-return]
