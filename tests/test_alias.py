"""`text2everything_sdk` is `text2everything`: one set of modules under two names."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from extras import missing

import text2everything

MODULES = Path(__file__).parent / "scripts" / "alias_modules.py"


def run(code: str) -> str:
    """Run `code` where nothing has been imported yet."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_the_modules_for_type_checkers_are_up_to_date() -> None:
    done = subprocess.run([sys.executable, MODULES, "--check"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_module_is_the_same_object_under_both_names() -> None:
    alias = importlib.import_module("text2everything_sdk")
    assert alias is text2everything
    names = [
        info.name
        for info in pkgutil.walk_packages(text2everything.__path__, "text2everything.")
        if not info.name.endswith(("__main__", ".hook-text2everything"))  # PyInstaller runs the latter
        and not (".cli." in info.name and missing("cli"))
        and not (info.name.endswith("._uvloop") and missing("speed"))
    ]
    assert len(names) > 20
    for name in names:
        aliased = importlib.import_module(name.replace("text2everything", "text2everything_sdk", 1))
        real = importlib.import_module(name)
        assert aliased is real
        assert real.__name__ == name
        assert real.__spec__ is not None
        assert real.__spec__.name == name


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        ("import text2everything_sdk as a", "import text2everything as b", ""),
        ("import text2everything_sdk.exceptions as a", "import text2everything.exceptions as b", ""),
        ("import text2everything.exceptions as a", "import text2everything_sdk.exceptions as b", ""),
        ("from text2everything_sdk import exceptions as a", "from text2everything import exceptions as b", ""),
        ("import text2everything_sdk.models.feedback, text2everything as b", "a = text2everything_sdk", ""),
        ("from text2everything_sdk.models import feedback as a", "import text2everything.models.feedback as b", ""),
        (
            "import text2everything_sdk.models as a",
            "import text2everything.models.feedback as b",
            ".FeedbackResponse",
        ),
        ("import text2everything_sdk as a", "import text2everything_sdk.exceptions as b", ".NotFoundError"),
    ],
)
def test_every_way_to_import(first: str, second: str, name: str) -> None:
    assert run(f"{first}\n{second}\nprint(a{name} is b{name})") == "True"


def test_pickles_made_under_either_name_are_read() -> None:
    assert run(
        "import pickle, text2everything_sdk.exceptions as e\n"
        "made = pickle.dumps(e.NotFoundError('gone', 404), protocol=0)\n"
        "assert b'text2everything_sdk' not in made\n"
        "old = made.replace(b'text2everything.exceptions', b'text2everything_sdk.exceptions')\n"
        "print([type(pickle.loads(p)) is e.NotFoundError for p in (made, old)])"
    ) == "[True, True]"  # fmt: skip


def test_reload_reloads_the_one_module() -> None:
    assert run(
        "import importlib, text2everything_sdk\n"
        "import text2everything_sdk.exceptions as a, text2everything.exceptions as b\n"
        "importlib.reload(a); importlib.reload(text2everything_sdk)\n"
        "import text2everything_sdk.exceptions as again\n"
        "print(again is a is b, again.NotFoundError is b.NotFoundError)"
    ) == "True True"  # fmt: skip


def test_what_does_not_exist_is_missed_under_the_name_asked_for() -> None:
    importlib.import_module("text2everything_sdk")
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'text2everything_sdk\.nothing'"):
        importlib.import_module("text2everything_sdk.nothing")
    with pytest.raises(ModuleNotFoundError, match="text2everything_sdk_more"):
        importlib.import_module("text2everything_sdk_more")
    assert "text2everything_sdk.nothing" not in sys.modules


def test_specs_tell_packages_from_modules() -> None:
    importlib.import_module("text2everything_sdk")
    models = importlib.util.find_spec("text2everything_sdk.models")
    feedback = importlib.util.find_spec("text2everything_sdk.models.feedback")
    assert models is not None
    assert models.submodule_search_locations is not None
    assert feedback is not None
    assert feedback.submodule_search_locations is None
