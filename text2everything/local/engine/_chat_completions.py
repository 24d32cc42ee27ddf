"""Asking a language model over the chat completions API, which OpenAI, Ollama, vLLM, llama.cpp and others speak."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, Final, cast
from urllib.parse import urlsplit

import attrs

DEFAULT_URL: Final = "https://api.openai.com/v1"
MAX_BODY: Final = 2 * 2**20
"""Bytes of a reply at most."""
_RETRIES: Final = 2
_FIRST_WAIT_SECONDS: Final = 0.5
_TRANSIENT: Final = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
_MEANINGS: Final = {
    400: "it does not take the request",
    401: "it does not accept the API key",
    403: "the API key may not use it",
    404: "it knows no such model or path",
    413: "the prompt is too long for it",
    422: "it does not take the request",
    429: "it has too many requests, or the account is used up",
}
# The service's own word for an error. Nothing else of its replies is shown, since some repeat the key.
_ERROR_CODE: Final = re.compile(r"[a-z]+(?:_[a-z]+)+")
_MAX_CODE: Final = 40

Message = dict[str, str]


class ModelError(Exception):
    """There is no answer of the model; the message says why, for users, and holds nothing secret."""


class _TransientError(ModelError):
    """Asking again may help, after `wait` seconds if the service said so."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


@attrs.frozen
class ChatCompletions:
    """A model behind a URL.

    Attributes:
        model: The name of the model, as the service knows it.
        base_url: The URL that `/chat/completions` is added to.
        api_key: The key; "" for a service that needs none.
    """

    model: str
    base_url: str = attrs.field()
    api_key: str = attrs.field(repr=False)

    @base_url.validator
    def _check_base_url(self, _: object, url: object) -> None:
        # The messages do not repeat the URL, which may hold a password.
        if not isinstance(url, str):
            raise ValueError("base_url must be a string")  # noqa: TRY004 - like every other invalid argument
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or any(map(str.isspace, url)):
            raise ValueError("base_url must be an http or https URL, such as http://localhost:11434/v1")
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError("base_url must have no user, password, query or fragment; the key is api_key")

    def ask(self, messages: Sequence[Message], deadline: float) -> str:
        """Return the model's reply to a conversation.

        A busy or failing service is asked again as long as there is time.

        Args:
            messages: The conversation, as (role, content) objects.
            deadline: When to give up, by `time.monotonic`.

        Raises:
            ModelError: There is none.
        """
        wait = _FIRST_WAIT_SECONDS
        for _ in range(_RETRIES):
            try:
                return self._ask_once(messages, deadline)
            except _TransientError as error:
                pause = wait if error.wait is None else error.wait
                if time.monotonic() + pause >= deadline:
                    raise ModelError(str(error)) from None
                time.sleep(pause)
                wait *= 2
        return self._ask_once(messages, deadline)

    def _ask_once(self, messages: Sequence[Message], deadline: float) -> str:
        import openai  # noqa: PLC0415 - an extra, and slow to import

        left = deadline - time.monotonic()
        if left <= 0:
            raise ModelError("it did not answer in time")
        try:
            # A client for each request: nothing is left open, and nothing is shared between threads and processes.
            with (
                openai.OpenAI(
                    api_key=self.api_key or "none",
                    base_url=self.base_url,
                    timeout=left,
                    max_retries=0,
                    default_headers={"Accept-Encoding": "identity"},
                ) as client,
                client.chat.completions.with_streaming_response.create(
                    model=self.model,
                    messages=cast("Any", messages),  # plain dictionaries of the same shape
                ) as response,
            ):
                body = _read(response.iter_bytes(), deadline)
        except openai.APIStatusError as error:
            raise _status_error(error) from None
        except openai.APITimeoutError:
            raise ModelError("it did not answer in time") from None
        except openai.APIConnectionError:
            raise _TransientError("it cannot be reached") from None
        except ModelError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the packages below it raise while the reply is read
            timed_out = "timeout" in type(error).__name__.casefold()
            reason = "it did not answer in time" if timed_out else "its reply ended early"
            raise ModelError(reason) from None
        return _content(body)


def require_openai() -> None:
    """Check that the package `openai` is installed.

    Raises:
        ImportError: It is not.
    """
    if find_spec("openai") is None:
        raise ImportError("a language model needs openai: pip install openai")


def _read(chunks: Any, deadline: float) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MAX_BODY:
            raise ModelError(f"its reply is longer than {MAX_BODY:,} bytes")
        # The time limit of the connection starts again with every byte.
        if time.monotonic() > deadline:
            raise ModelError("it did not answer in time")
    return bytes(body)


def _status_error(error: Any) -> ModelError:
    status = error.status_code
    meaning = _MEANINGS.get(status, "it failed" if status >= 500 else "it refused the request")  # noqa: PLR2004
    code = error.code if isinstance(error.code, str) else ""
    known_code = f", {code}" if len(code) <= _MAX_CODE and _ERROR_CODE.fullmatch(code) else ""
    message = f"{meaning} (HTTP status {status}{known_code})"
    if status not in _TRANSIENT or code == "insufficient_quota":
        return ModelError(message)
    return _TransientError(message, _seconds(error.response.headers.get("retry-after")))


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:  # a date
        return None


def _content(body: bytes) -> str:
    """Return the text in a chat completion.

    Raises:
        ModelError: It has none: the model refused, or the reply has another shape.
    """
    try:
        choice = json.loads(body)["choices"][0]
        message, finish = choice["message"], choice.get("finish_reason")
        content, refusal = message.get("content"), message.get("refusal")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise ModelError("its reply is no chat completion") from None
    if refusal or finish == "content_filter":
        raise ModelError("it refused to answer")
    if isinstance(content, list):  # in parts, as some services have it
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(text for text in texts if isinstance(text, str))
    if finish == "length":
        raise ModelError("its reply was cut off at the most tokens it may have")
    if not isinstance(content, str) or not content.strip():
        raise ModelError("its reply is empty")
    return content
