"""Every public name is there, for running code and for type checkers."""

from __future__ import annotations

import importlib
import importlib.metadata
from pathlib import Path

import pytest
from processes import run_mypy

import text2everything

MODULES = (
    "chat",
    "chat_presets",
    "chat_sessions",
    "connectors",
    "contexts",
    "custom_tools",
    "executions",
    "feedback",
    "golden_examples",
    "projects",
    "schema_metadata",
)

PUBLISHED = [
    "Project",
    "ProjectCreate",
    "ProjectUpdate",
    "Collection",
    "Context",
    "ContextCreate",
    "ContextUpdate",
    "ContextResponse",
    "GoldenExample",
    "GoldenExampleCreate",
    "GoldenExampleUpdate",
    "GoldenExampleResponse",
    "SchemaMetadata",
    "SchemaMetadataCreate",
    "SchemaMetadataUpdate",
    "SchemaMetadataResponse",
    "Feedback",
    "FeedbackCreate",
    "FeedbackUpdate",
    "FeedbackResponse",
    "Connector",
    "ConnectorCreate",
    "ConnectorUpdate",
    "ConnectorType",
    "Execution",
    "ExecutionListItem",
    "SQLExecuteRequest",
    "SQLExecuteResponse",
    "ChatRequest",
    "ChatResponse",
    "ChatToAnswerRequest",
    "ChatToAnswerResponse",
    "AutoFeedbackConfig",
    "ExecutionCacheLookupRequest",
    "ExecutionCacheLookupResponse",
    "CacheMatch",
    "ChatSessionCreate",
    "ChatSessionResponse",
    "ChatSessionUpdateRequest",
    "ChatSessionQuestion",
    "ChatSessionQuestionsResponse",
    "ChatPreset",
    "ChatPresetCreate",
    "ChatPresetUpdate",
    "ChatPresetResponse",
    "ChatSettings",
    "PromptTemplate",
    "PromptTemplateCreate",
    "PromptTemplateUpdate",
    "CustomTool",
    "CustomToolCreate",
    "CustomToolUpdate",
    "CustomToolDocument",
]

ERRORS = [
    "Text2EverythingError",
    "AuthenticationError",
    "ValidationError",
    "NotFoundError",
    "RateLimitError",
    "ServerError",
    "ConnectionError",
    "TimeoutError",
    "InvalidConfigurationError",
    "PermissionDeniedError",
    "ConflictError",
]


@pytest.mark.parametrize("name", text2everything.__all__)
def test_a_public_name_imports(name: str) -> None:
    assert getattr(text2everything, name) is not None
    assert name in dir(text2everything)


@pytest.mark.parametrize("package", ["text2everything", "text2everything_sdk"])
def test_published_names_import_from_where_they_were(package: str) -> None:
    models = importlib.import_module(f"{package}.models")
    errors = importlib.import_module(f"{package}.exceptions")
    top = importlib.import_module(package)
    homes = [importlib.import_module(f"{package}.models.{name}") for name in MODULES]
    for name in PUBLISHED:
        assert getattr(models, name) is getattr(text2everything, name)
        assert any(getattr(home, name, None) is getattr(models, name) for home in homes), name
    for name in ERRORS:
        assert getattr(errors, name) is getattr(top, name) is getattr(text2everything, name)


def test_the_published_client_s_modules_have_its_blocking_classes() -> None:
    """Ours are in `text2everything.sync`, which `client` and `resources` know nothing of."""
    client = importlib.import_module("text2everything_sdk.client")
    assert client.Text2EverythingClient is text2everything.Text2EverythingClient
    resources = importlib.import_module("text2everything_sdk.resources")
    for name in MODULES:
        cls = "".join(word.title() for word in name.split("_")) + "Resource"
        assert getattr(resources, cls) is getattr(text2everything, cls)
        home = importlib.import_module(f"text2everything_sdk.resources.{name}")
        assert getattr(home, cls) is getattr(text2everything, cls)


def test_the_version_is_that_of_the_distribution() -> None:
    assert text2everything.__version__ == importlib.metadata.version("text2everything")


def test_names_that_are_not_there_say_so() -> None:
    for module in ("text2everything", "text2everything.client", "text2everything.sync", "text2everything.local"):
        with pytest.raises(AttributeError, match="no attribute 'nothing'"):
            _ = importlib.import_module(module).nothing


@pytest.mark.slow
def test_type_checkers_see_what_there_is(tmp_path: Path) -> None:
    code = f"from text2everything import {', '.join(text2everything.__all__)}\n"
    code += """
import text2everything, text2everything_sdk

async def use(client: AsyncText2EverythingClient, blocking: Text2EverythingClient) -> None:
    reveal_type(await client.feedback.get("p", "f"))
    reveal_type(blocking.feedback.list("p"))
    reveal_type([item async for item in client.feedback.iter("p")])
    reveal_type(list(blocking.feedback.iter("p")))
    reveal_type(blocking.schema_metadata.create("p", "n", {}))
    blocking.feedback.create("p", "m", colour="red")
"""
    done = run_mypy(tmp_path, code)
    found = [line.split("use.py:")[1] for line in done.stdout.splitlines()]
    revealed = [line.split('is "')[1].rstrip('"') for line in found if "Revealed" in line]
    response = "text2everything.models.feedback.FeedbackResponse"
    part = "text2everything.models.schema_metadata.SchemaMetadataResponse"
    assert revealed == [
        response,
        f"list[{response}]",
        f"list[{response}]",
        f"list[{response}]",
        f"{part} | list[{part}]",
    ]
    errors = [line for line in found if "error:" in line]
    assert len(errors) == 1, done.stdout + done.stderr
    assert 'Unexpected keyword argument "colour"' in errors[0]
