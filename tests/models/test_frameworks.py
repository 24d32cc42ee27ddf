"""Models in other people's frameworks: pydantic, FastAPI, and what reads dataclasses."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import pprint
from datetime import UTC, datetime
from typing import Annotated, Any

import attrs
import pytest
from extras import REASON, needs

from text2everything import models
from text2everything.models import (
    UNSET,
    BulkDeleteResult,
    CacheMatch,
    ChatPresetCreate,
    ChatToAnswerRequest,
    ChatToAnswerResponse,
    ConnectorCreate,
    Execution,
    ExecutionCacheLookupResponse,
    FeedbackCreate,
    FeedbackResponse,
    FeedbackUpdate,
    Model,
    ProjectUpdate,
    SQLExecuteResponse,
    Unset,
)

fastapi = pytest.importorskip("fastapi", reason=f"{REASON}dev")
httpx = pytest.importorskip("httpx", reason=f"{REASON}dev")
pydantic = pytest.importorskip("pydantic", reason=f"{REASON}dev")

RESULT = {"columns": ["a", "b"], "data": [["a", "b"], [1, None]], "rowCount": 1}
RATING = FeedbackResponse(
    id="f", chat_message_id="m", feedback="Right", created_at=datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
)
EXECUTION = Execution(id="e", result=RESULT)
ANSWER = ChatToAnswerResponse(
    id="m",
    user_query="How many?",
    execution_result=SQLExecuteResponse(execution_id="e", result=RESULT),
    feedback=RATING,
)
NEW = {"chat_message_id": "m", "feedback": "Right"}


# --- FastAPI


def make_app() -> Any:
    # The annotations are objects here, not strings, as they are in a module without postponed annotations.
    app = fastapi.FastAPI()

    def add(method: str, path: str, endpoint: Any, *, returns: Any = None, **options: Any) -> None:
        endpoint.__annotations__ = options.pop("takes", {}) | ({} if returns is None else {"return": returns})
        app.add_api_route(path, endpoint, methods=[method], **options)

    add("GET", "/plain", lambda: ANSWER)
    add("GET", "/mixed", lambda: {"all": [RATING, FeedbackUpdate(feedback="x"), ANSWER.execution_result, EXECUTION]})
    add("GET", "/typed", lambda: ANSWER, returns=ChatToAnswerResponse)
    add("GET", "/list", lambda: [RATING, RATING], response_model=list[FeedbackResponse])
    add("GET", "/narrow", lambda: RATING, response_model=FeedbackCreate)
    add("GET", "/brief", lambda: ANSWER, response_model=ChatToAnswerResponse, response_model_exclude_none=True)
    add("GET", "/set", lambda: RATING, response_model=FeedbackResponse, response_model_exclude_unset=True)
    add("GET", "/some", lambda: RATING, response_model=FeedbackResponse, response_model_include={"id", "feedback"})
    add("GET", "/none", lambda: None, returns=FeedbackResponse | None)
    add("GET", "/wrong", lambda: {"id": 5}, response_model=FeedbackResponse)
    add("POST", "/one", lambda body: body, takes={"body": FeedbackCreate}, returns=FeedbackCreate)
    add("POST", "/many", lambda body: {"n": len(body)}, takes={"body": list[FeedbackCreate]})
    add("POST", "/update", lambda body: body, takes={"body": FeedbackUpdate}, returns=FeedbackUpdate)
    add("POST", "/ask", lambda body, n=3: [body, n], takes={"body": ChatToAnswerRequest, "n": int})
    add("POST", "/connector", lambda body: body, takes={"body": ConnectorCreate}, returns=ConnectorCreate)
    add("POST", "/preset", lambda body: body, takes={"body": ChatPresetCreate}, returns=ChatPresetCreate)
    return app


@pytest.fixture(scope="module")
def app() -> Any:
    return make_app()


async def call(app: Any, method: str, path: str, body: Any = None) -> Any:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        return await client.request(method, path, json=body)


async def get(app: Any, path: str) -> Any:
    reply = await call(app, "GET", path)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_endpoints_return_models(app: Any) -> None:
    answer = await get(app, "/typed")
    assert answer == ANSWER.model_dump(mode="json")
    assert answer["feedback"]["created_at"] == "2026-05-01T12:30:00Z"
    plain = await get(app, "/plain")  # FastAPI itself writes what has no declared type
    assert plain["feedback"].pop("created_at") == "2026-05-01T12:30:00+00:00"
    assert answer["feedback"].pop("created_at")
    assert plain == answer
    rating, update, response, execution = (await get(app, "/mixed"))["all"]
    assert (rating["feedback"], update, response["result"]) == ("Right", {"feedback": "x"}, RESULT)
    assert (execution["id"], execution["result"]) == ("e", RESULT)
    assert [each["id"] for each in await get(app, "/list")] == ["f", "f"]
    assert await get(app, "/none") is None
    assert (await call(app, "GET", "/wrong")).status_code == 500


async def test_the_options_of_a_response_apply_to_models(app: Any) -> None:
    assert await get(app, "/narrow") == {**NEW, "is_positive": True, "execution_id": None}
    assert await get(app, "/some") == {"id": "f", "feedback": "Right"}
    assert await get(app, "/set") == {"id": "f", **NEW, "created_at": "2026-05-01T12:30:00Z"}
    brief = await get(app, "/brief")
    assert brief.keys() == {"id", "user_query", "execution_result", "feedback"}
    assert brief["execution_result"] == {"execution_id": "e", "result": RESULT}


async def test_endpoints_take_models(app: Any) -> None:
    assert (await call(app, "POST", "/one", NEW)).json() == {**NEW, "is_positive": True, "execution_id": None}
    assert (await call(app, "POST", "/many", [NEW, NEW])).json() == {"n": 2}
    assert (await call(app, "POST", "/update", {"execution_id": None})).json() == {"execution_id": None}
    question = {"query": "q", "connector_id": "c", "auto_add_feedback": {"positive": True}}
    body, number = (await call(app, "POST", "/ask?n=4", question)).json()
    assert (body["auto_add_feedback"], number) == ({"positive": True, "negative": False}, 4)
    preset = {"name": "n", "collection_name": "c", "chat_settings": {"llm": "x", "new": 1}}
    reply = (await call(app, "POST", "/preset", preset)).json()
    assert reply["chat_settings"] == {"llm": "x", "new": 1, "llm_args": {}}  # nothing is lost


@pytest.mark.parametrize(
    ("path", "body", "place", "said"),
    [
        ("/one", {"chat_message_id": "m", "feedback": " "}, ["feedback"], "feedback must not be empty or blank"),
        ("/one", {"chat_message_id": 7, "feedback": "x"}, ["chat_message_id"], "Input should be a valid string"),
        ("/one", {"chat_message_id": "m"}, ["feedback"], "Field required"),
        ("/one", {**NEW, "is_positive": "perhaps"}, ["is_positive"], "Input should be a valid boolean"),
        ("/one", ["m"], [], "Input should be a valid dictionary"),
        ("/many", [NEW, {**NEW, "execution_id": ".."}], [1, "execution_id"], "must be an id"),
        (
            "/ask",
            {"query": "q", "connector_id": "c", "auto_add_feedback": {"positive": []}},
            ["auto_add_feedback", "positive"],
            "Input should be a valid boolean",
        ),
        ("/ask", {"query": "q", "connector_id": "c", "schema_limit": -1}, ["schema_limit"], "must be from 0"),
        ("/connector", {"name": "n", "db_type": "oracle", "database": "d"}, ["db_type"], "must be one of snowflake"),
        ("/connector", {"name": "n", "db_type": "mysql", "database": "d"}, [], "host"),
    ],
)
async def test_a_wrong_body_is_refused_by_field(app: Any, path: str, body: Any, place: list[Any], said: str) -> None:
    reply = await call(app, "POST", path, body)
    assert reply.status_code == 422
    [problem] = reply.json()["detail"]
    assert problem["loc"] == ["body", *place]
    assert said in problem["msg"]


async def test_the_document_describes_models(app: Any) -> None:
    schemas = (await get(app, "/openapi.json"))["components"]["schemas"]
    create = schemas["FeedbackCreate"]
    assert create["title"] == "FeedbackCreate"
    assert create["description"].startswith("A rating to create.")
    assert create["required"] == ["chat_message_id", "feedback"]
    assert create["properties"]["is_positive"] == {"type": "boolean", "title": "Is Positive", "default": True}
    assert create["properties"]["execution_id"]["anyOf"] == [{"type": "string"}, {"type": "null"}]
    update = schemas["FeedbackUpdate"]
    assert "required" not in update
    assert update["properties"]["feedback"] == {"type": "string", "title": "Feedback"}
    answer = schemas["ChatToAnswerResponse"]["properties"]
    assert answer["execution_result"]["anyOf"][0] == {"$ref": "#/components/schemas/SQLExecuteResponse"}
    created = schemas["FeedbackResponse"]["properties"]["created_at"]["anyOf"]
    assert created[0] == {"type": "string", "format": "date-time"}


# --- pydantic


def test_models_are_fields_of_pydantic_models() -> None:
    report = pydantic.create_model(
        "Report",
        rating=(FeedbackCreate, ...),
        answers=(list[ChatToAnswerResponse], []),
        lookup=(ExecutionCacheLookupResponse | None, None),
        deleted=(dict[str, BulkDeleteResult], {}),
    )
    made = report(
        rating=NEW,
        answers=[ANSWER],
        lookup={"cache_hit": True, "matches": [{"execution": {"id": "e"}, "similarity_score": 1}]},
        deleted={"today": {"deleted_count": 2}},
    )
    assert made.rating == FeedbackCreate(**NEW)
    assert made.answers[0] is ANSWER
    assert made.lookup.matches == [CacheMatch(execution=Execution(id="e"), similarity_score=1.0)]
    assert made.deleted["today"]["deleted_count"] == 2
    again = report.model_validate_json(made.model_dump_json())
    assert again == made
    assert made.model_dump()["rating"] == {**NEW, "is_positive": True, "execution_id": None}
    assert "FeedbackCreate" in report.model_json_schema()["$defs"]
    with pytest.raises(pydantic.ValidationError) as caught:
        report(rating={**NEW, "feedback": ""}, deleted={"today": {"deleted_count": "many"}})
    assert [each["loc"] for each in caught.value.errors()] == [
        ("rating", "feedback"),
        ("deleted", "today", "deleted_count"),
    ]


@pytest.mark.parametrize(
    "model",
    [each for name in models.__all__ if isinstance(each := getattr(models, name), type) and issubclass(each, Model)],
)
def test_every_model_has_a_schema(model: Any) -> None:
    adapter = pydantic.TypeAdapter(model)
    for mode in ("validation", "serialization"):
        schema = adapter.json_schema(mode=mode)
        assert schema.get("title") == model.__name__
        assert "UNSET" not in json.dumps(schema)
    assert [each.name for each in dataclasses.fields(model)] == list(adapter.json_schema().get("properties", {}))


def test_of_a_union_the_exact_type_is_serialised() -> None:
    rating = dataclasses.replace(RATING, collection_id="c")
    assert pydantic.TypeAdapter(models.Feedback | FeedbackResponse).dump_python(rating)["collection_id"] == "c"
    for union in (models.ChatResponse | ChatToAnswerResponse, ChatToAnswerResponse | models.ChatResponse):
        text = pydantic.TypeAdapter(union).dump_json(ANSWER)
        assert json.loads(text) == ANSWER.model_dump(mode="json")
    assert "collection_id" not in pydantic.TypeAdapter(models.Feedback).dump_python(rating)  # as for pydantic's own


def test_unset_is_no_text() -> None:
    update = ProjectUpdate(description="d")
    assert pydantic.TypeAdapter(ProjectUpdate).validate_python(attrs.asdict(update)) == update
    for kind in (str, int, str | None):
        with pytest.raises(pydantic.ValidationError):
            pydantic.TypeAdapter(kind).validate_python(UNSET)
    assert pydantic.TypeAdapter(str | Unset).validate_python(UNSET) is UNSET
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET
    assert copy.deepcopy(UNSET) is UNSET


async def test_an_update_from_the_query() -> None:
    app = fastapi.FastAPI()

    def endpoint(update: Any) -> Any:
        return update

    endpoint.__annotations__ = {"update": Annotated[FeedbackUpdate, fastapi.Depends()]}
    app.add_api_route("/", endpoint)
    assert await get(app, "/?feedback=x") == {"feedback": "x"}
    assert "Unset" not in json.dumps(await get(app, "/openapi.json"))


@pytest.mark.parametrize(
    "config",
    [
        {"validate_default": True},
        {"strict": True},
        {"extra": "forbid"},
        {"str_max_length": 1},
        {"str_to_upper": True},
    ],
    ids=str,
)
def test_the_configuration_of_others_does_not_apply_inside(config: Any) -> None:
    outer = pydantic.create_model(
        "Outer", __config__=config, rating=(FeedbackResponse, ...), update=(FeedbackUpdate, ...)
    )
    data = {"rating": RATING.model_dump(mode="json") | {"new": 1}, "update": {"feedback": "xyz", "new": 1}}
    for made in (outer.model_validate(data), outer.model_validate_json(json.dumps(data))):
        assert made.rating == RATING
        assert made.update == FeedbackUpdate(feedback="xyz")


def test_strict_validation_takes_the_times_of_json() -> None:
    assert pydantic.TypeAdapter(FeedbackResponse).validate_json(RATING.to_json(), strict=True) == RATING
    connector = models.Connector(id="c", name="n", db_type="mysql", created_at=RATING.created_at)
    assert pydantic.TypeAdapter(models.Connector).validate_json(connector.to_json(), strict=True) == connector


def test_errors_name_the_model() -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        pydantic.TypeAdapter(FeedbackCreate).validate_python({})
    assert caught.value.title == "FeedbackCreate"
    with pytest.raises(pydantic.ValidationError) as caught:
        pydantic.TypeAdapter(FeedbackCreate | ConnectorCreate).validate_python({"feedback": "x"})
    assert {each["loc"][0] for each in caught.value.errors()} == {"FeedbackCreate", "ConnectorCreate"}
    assert " at 0x" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "place", "said"),
    [
        ({"password": "hunter2", "name": "n", "db_type": "mysql"}, ("database",), "Field required"),
        ({"password": "hunter2", "name": "n", "db_type": "mysql", "database": "d"}, (), "host is missing"),
        ({"password": ["hunter2"], "name": "n", "db_type": "sqlite", "database": "d"}, ("password",), "valid string"),
        (["hunter2"], (), "valid dictionary"),
    ],
)
def test_errors_show_no_secret(data: Any, place: Any, said: str) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        pydantic.TypeAdapter(ConnectorCreate).validate_python(data)
    assert "hunter2" not in f"{caught.value} {caught.value.errors()}"
    [error] = caught.value.errors()
    assert error["loc"] == place
    assert said in error["msg"]


# --- dataclasses


def test_models_read_as_dataclasses() -> None:
    assert dataclasses.asdict(ANSWER)["feedback"]["feedback"] == "Right"
    assert dataclasses.asdict(FeedbackUpdate(feedback="x")) == {"feedback": "x"}
    assert dataclasses.replace(RATING, feedback="Wrong").feedback == "Wrong"
    assert [field.name for field in dataclasses.fields(FeedbackCreate)][:2] == ["chat_message_id", "feedback"]
    assert dataclasses.fields(FeedbackCreate)[2].default is True
    assert dataclasses.fields(BulkDeleteResult)[1].default_factory is list
    assert len(dataclasses.fields(FeedbackResponse)) == len(dataclasses.fields(models.Feedback)) + 1


def test_pretty_printing_shows_no_secret() -> None:
    connector = ConnectorCreate(
        name="n" * 100,
        db_type="mysql",
        host="h",
        username="u",
        database="d",
        password="hunter2",
        config={"pwd": "hunter3"},
    )
    assert "hunter" not in pprint.pformat(connector)


@needs("pandas")
def test_pandas_makes_columns_of_the_fields() -> None:
    import pandas as pd

    assert list(pd.DataFrame([RATING, RATING])["feedback"]) == ["Right", "Right"]
    frame = pd.DataFrame([each.to_dict() for each in (EXECUTION, EXECUTION)])  # these iterate, over their rows
    assert list(frame["id"]) == ["e", "e"]
