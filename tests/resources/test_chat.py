"""Questions, executions, ratings and the cache, end to end on the demo's real database."""

from __future__ import annotations

from typing import Any

import pytest

from text2everything import ConflictError, NotFoundError, ValidationError

from .conftest import Facade, numbers

QUESTION = "Show active customers"


@pytest.fixture
async def session(call: Facade, demo: Any) -> Any:
    return await call("chat_sessions.create", demo.project_id, "asking")


async def test_a_question_becomes_sql_without_running(call: Facade, demo: Any, session: Any) -> None:
    message = await call("chat.chat_to_sql", demo.project_id, session.id, "How many orders are there?")
    assert "count" in message.sql_query.lower()
    assert message.user_query == "How many orders are there?"
    assert message.chat_session_id == session.id
    assert message.chat_message_id == message.id
    run = await call("executions.execute_from_chat", demo.project_id, demo.connector_id, message.id)
    assert run.chat_message_id == message.id
    assert run.rows[0][0] > 100


async def test_an_answer_has_rows_and_the_ids_to_rate_it_by(call: Facade, demo: Any, session: Any) -> None:
    answer = await call("chat.chat_to_answer", demo.project_id, session.id, QUESTION, demo.connector_id)
    result = answer.execution_result
    assert result.successful
    assert result.row_count == len(result.rows) == len(list(result)) > 0
    assert {row["status"] for row in result} == {"active"}
    stored = await call("executions.get", demo.project_id, answer.execution_id)
    assert stored.result == result.result
    listed = await call("executions.list", demo.project_id, chat_message_id=answer.chat_message_id)
    assert [item.execution_id for item in listed] == [answer.execution_id]
    assert listed[0].is_successful
    assert listed[0].successful


async def test_what_cannot_be_answered_is_said_so(call: Facade, demo: Any, session: Any) -> None:
    answer = await call(
        "chat.chat_to_answer", demo.project_id, session.id, "Will it rain on Mars?", demo.connector_id
    )
    assert answer.sql_query is None
    assert answer.execution_result is None
    assert answer.execution_id is None
    assert answer.explanation


async def test_failed_sql_is_a_result_without_rows(call: Facade, demo: Any) -> None:
    run = await call("executions.execute_query", demo.project_id, demo.connector_id, "SELECT * FROM no_such_table")
    assert not run.successful
    assert run.result is None
    assert "no_such_table" in run.error
    assert not (await call("executions.get", demo.project_id, run.execution_id)).is_successful


async def test_sql_cannot_write(call: Facade, demo: Any) -> None:
    for sql in ("DELETE FROM customers", "DROP TABLE customers", "UPDATE customers SET status = 'x'"):
        run = await call("executions.execute_query", demo.project_id, demo.connector_id, sql)
        assert not run.successful
    count = await call(
        "executions.execute_query", demo.project_id, demo.connector_id, "SELECT count(*) AS n FROM customers"
    )
    assert count.rows[0][0] > 0


async def test_a_well_rated_execution_comes_back_from_the_cache(call: Facade, demo: Any, session: Any) -> None:
    name = f"name {next(numbers)}"
    project = demo.project_id
    sql = f"SELECT '{name}' AS cached"
    run = await call("executions.execute_query", project, demo.connector_id, sql)

    async def lookup(**options: Any) -> list[Any]:
        found = await call("chat.execution_cache_lookup", project, sql, demo.connector_id, **options)
        assert found.cache_hit is bool(found.matches)
        return [match for match in found.matches if match.execution.id == run.execution_id]

    [match] = await lookup(similarity_threshold=0.9)
    assert not match.has_feedback
    assert match.feedback_is_positive is None
    assert match.execution.user_query == sql
    assert match.execution["result"] == match.execution.get("result") == match.execution.result == run.result
    assert await lookup(only_positive_feedback=True) == []

    await call("feedback.create_positive", project, run.chat_message_id, "right", run.execution_id)
    [match] = await lookup(only_positive_feedback=True)
    assert match.has_feedback
    assert match.feedback_is_positive
    assert match.feedback_comment == "right"
    assert match.similarity_score == pytest.approx(1.0)

    await call("feedback.create_negative", project, run.chat_message_id, "wrong after all", run.execution_id)
    assert await lookup(only_positive_feedback=True) == []
    [match] = await lookup()
    assert match.feedback_is_positive is False


