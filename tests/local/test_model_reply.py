"""What a model says, read or refused."""

from __future__ import annotations

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2everything.local.engine._model_reply import MAX_REPLY, ModelReply, QueryError, one_line, parse_reply

OBJECT = json.dumps({"sql": "SELECT 1", "explanation": "One.", "used": ["table-1", 7]})


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        (OBJECT, ModelReply("SELECT 1", "One.", ("table-1",))),
        (f"Here:\n```json\n{OBJECT}\n```", ModelReply("SELECT 1", "One.", ("table-1",))),
        (f"A set {{a, b}} and {OBJECT}", ModelReply("SELECT 1", "One.", ("table-1",))),
        ('{"sql": "SELECT\n1"}', ModelReply("SELECT\n1")),  # no JSON, but common
        ('{"sql": "SELECT 1", "explanation": ["x"], "used": "y"}', ModelReply("SELECT 1")),
        ('{"sql": null, "explanation": "No\u202e\\n way"}', ModelReply(None, "No way")),
        ('{"sql": " ", "explanation": "No"}', ModelReply(None, "No")),
        ("It is:\n```sql\nSELECT 1;\n```\nOne.", ModelReply("SELECT 1", "It is: One.")),
        ("```\nSELECT 1\n```", ModelReply("SELECT 1")),
        ("```sqlite\nWITH a AS (SELECT 1) SELECT * FROM a", ModelReply("WITH a AS (SELECT 1) SELECT * FROM a")),
        ("```python\nprint()\n```\n```sql\nSELECT 1\n```", ModelReply("SELECT 1")),
        ("-- one\nSELECT 1 ; ", ModelReply("-- one\nSELECT 1")),
        ("thought: SELECT 2</think>SELECT 1", ModelReply("SELECT 1")),
    ],
)
def test_replies_that_are_read(text: str, reply: ModelReply) -> None:
    got = parse_reply(text)
    assert (got.sql, got.used) == (reply.sql, reply.used)
    assert got.explanation.replace("Here: ", "") == reply.explanation


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No.",
        "{}",
        '{"query": "SELECT 1"}',
        '["SELECT 1"]',
        '{"sql": ["SELECT 1"]}',
        f"{OBJECT}\n{OBJECT}",
        "```sql\nSELECT 1\n```\n```sql\nSELECT 2\n```",
        f"```sql\nSELECT 1\n```\n{OBJECT}",
        "```sql\n```",
        "DROP TABLE a",
        '{"sql": "SELECT 1"',
        "<think>SELECT 1</think>",
    ],
)
def test_replies_that_are_refused(text: str) -> None:
    with pytest.raises(QueryError):
        parse_reply(text)


@given(
    st.lists(st.sampled_from([OBJECT, "{", "}", '"sql":', "```", "~~~", "sql", "\n", "SELECT 1", "</think>", "a"]))
)
def test_no_reply_is_an_error_of_its_own(parts: list[str]) -> None:
    with contextlib.suppress(QueryError):
        parse_reply("".join(parts))


@pytest.mark.parametrize("part", ["{", '{"a":', "[", "```\n", "~" * 3 + "x\n", "<think>", "(", "--\n", "\\", '"'])
def test_no_reply_takes_long(part: str) -> None:
    began = time.process_time()
    with pytest.raises(QueryError):
        parse_reply(part * (MAX_REPLY // len(part)))
    assert time.process_time() - began < 10


def test_thoughts_may_be_long() -> None:
    assert parse_reply(f"<think>{'Hm. ' * MAX_REPLY}</think>{OBJECT}").sql == "SELECT 1"


def test_a_line_for_users_has_no_controls_and_an_end() -> None:
    assert one_line("a\x1b[31m\u202eb\n\tc", 100) == "a [31m b c"
    assert one_line("word " * 10, 9) == "word wor…"
