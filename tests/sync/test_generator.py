"""The generator: what it writes from the async classes, and that what is committed is what it writes."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import re
import subprocess
import sys
import threading
import types
import typing
from collections.abc import AsyncIterable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import generator_input
import pytest

from text2everything._bulk import progress
from text2everything._bulk.stream import AsyncBulkStream
from text2everything._pagination.pager import AsyncPager
from text2everything.client import AsyncText2EverythingClient
from text2everything.local import LocalService
from text2everything.sync import _generate as generator
from text2everything.sync._source import blocking_doc, resources_of
from text2everything.sync._streams import BulkStream, Pager

if TYPE_CHECKING:
    from types import ModuleType

NAMES = {**vars(progress), "Callable": Callable}
"""What aliases refer to that are written as text."""


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return generator.generate(generator_input.AsyncShopClient, "generated_shop")


@pytest.fixture(scope="module")
def committed() -> dict[str, str]:
    return generator.generate(AsyncText2EverythingClient)


@pytest.fixture
def generated(committed: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The generator has generated already what it is asked for, which takes it a second."""
    monkeypatch.setattr(generator, "generate", lambda client: committed)


@pytest.fixture(scope="module")
def shop(texts: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the generator makes of generator_input.py, imported."""
    folder = tmp_path_factory.mktemp("generated")
    generator.write(texts, folder / "generated_shop")
    sys.path.insert(0, str(folder))
    yield importlib.import_module("generated_shop")
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.startswith("generated_shop")]:
        del sys.modules[name]


@pytest.fixture
def client(shop: ModuleType) -> Any:
    with shop.ShopClient(size=3) as client:
        yield client


# --- what is committed


def test_what_is_committed_is_what_would_be_generated(committed: dict[str, str]) -> None:
    assert generator.drift(committed, generator.TARGET) == ""


def test_every_public_async_method_has_its_counterpart() -> None:
    assert generator.missing(AsyncText2EverythingClient) == []


@pytest.mark.slow
def test_the_generator_says_the_same_whenever_it_runs() -> None:
    command = [sys.executable, "-m", "text2everything.sync._generate", "--check"]
    for seed in "12":
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=100, env={"PYTHONHASHSEED": seed}
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", resources_of(AsyncText2EverythingClient))
def test_signatures_say_the_same_types_on_both_sides(name: str) -> None:
    cls = resources_of(AsyncText2EverythingClient)[name]
    blocking = getattr(importlib.import_module("text2everything.sync"), generator.blocking_name(cls))
    methods = [key for key, value in inspect.getmembers(cls, inspect.isfunction) if not key.startswith("_")]
    assert len(methods) > 3
    for method in methods:
        ours = getattr(cls, method)
        theirs = getattr(blocking, method)
        assert not inspect.iscoroutinefunction(theirs)
        assert _said(typing.get_type_hints(theirs, localns=NAMES), {}) == _said(
            typing.get_type_hints(ours, localns=NAMES),
            {
                "~T": _full_name(vars(cls).get("_item")),
                "~C": _full_name(vars(cls).get("_new")),
                _full_name(AsyncPager): _full_name(Pager),
                _full_name(AsyncBulkStream): _full_name(BulkStream),
            },
        )
        assert {k: p.default for k, p in inspect.signature(ours).parameters.items()} == {
            k: p.default for k, p in inspect.signature(theirs).parameters.items()
        }


def _full_name(cls: Any) -> str:
    return f"{cls.__module__}.{cls.__qualname__}" if cls is not None else "nothing"


def _said(hints: dict[str, Any], meanings: dict[str, str]) -> dict[str, str]:
    """Return the hints as text, without the async ones of alternative sources, and with some names replaced."""
    said = {}
    for key, hint in hints.items():
        parts = typing.get_args(hint) if isinstance(hint, types.UnionType) else [hint]
        text = " | ".join(str(part) for part in parts if typing.get_origin(part) is not AsyncIterable)
        for name, meaning in meanings.items():
            text = text.replace(name, meaning)
        # Alternatives with a type variable print in the old way.
        said[key] = re.sub(r"typing\.Union\[([\w.]+), ([\w.]+\[[^][]*\])\]", r"\1 | \2", text)
    return said


def test_no_trace_of_async_in_what_users_read() -> None:
    for path in generator.TARGET.glob("*.py"):
        module = importlib.import_module(f"{generator.PACKAGE}.{path.stem}")
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if not cls.__module__.startswith(generator.PACKAGE):
                continue
            for text in [cls.__doc__, *(getattr(each, "__doc__", None) for each in vars(cls).values())]:
                assert "await" not in (text or "")
                assert "async " not in (text or "").replace("plain or async ", "").replace("sync or async ", "")
                assert "AsyncText2" not in (text or "")


# --- how it is run


@pytest.mark.usefixtures("generated")
def test_check_shows_the_drift(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(generator, "TARGET", tmp_path / "_generated")
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0
    assert capsys.readouterr() == ("", "")
    feedback = tmp_path / "_generated" / "feedback.py"
    feedback.write_text(feedback.read_text().replace("is_positive: bool = True", "is_positive: bool = False", 1))
    (tmp_path / "_generated" / "stale.py").write_text("left = 'over'\n")
    (tmp_path / "_generated" / "chat.py").unlink()
    assert generator.main(["--check"]) == 1
    out, err = capsys.readouterr()
    assert "-        is_positive: bool = False,\n+        is_positive: bool = True,\n" in out
    assert "-left = 'over'\n" in out
    assert "+class ChatResource(BlockingResource[AsyncChatResource]):\n" in out
    assert "run python -m text2everything.sync._generate" in err
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0
    assert not (tmp_path / "_generated" / "stale.py").exists()


@pytest.mark.usefixtures("generated")
def test_check_names_what_has_no_counterpart(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    sync = importlib.import_module("text2everything.sync")
    monkeypatch.delattr(sync.FeedbackResource, "create")
    monkeypatch.setattr(sync.FeedbackResource, "get", lambda self, feedback_id: None)
    assert generator.main(["--check"]) == 1
    assert capsys.readouterr().err == (
        "AsyncFeedbackResource.create has no blocking counterpart\n"
        "AsyncFeedbackResource.get has no blocking counterpart\n"
    )


def test_a_wrong_argument_is_told_the_usage(capsys: pytest.CaptureFixture) -> None:
    assert generator.main(["--chekc"]) == 2
    assert "usage:" in capsys.readouterr().err


# --- what it makes of each kind of method


def test_one_module_for_each_resource(texts: dict[str, str]) -> None:
    assert set(texts) == {"__init__.py", "client.py", "generator_input.py"}
    for text in texts.values():
        assert text.startswith("# Generated from generator_input by ")
        assert "do not edit" in text.splitlines()[0]


def test_a_coroutine_method_is_called_through_the_portal(client: Any) -> None:
    assert client.things.find("a") == {"a": []}
    assert client.ping() == "pong from 3"


def test_every_kind_of_parameter_arrives(client: Any) -> None:
    everything = client.things.everything
    assert everything(1) == (1, "it's", (), "a", generator_input.UNSET, 240, None, {})
    assert everything(1, "two", 3.0, 4.0, third="b", fourth=None, fifth=5, sixth="six", seventh=7) == (
        (1, "two", (3.0, 4.0), "b", None, 5, "six", {"seventh": 7})
    )
    assert client.things.positional_only(1) == 1
    with pytest.raises(TypeError, match="positional-only"):
        client.things.positional_only(value=1)
    assert client.things.keyword_only(value=1) == 1
    with pytest.raises(TypeError, match="positional"):
        client.things.keyword_only(1)


def test_signatures_are_written_as_the_author_wrote_them(texts: dict[str, str]) -> None:
    things = texts["generator_input.py"]
    assert '        third: Literal["a", "b"] = "a",\n        fourth: Unset | None = UNSET,\n' in things
    assert "        fifth: int = MANY * 2,\n        sixth: Name = None,\n        **others: Any,\n" in things
    assert "def keyword_only(self, *, value: builtins.int) -> int:" in things
    assert "def positional_only(self, value: int, /) -> int:" in things
    assert "def names(self) -> List[str]:" in things  # `list` is a method there
    assert "def find(self, key: str, *, default: dt.date | None = None) -> dict[str, List[dt.date]]:" in things
    assert "def overridden(self) -> dt.date:" in things
    assert "import datetime as dt\n" in things
    assert "\nif TYPE_CHECKING:\n    from pathlib import Path\n" in things
    assert "_private" not in things
    assert "_hidden" not in texts["client.py"]


def test_docstrings_are_those_of_blocking_code(shop: Any) -> None:
    assert shop.ShopClient.__doc__ == "A shop client whose calls block."
    assert inspect.getdoc(shop.ThingsResource) == (
        "Things, to be awaited.\n\nExample:\n"
        "    >>> with ShopClient() as client:\n"
        "    ...     for thing in client.things.iter():\n"
        '    ...         print(client.things.find("a"), ThingsResource)'
    )
    assert inspect.getdoc(shop.ThingsResource.everything) == (
        "Take every kind of parameter: \\d+ stays as it is.\n\nAwaited: `client.things.everything(1)`."
    )
    assert shop.ThingsResource.positional_only.__doc__ is None


def test_what_needs_no_io_is_called_directly(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("text2everything.sync._portal.Portal.call")
    assert client.things.pure(["a"]) == ["A"]
    assert client.things.static(1) == type(client.things).static(1) == 2
    assert client.things.count == 3
    assert client.area == 9
    monkeypatch.undo()


def test_a_pager_is_iterated_here(client: Any) -> None:
    pager = client.things.iter()
    assert isinstance(pager, Pager)
    assert list(pager) == [0, 1, 2, 3, 4]
    assert list(pager) == []
    assert [page.items for page in client.things.iter(page_size=3).pages()] == [[0, 1, 2], [3, 4]]
    assert client.things.iter().next_page().total == 5
    assert client.things.iter().collect() == [0, 1, 2, 3, 4]
    left = iter(client.things.iter())
    assert [next(left), next(left)] == [0, 1]


def test_a_source_is_read_in_the_callers_thread(client: Any, texts: dict[str, str]) -> None:
    seen = []

    def source() -> Any:
        for number in range(3):
            seen.append(threading.current_thread())
            yield number

    assert client.things.take(source(), key="k") == [0, 1, 2]
    assert set(seen) == {threading.current_thread()}
    assert client.things.take([1, 2], key="k") == [1, 2]
    assert client.things.take({3}, key="k") == [3]
    with pytest.raises(TypeError, match="'int' object is not iterable") as caught:
        client.things.take(5, key="k")
    assert caught.traceback[-1].name == "take"  # the async core's own word on it
    assert client.things._async.calls == [list, list, list, int]
    assert (
        "def take(self, items: Iterable[T], *, key: str | Iterable[str]) -> List[T]:" in texts["generator_input.py"]
    )


def test_a_stream_takes_its_source_unread(client: Any) -> None:
    source = iter([1, 2])
    assert isinstance(client.things.stream(source), BulkStream)
    assert client.things._async.calls == [source]
    assert list(source) == [1, 2]


def test_overloads_come_along(client: Any, shop: Any) -> None:
    assert client.things.one_or_many("a") == 1
    assert client.things.one_or_many(["a", "b"]) == [1, 1]
    overloads = typing.get_overloads(shop.ThingsResource.one_or_many)
    assert [str(inspect.signature(each).return_annotation) for each in overloads] == ["int", "List[int]"]


def test_what_returns_a_client_returns_a_blocking_one(client: Any, shop: Any) -> None:
    small = shop.ShopClient.small()
    assert type(small) is shop.ShopClient
    assert small.ping() == "pong from 1"
    small.close()
    other = client.with_size(7)
    assert type(other) is shop.ShopClient
    assert other.ping() == "pong from 7"
    other.close()  # it shares the portal, which is not its own to close
    assert client.ping() == "pong from 3"
    assert repr(other) == "ShopClient(7)"


def test_copies_and_pickles_are_clients_of_their_own(client: Any) -> None:
    for clone in (copy.copy(client), copy.deepcopy(client), pickle.loads(pickle.dumps(client))):
        assert clone.ping() == "pong from 3"
        clone.close()
        assert clone._async.closed == 1
    assert client._async.closed == 0
    assert client.ping() == "pong from 3"


# --- what it refuses


def make_resource(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> type:
    name = f"input_{abs(hash(body))}"
    (tmp_path / f"{name}.py").write_text(f"from __future__ import annotations\nclass AsyncOddResource:\n    {body}\n")
    monkeypatch.syspath_prepend(tmp_path)
    return typing.cast("type", importlib.import_module(name).AsyncOddResource)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("async def get(self): ...", "AsyncOddResource.get does not say what it returns"),
        ("async def get(self) -> Nowhere: ...", "uses 'Nowhere', which it neither defines nor imports"),
        ("get = lambda self: None", "AsyncOddResource.<lambda> is not written as a function"),
    ],
)
def test_what_cannot_be_written_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, problem: str
) -> None:
    cls = make_resource(tmp_path, monkeypatch, body)
    with pytest.raises(TypeError, match=problem):
        generator.resource_module(cls)


def test_one_name_for_two_things_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "input_base.py").write_text(
        "from __future__ import annotations\nRow = int\nclass Base:\n    async def first(self) -> Row: ...\n"
    )
    (tmp_path / "input_of_two.py").write_text(
        "from __future__ import annotations\nfrom input_base import Base\nRow = str\n"
        "class AsyncOddResource(Base):\n    async def second(self) -> Row: ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    cls = importlib.import_module("input_of_two").AsyncOddResource
    with pytest.raises(TypeError, match="Row means both"):
        generator.resource_module(cls)


def test_a_class_without_words_gets_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = generator.resource_module(make_resource(tmp_path, monkeypatch, "async def get(self) -> int: ..."))
    assert text.count('"""') == 2  # the module's


def test_what_is_no_python_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="ruff cannot format"):
        generator._formatted("def (:\n")


def test_words_that_only_look_async_are_left_alone() -> None:
    assert blocking_doc("Asynchronous. AsyncPager, Async") == "Asynchronous. Pager, Async"


def test_the_service_annotation_is_real() -> None:
    """It is imported for type checkers only, so nothing else here would notice if it were not there."""
    blocking = importlib.import_module("text2everything.sync").Text2EverythingClient
    assert blocking.service.fget.__annotations__["return"] == LocalService.__name__