async def test_the_cache_keeps_to_its_bounds(call: Facade, demo: Any) -> None:
    project = demo.project_id
    for _ in range(3):
        await call("executions.execute_query", project, demo.connector_id, "SELECT 41 + 1 AS answer")
    found = await call("chat.execution_cache_lookup", project, "SELECT 41 + 1 AS answer", demo.connector_id, top_n=2)
    assert len(found.matches) == 2
    scores = [match.similarity_score for match in found.matches]
    assert scores == sorted(scores, reverse=True)
    one = await call("chat.execution_cache_lookup", project, "SELECT 41", demo.connector_id, limit=1)
    assert one.candidates_checked == 1
    old = await call("chat.execution_cache_lookup", project, "SELECT 41", demo.connector_id, max_age_days=0)
    assert not old.cache_hit


async def test_ratings_of_what_is_not_there_are_not_found(call: Facade, demo: Any, session: Any) -> None:
    message = await call("chat.chat_to_sql", demo.project_id, session.id, QUESTION)
    with pytest.raises(NotFoundError):
        await call("feedback.create", demo.project_id, "no-such-message", "x")
    with pytest.raises(NotFoundError):
        await call("feedback.create", demo.project_id, message.id, "x", execution_id="no-such-execution")


async def test_ratings_can_be_found_by_message_and_by_sentiment(call: Facade, demo: Any, session: Any) -> None:
    # A question of its own: with the bad rating, its SQL is not given again.
    message = (await call("chat.chat_to_sql", demo.project_id, session.id, "Count the products")).id
    good = await call("feedback.create_positive", demo.project_id, message, feedback="yes")
    bad = await call("feedback.create_negative", demo.project_id, message, feedback_text="no")
    assert await call("feedback.get_feedback_for_message", demo.project_id, message) == [good, bad]
    assert good in await call("feedback.list_positive", demo.project_id)
    assert bad in await call("feedback.list_negative", demo.project_id)


async def test_the_service_can_rate_on_its_own(call: Facade, demo: Any, session: Any) -> None:
    answer = await call(
        "chat.chat_to_answer",
        demo.project_id,
        session.id,
        QUESTION,
        demo.connector_id,
        auto_add_feedback={"positive": True},
    )
    rated = await call("feedback.get_feedback_for_message", demo.project_id, answer.chat_message_id)
    assert [(item.is_positive, item.execution_id) for item in rated] == [(True, answer.execution_id)]
    assert answer.feedback == rated[0]


async def test_agents_and_contexts_are_asked_the_same_way(call: Facade, demo: Any, session: Any) -> None:
    [context, *_] = await call("contexts.list", demo.project_id)
    said = await call("chat.chat_with_context", demo.project_id, session.id, QUESTION, context_id=context.id)
    assert said.sql_query
    done = await call("chat.chat_with_agent", demo.project_id, session.id, QUESTION, demo.connector_id)
    assert done.execution_result.successful
    assert done.agent_tool_response


@pytest.mark.parametrize(
    ("method", "arguments", "named"),
    [
        ("chat.chat_to_sql", ("p", "s", " "), "query"),
        ("chat.chat_to_sql", ("p", "..", "q"), "chat_session_id"),
        ("chat.chat_to_answer", ("p", "s", "q", ""), "connector_id"),
        ("chat.execution_cache_lookup", ("p", "", "c"), "user_query"),
        ("chat.execution_cache_lookup", ("p", "q", "c", -1), "max_age_days"),
        ("executions.execute_sql", ("p", "c"), "chat_message_id"),
        ("executions.execute_sql", ("p", "c", "m", "SELECT 1"), "sql_query"),
        ("executions.execute_query", ("p", "c", " "), "sql_query"),
        ("executions.execute_from_chat", ("p", "c", ""), "chat_message_id"),
        ("executions.get", ("p", ".."), "execution_id"),
        ("feedback.create_positive", ("p", "m"), "feedback_text"),
        ("feedback.create_positive", ("p", "m", ""), "feedback"),
        ("chat_sessions.get_questions", ("p", "s", 0), "limit"),
    ],
)
async def test_bad_arguments_are_named_before_any_request(
    method: str, arguments: tuple[Any, ...], named: str, unreachable: Facade
) -> None:
    with pytest.raises(ValidationError, match=named):
        await unreachable(method, *arguments)


async def test_both_names_of_a_rating_at_once_are_refused(unreachable: Facade) -> None:
    with pytest.raises(ValidationError, match="exactly one of feedback_text and feedback"):
        await unreachable("feedback.create_positive", "p", "m", "a", feedback="b")


