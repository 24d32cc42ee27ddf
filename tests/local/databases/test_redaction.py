"""Messages of failed connections: shown, unless something of a secret is in them, however it is written."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from text2everything.local._databases._redaction import WITHHELD, withhold_secrets

PASSWORDS = [
    *("hunter2-Straße", "p@ss w/rd'\"\\42", "a{b}};c%d+e&f"),
    *("line\nbreak\ttab", "密码很长的一个", "!!§§$$%%&&//"),
]
WRITTEN = {
    "as it is": str,
    "in capitals": str.upper,
    "percent-encoded": lambda text: quote(text, safe=""),
    "in a form": quote_plus,
    "as Python writes it": repr,
    "as ASCII": ascii,
    "as bytes": lambda text: repr(text.encode()),
    "in JSON": json.dumps,
    "in SQL": lambda text: text.replace("'", "''"),
    "in ODBC": lambda text: "{" + text.replace("}", "}}") + "}",
    "in a conninfo": lambda text: text.replace("\\", "\\\\").replace("'", "\\'"),
    "in two lines": lambda text: f"{text[:5]}\n{text[5:]}",
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("password", PASSWORDS)
def test_a_secret_is_found_however_it_is_written(password, written):
    if written == "in two lines" and not any(map(str.isalnum, password)):
        return  # what is all punctuation is found in one piece only
    echo = WRITTEN[written](password)
    assert withhold_secrets(f"cannot connect to 'x:{echo}@db'", [password], ["db"]) == WITHHELD


@pytest.mark.parametrize("part", ["hunter2", "nter2-St", "straße", "Straße@host", "nter"])
def test_a_part_of_a_secret_is_enough(part):
    assert withhold_secrets(f"invalid port number: {part!r}", ["hunter2-Straße"]) == WITHHELD


@pytest.mark.parametrize(
    ("message", "secret"),
    [
        ('connection to server at "db", port 5432 failed: Connection refused', "hunter2"),
        ('FATAL: password authentication failed for user "shop"', "shop2024"),
        ("could not read the private key: the passphrase is wrong", "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq"),
        ("permission denied", "p"),
        ("no secret at all", ""),
    ],
)
def test_other_messages_are_shown(message, secret):
    assert withhold_secrets(message, [secret], ["shop", "db"]) == message


def test_what_is_known_hides_no_whole_secret():
    assert withhold_secrets("login of reader2 failed", ["reader2"], ["reader"]) == WITHHELD
    assert withhold_secrets("login of reader failed", ["reader2"], ["reader"]) == "login of reader failed"


def test_a_part_of_a_key_is_found():
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\n-----END PRIVATE KEY-----"
    assert withhold_secrets("bad line: hkiG9w0BAQEFAASC", [key]) == WITHHELD


@given(st.text(st.characters(max_codepoint=126), min_size=8), st.sampled_from(list(WRITTEN)))
def test_any_secret_is_found(secret, written):
    assume(sum(map(str.isalnum, secret)) >= 4)
    assert withhold_secrets(f"before {WRITTEN[written](secret)} after", [secret]) == WITHHELD
