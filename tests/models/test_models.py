"""The models on their own: what they refuse, and what they show."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import text2everything
from text2everything import ValidationError, models
from text2everything.models import base

SURROGATE = "\ud800"


def test_every_public_model_imports_from_the_package() -> None:
    for name in models.__all__:
        assert getattr(text2everything, name) is getattr(models, name)


@pytest.mark.parametrize(
    ("model", "fields", "said"),
    [
        (models.FeedbackCreate, {"chat_message_id": "", "feedback": "x"}, "chat_message_id must not be empty or"),
        (
            models.FeedbackCreate,
            {"chat_message_id": "..", "feedback": "x"},
            "chat_message_id must be an id, got '..'",
        ),
        (models.FeedbackCreate, {"chat_message_id": 7, "feedback": "x"}, "chat_message_id must be a string, got int"),
        (models.FeedbackCreate, {"chat_message_id": "m", "feedback": " \n"}, "feedback must not be empty or blank"),
        (
            models.FeedbackCreate,
            {"chat_message_id": "m", "feedback": None},
            "feedback is missing",
        ),
        (models.FeedbackCreate, {"chat_message_id": "m", "feedback": SURROGATE}, "feedback holds a lone surrogate"),
        (
            models.FeedbackCreate,
            {"chat_message_id": "m", "feedback": "x", "is_positive": 1},
            "is_positive must be True or False, got int",
        ),
        (
            models.FeedbackCreate,
            {"chat_message_id": "m", "feedback": "x", "execution_id": " "},
            "execution_id must not be empty or blank",
        ),
        (models.FeedbackUpdate, {"execution_id": b""}, "execution_id must be a string, got bytes"),
        (models.ContextCreate, {"name": "n", "content": ""}, "content must not be empty"),
        (models.GoldenExampleCreate, {"user_query": "q", "sql_query": 3}, "sql_query must be a string"),
        (models.SchemaMetadataCreate, {"name": "n", "schema_data": []}, "schema_data must be an object"),
        (
            models.SchemaMetadataCreate,
            {"name": "n", "schema_data": {"a": [{"b": float("inf")}]}},
            r"schema_data\.a\[0\]\.b must be a finite number",
        ),
        (models.SchemaMetadataCreate, {"name": "n", "schema_data": {1: 2}}, "key that is not a string"),
        (
            models.SchemaMetadataCreate,
            {"name": "n", "schema_data": {"a": {1}}},
            r"schema_data\.a cannot be sent as JSON",
        ),
        (
            models.SchemaMetadataCreate,
            {"name": "n", "schema_data": {"a": 2**70}},
            r"schema_data\.a is an integer beyond",
        ),
        (
            models.ConnectorCreate,
            {"name": "n", "db_type": "oracle", "database": "d"},
            "db_type must be one of snowflake",
        ),
        (models.ConnectorCreate, {"name": "n", "db_type": "mysql", "database": "d"}, "host is missing"),
        (
            models.ConnectorCreate,
            {"name": "n", "db_type": "mysql", "host": "h", "username": "u", "database": "d", "port": 70_000},
            "port must be from 1 to 65535",
        ),
        (models.SQLExecuteRequest, {"connector_id": "c"}, "exactly one of chat_message_id and sql_query"),
        (
            models.SQLExecuteRequest,
            {"connector_id": "c", "chat_message_id": "m", "sql_query": "SELECT 1"},
            "exactly one of chat_message_id and sql_query",
        ),
        (models.SQLExecuteRequest, {"connector_id": "c", "sql_query": " "}, "sql_query must not be empty"),
        (models.ChatRequest, {"query": "q", "contexts_limit": -1}, "contexts_limit must be from 0"),
        (models.ChatRequest, {"query": "q", "feedback_cutoff": -0.1}, "feedback_cutoff must be 0 or more"),
        (models.ChatRequest, {"query": "q", "use_agent": "yes"}, "use_agent must be True or False"),
        (
            models.ChatToAnswerRequest,
            {"query": "q", "connector_id": "c", "auto_add_feedback": {"postive": True}},
            "auto_add_feedback has unknown keys: postive",
        ),
        (
            models.ChatToAnswerRequest,
            {"query": "q", "connector_id": "c", "auto_add_feedback": True},
            "auto_add_feedback must be an AutoFeedbackConfig or a dict",
        ),
        (
            models.ExecutionCacheLookupRequest,
            {"user_query": "q", "connector_id": "c", "similarity_threshold": 1.5},
            "similarity_threshold must be from 0 to 1",
        ),
        (
            models.ExecutionCacheLookupRequest,
            {"user_query": "q", "connector_id": "c", "top_n": True},
            "top_n must be a whole number",
        ),
        (
            models.ChatPresetCreate,
            {"name": "n", "collection_name": "c", "chat_settings": "gpt"},
            "chat_settings must be a ChatSettings or a dict",
        ),
        (
            models.ChatPresetCreate,
            {"name": "n", "collection_name": "c", "share_prompt_with_usernames": "bob"},
            "share_prompt_with_usernames must be a list",
        ),
    ],
)
def test_a_wrong_field_is_named(model: Any, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        model(**fields)


def test_assigning_is_checked_too() -> None:
    feedback = models.FeedbackCreate(chat_message_id="m", feedback="x")
    with pytest.raises(ValidationError, match="feedback must not be empty"):
        feedback.feedback = ""


def test_deep_data_is_refused_rather_than_overflowing() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5_000):
        deep = {"a": deep}
    with pytest.raises(ValidationError, match="nested deeper than 100 levels"):
        models.SchemaMetadataCreate(name="n", schema_data=deep)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"chat_message_id": "m"}, "missing field feedback"),
        (
            {"chat_message_id": "m", "feedback": "x", "rating": 5},
            "unknown field rating; the fields are chat_message_id",
        ),
        (["m", "x"], "must be a FeedbackCreate or a mapping, got list"),
        ({"chat_message_id": "m", "feedback": ""}, "feedback must not be empty"),
    ],
)
def test_an_item_is_built_from_a_mapping_or_refused(item: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        base.build(models.FeedbackCreate, item)


def test_an_item_may_be_a_model_already() -> None:
    feedback = models.FeedbackCreate(chat_message_id="m", feedback="x")
    assert base.build(models.FeedbackCreate, feedback) is feedback
    assert base.build(models.FeedbackCreate, {"chat_message_id": "m", "feedback": "x"}) == feedback


def test_default_ports_are_filled_in() -> None:
    ports = {
        kind: models.ConnectorCreate(name="n", db_type=kind, host="h", username="u", database="d").port
        for kind in ("postgres", "mysql", "sqlserver", "snowflake")
    }
    assert ports == {"postgres": 5432, "mysql": 3306, "sqlserver": 1433, "snowflake": 443}
    assert models.ConnectorCreate(name="n", db_type="sqlite", database="d").port is None


@pytest.mark.parametrize("key", ["private_key", "private_key_secret_id", "private_key_secret_name"])
def test_a_password_and_a_private_key_exclude_each_other(key: str) -> None:
    fields = {"name": "n", "db_type": "snowflake", "host": "h", "username": "u", "database": "d"}
    assert models.ConnectorCreate(**fields, config={key: "k"}).password is None
    for password in ({"password": "p"}, {"password_secret_id": "s"}):
        with pytest.raises(ValidationError, match=f"password or config\\['{key}'\\], not both"):
            models.ConnectorCreate(**fields, **password, config={key: "k"})


def test_no_secret_shows_in_a_repr() -> None:
    connector = models.ConnectorCreate(
        name="n",
        db_type="postgres",
        host="h",
        username="u",
        database="d",
        password="hunter2-a",
        config={"private_key_passphrase": "hunter2-b", "sslpassword": "hunter2-c", "sslmode": "require"},
    )
    update = models.ConnectorUpdate(password="hunter2-d", config={"access_token": "hunter2-e"})
    assert "hunter2" not in repr(connector) + str(connector) + repr(update)
    assert "require" in repr(connector)
    assert connector.to_dict()["password"] == "hunter2-a"


def test_models_give_plain_dicts() -> None:
    answer = models.ChatToAnswerResponse(
        id="m", execution_result=models.SQLExecuteResponse(execution_id="e", result={"rowCount": 0})
    )
    assert answer.to_dict()["execution_result"]["result"] == {"rowCount": 0}
    assert answer.model_dump(exclude_none=True) == {
        "id": "m",
        "execution_result": {"execution_id": "e", "result": {"rowCount": 0}},
    }
    assert models.FeedbackUpdate(feedback="x").to_dict() == {"feedback": "x"}


def test_answers_have_the_ids_to_rate_them_by() -> None:
    answer = models.ChatToAnswerResponse(id="m", execution_result=models.SQLExecuteResponse(execution_id="e"))
    assert (answer.chat_message_id, answer.execution_id) == ("m", "e")
    assert models.ChatToAnswerResponse(id="m").execution_id is None


def test_results_read_like_dicts_too() -> None:
    result = models.projects.BulkDeleteResult(deleted_count=2, failed_ids=["x"])
    assert result["deleted_count"] == result.deleted_count == result.get("deleted_count") == 2
    assert dict(result) == {"deleted_count": 2, "failed_ids": ["x"]}
    assert "failed_ids" in result
    assert "nothing" not in result
    assert result.get("nothing", 5) == 5
    with pytest.raises(KeyError):
        result["nothing"]
    gone = models.projects.DeleteResult(message="")
    assert gone
    assert gone["message"] == ""


@pytest.mark.parametrize(
    "value",
    [
        models.FeedbackCreate(chat_message_id="m", feedback="x"),
        models.FeedbackUpdate(feedback="x"),
        models.FeedbackResponse(id="f", chat_message_id="m", feedback="x"),
        models.UNSET,
    ],
)
def test_models_pickle_and_copy(value: Any) -> None:
    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(models.UNSET)) is models.UNSET


def test_unset_is_false_and_says_its_name() -> None:
    assert not models.UNSET
    assert repr(models.UNSET) == "UNSET"


def test_chat_settings_are_never_sent_with_null_arguments() -> None:
    assert models.ChatSettings(llm="x").llm_args == {}
    preset = models.ChatPresetCreate(
        name="n", collection_name="c", chat_settings={"llm": "x", "llm_args": None, "new": 1}
    )
    assert preset.chat_settings == {"llm": "x", "llm_args": {}, "new": 1}