async def test_sessions_suggest_questions_and_use_tools(call: Facade, demo: Any, session: Any) -> None:
    project = demo.project_id
    questions = await call("chat_sessions.get_questions", project, session.id, limit=3)
    assert 0 < len(questions) <= 3
    answer = await call("chat.chat_to_sql", project, session.id, questions[0].question)
    assert answer.sql_query
    tool = await call("custom_tools.create", project, "tool", "helps", [("a.py", b"pass")])
    with_tool = await call("chat_sessions.create_with_tool", project, "with", tool.id)
    assert (await call("chat_sessions.get_custom_tool", project, with_tool.id)).id == tool.id
    assert (await call("chat_sessions.update_custom_tool", project, with_tool.id)).custom_tool_id is None
    assert await call("chat_sessions.get_custom_tool", project, with_tool.id) is None
    again = await call("chat_sessions.update_custom_tool", project, with_tool.id, tool.id)
    assert again.custom_tool_id == tool.id


async def test_presets_start_sessions(call: Facade, demo: Any, project: str) -> None:
    connector = await call(
        "connectors.create", project, "c", "postgres", "db.example.com", "u", "d", password="p", description="x"
    )
    made = await call(
        "chat_presets.create",
        project,
        "Sales",
        "sales collection",
        chat_settings={"llm": "model-a"},
        prompt_template={"name": "terse", "system_prompt": "Be terse."},
        connector_id=connector.id,
    )
    preset = await call("chat_presets.get", project, made.collection_id)
    assert (preset.name, preset.connector_id, preset.is_active) == ("Sales", connector.id, False)
    assert preset.chat_settings["llm"] == "model-a"
    assert (await call("chat_presets.get_prompt_template", project, made.prompt_template_id)).name == "terse"
    assert await call("chat_presets.get_active", project) is None
    with pytest.raises(NotFoundError):
        await call("chat_sessions.create_from_active_preset", project)
    other = await call("chat_presets.create", project, "Other", "other collection")
    await call("chat_presets.activate", project, (await call("chat_presets.get", project, other.collection_id)).id)
    assert (await call("chat_presets.activate", project, preset.id)).is_active
    assert (await call("chat_presets.get_active", project)).id == preset.id
    assert (await call("projects.get", project)).active_chat_preset_id == preset.id
    assert (await call("chat_sessions.create_from_active_preset", project)).redirect_url
    started = await call("chat_sessions.create_from_preset", project, preset.id, name="mine")
    assert started.redirect_url
    await call("chat_presets.update", project, made.collection_id, description="new", api_system_prompt=None)
    changed = await call("chat_presets.get", project, made.collection_id)
    assert (changed.name, changed.description, changed.is_active) == ("Sales", "new", True)
    with pytest.raises(ConflictError):
        await call("connectors.delete", project, connector.id)
    assert await call("chat_presets.delete", project, made.collection_id)
    assert await call("connectors.delete", project, connector.id, delete_secrets=True)
    with pytest.raises(NotFoundError):
        await call("chat_presets.get", project, made.collection_id)
    with pytest.raises(ValidationError, match="nothing to update"):
        await call("chat_presets.update", project, other.collection_id)


async def test_prompt_templates_page_by_offset(call: Facade, project: str) -> None:
    made = [
        await call("chat_presets.create_prompt_template", project, f"template {n}", "Be brief.") for n in range(3)
    ]
    page = await call("chat_presets.list_prompt_templates", project, limit=2, search="template")
    assert [item.id for item in page["items"]] == [made[0].id, made[1].id]
    assert page["has_next"]
    rest = await call(
        "chat_presets.list_prompt_templates", project, offset=page["next_offset"], limit=2, search="template"
    )
    assert [item.id for item in rest.items] == [made[2].id]
    assert not rest.has_next
    changed = await call("chat_presets.update_prompt_template", project, made[0].id, "renamed")
    assert (changed.name, changed.system_prompt) == ("renamed", "Be brief.")
    assert (await call("chat_presets.get_preset_options", project))["agent_accuracy_options"]


async def test_more_presets_than_a_page_are_searched(call: Facade, project: str) -> None:
    made = [(await call("chat_presets.create", project, f"n{n}", f"c{n}")).collection_id for n in range(120)]
    assert (await call("chat_presets.get", project, made[-1])).name == "n119"
    assert len(await call("chat_presets.list", project)) == 120
