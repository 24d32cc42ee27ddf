"""`/openapi.json`: valid, complete, and true of what the service answers."""

from __future__ import annotations

import subprocess
import sys

import aiohttp
import pytest

from text2everything.local import LocalService
from text2everything.local._app import create_app
from text2everything.local._request_body import NON_BLANK

from .conftest import ScriptedEngine


async def document(service: LocalService) -> dict:
    async with aiohttp.ClientSession() as session, session.get(f"{service.base_url}/openapi.json") as response:
        assert response.status == 200
        return await response.json()


async def test_it_has_every_path_and_nothing_else(service):
    described = await document(service)
    operations = {(method.upper(), path) for path, item in described["paths"].items() for method in item}
    routes = create_app(service._running.state).router.routes()
    served = {(route.method, route.resource.canonical) for route in routes if route.resource}
    extra = {("GET", "/health"), ("GET", "/openapi.json")}
    assert operations == {route for route in served if route[0] != "HEAD"} - extra
    ids = [each["operationId"] for item in described["paths"].values() for each in item.values()]
    assert len(ids) == len(set(ids))
    assert all(each["summary"] for item in described["paths"].values() for each in item.values())


async def test_bodies_are_described_by_what_checks_them(service):
    described = await document(service)
    body = described["paths"]["/api/projects/{project_id}/feedback"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"] == {
        "type": "object",
        "properties": {
            "chat_message_id": {"type": "string", "pattern": NON_BLANK},
            "feedback": {"type": "string", "pattern": NON_BLANK},
            "is_positive": {"type": "boolean"},
            "execution_id": {"anyOf": [{"type": "string", "pattern": NON_BLANK}, {"type": "null"}]},
        },
        "required": ["chat_message_id", "feedback", "is_positive"],
    }
    assert set(described["components"]["schemas"]["Feedback"]["required"]) == {
        *("id", "created_at", "updated_at", "project_id", "h2ogpte_doc_id", "collection_id"),
        *("chat_message_id", "feedback", "is_positive", "execution_id"),
    }


@pytest.mark.slow
async def test_it_is_valid(service):
    from openapi_spec_validator import validate

    validate(await document(service))


CONFIG = """
[parameters]
"path.project_id" = "{project}"

[headers]
Authorization = "Bearer {token}"
X-Workspace-Name = "{workspace}"

# Allow has all methods of a path, and contexts/bulk-delete is a path of contexts/{{id}}, too. A 404 may be about an
# item that the body names, not about that in the path, which was just made.
[checks]
allow_header_conformance.enabled = false
ensure_resource_availability.enabled = false

# The names of a form's fields can be no control characters, and no schema says so.
[[operations]]
include-name = [
    "POST /api/projects/{{project_id}}/custom-tools",
    "PUT /api/projects/{{project_id}}/custom-tools/{{id}}",
]
checks.positive_data_acceptance.enabled = false

# Which fields a connector needs depends on its type, and secrets must exist.
[[operations]]
include-name = [
    "POST /api/projects/{{project_id}}/connectors",
    "PUT /api/projects/{{project_id}}/connectors/{{id}}",
]
checks.positive_data_acceptance.enabled = false

# It needs a connector where the project has several.
[[operations]]
include-name = "POST /api/projects/{{project_id}}/chat-sessions/{{id}}/chat-to-answer"
checks.positive_data_acceptance.enabled = false

# It would delete the project of all others.
[[operations]]
include-name = "DELETE /api/projects/{{id}}"
enabled = false
"""
OPTIONS = ("--max-time", "45", "--continue-on-failure", "--workers", "1", "--seed", "12")


@pytest.mark.slow
def test_schemathesis_finds_no_answer_that_it_does_not_describe(tmp_path):
    """A minute of requests that are right, almost right or wrong, and sequences of them."""
    with LocalService(engine=ScriptedEngine(), demo=True) as service:
        facts = {"token": service.access_token, "workspace": service.workspace_name}
        (tmp_path / "schemathesis.toml").write_text(CONFIG.format(project=service.demo.project_id, **facts))
        done = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", "run", f"{service.base_url}/openapi.json", *OPTIONS],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=280,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
