"""Messages of failed connections, shown unless a secret, or a part of one, is in them.

For connections only. Whoever runs a statement decides what its error says: if it were looked through, too, he could
find out the password by guesses, a few characters at a time.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

WITHHELD = "the message is not shown, because a part of the password or key is in it"

# A run of so many letters and digits of a secret is a part of it; of a long one, such as a key, more are needed,
# since it shares short runs with any text.
_LEAST_RUN, _LONGEST_RUN = 4, 12
_PEM_FRAME = re.compile(r"-----(BEGIN|END)[^\n]*?-----")


def withhold_secrets(message: str, secrets: Iterable[str], known: Iterable[str] = ()) -> str:
    """Return a message, or `WITHHELD` if it has a secret in it: quoted, escaped, percent-encoded, or only a part.

    Args:
        message: What a driver says of a connection that failed.
        secrets: What must not be shown.
        known: What its readers know anyway, such as the user name; it is no part of a secret.
    """
    secrets = [secret for secret in secrets if secret]
    if any(_has(message, secret, whole=True) for secret in secrets):
        return WITHHELD
    rest = message
    for text in sorted(filter(None, known), key=len, reverse=True):
        rest = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", "", rest, flags=re.IGNORECASE)
    return WITHHELD if any(_has(rest, secret, whole=False) for secret in secrets) else message


def _has(message: str, secret: str, *, whole: bool) -> bool:
    secret = _PEM_FRAME.sub("", secret)
    # As it is, and as Python and JSON write it; percent-encoding is undone in the message.
    forms = {secret, ascii(secret)[1:-1], repr(secret.encode())[2:-1], json.dumps(secret)[1:-1]}
    texts = {message, unquote_plus(message)}
    return any(_has_form(text, form, whole=whole) for text in texts for form in forms)


def _has_form(text: str, form: str, *, whole: bool) -> bool:
    squeezed = _letters_and_digits(form)
    if len(squeezed) < _LEAST_RUN:
        if len(form) < _LEAST_RUN:
            return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) is not None
        return form in text
    run = len(squeezed) if whole else max(_LEAST_RUN, min(_LONGEST_RUN, len(squeezed) // 4))
    text = _letters_and_digits(text)
    return any(squeezed[start : start + run] in text for start in range(len(squeezed) - run + 1))


def _letters_and_digits(text: str) -> str:
    """Return a text without what quoting and escaping add or change."""
    return "".join(filter(str.isalnum, text.casefold()))
