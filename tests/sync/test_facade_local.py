"""The blocking client with the embedded service that it starts: from the first question to the last page."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from text2everything import ConnectionError as ServiceConnectionError
from text2everything import NotFoundError, Page, Pager, Text2EverythingClient

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).parent.parent / "scripts" / "local_never_closes.py"


@pytest.fixture(scope="module")
def client() -> Iterator[Text2EverythingClient]:
    with Text2EverythingClient.local(demo=True, timeout=10) as client:
        yield client


@pytest.fixture(scope="module")
def project(client: Text2EverythingClient) -> str:
    return client.projects.create("facade").id


def test_a_question_is_answered_rated_and_found_again(client: Text2EverythingClient) -> None:
    demo = client.service.demo
    answer = client.chat.chat_to_answer(
        demo.project_id, demo.chat_session_id, "Show active customers", demo.connector_id
    )
    assert answer.execution_result is not None
    rated = client.feedback.create_positive(
        demo.project_id, answer.chat_message_id, "right", answer.execution_result.execution_id
    )
    assert rated.is_positive
    found = client.chat.execution_cache_lookup(
        demo.project_id, "Show active customers", demo.connector_id, only_positive_feedback=True
    )
    assert found.cache_hit
    assert rated.id in {each.id for each in client.feedback.list_positive(demo.project_id)}


def test_options_go_to_the_client(client: Text2EverythingClient) -> None:
    assert client.settings.timeout == 10


def test_a_listing_is_paged_through_blocking(client: Text2EverythingClient, project: str) -> None:
    for number in range(5):
        client.contexts.create(project, f"context {number}", "A rule.")
    names = [f"context {number}" for number in range(5)]
    pager = client.contexts.iter(project, page_size=2)
    assert isinstance(pager, Pager)
    assert sorted(each.name for each in pager) == names
    pages = list(client.contexts.iter(project, page_size=2).pages())
    assert [len(page.items) for page in pages] == [2, 2, 1]
    assert all(isinstance(page, Page) and page.total == 5 for page in pages)
    assert sorted(each.name for each in client.contexts.iter(project).collect()) == names
    assert client.contexts.count(project) == 5


def test_an_error_in_the_middle_of_a_listing_is_raised_where_it_is_read(client: Text2EverythingClient) -> None:
    pager = client.contexts.iter("no-such-project")
    with pytest.raises(NotFoundError):
        next(iter(pager))


def test_threads_write_at_once(client: Text2EverythingClient, project: str) -> None:
    def create(number: int) -> str:
        return client.golden_examples.create(project, f"question {number}", "SELECT 1").id

    with ThreadPoolExecutor(64) as pool:
        ids = list(pool.map(create, range(64)))
    assert len(set(ids)) == 64
    assert {each.id for each in client.golden_examples.iter(project)} == set(ids)


def test_copies_lead_to_the_same_service_and_leave_it_running(client: Text2EverythingClient, project: str) -> None:
    for clone in (copy.copy(client), pickle.loads(pickle.dumps(client))):
        assert not hasattr(clone, "service")
        with pytest.raises(AttributeError, match=r"no embedded service: local\(\) starts one"):
            _ = clone.service
        assert clone.projects.get(project).name == "facade"
        clone.close()
    assert client.projects.get(project).name == "facade"


def test_the_service_stops_with_its_client_even_if_nothing_was_called() -> None:
    for call in (True, False):
        client = Text2EverythingClient.local()
        with copy.copy(client) as other:
            if call:
                client.projects.list()
            client.close()
            client.close()
            with pytest.raises(ServiceConnectionError):
                other.with_options(max_retries=0).projects.list()


def test_a_wrong_option_leaves_no_service_behind() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        Text2EverythingClient.local(colour="red")


def test_data_outlives_the_client(tmp_path: Path) -> None:
    with Text2EverythingClient.local(data_dir=tmp_path) as client:
        project = client.projects.create("kept")
    with Text2EverythingClient.local(data_dir=tmp_path) as client:
        assert client.projects.get(project.id).name == "kept"


def test_a_script_that_closes_nothing_exits_cleanly_and_so_does_its_child() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", SCRIPT], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
