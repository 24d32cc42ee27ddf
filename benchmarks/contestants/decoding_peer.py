"""Bytes to models and back, with pydantic: by the published client's way and by pydantic's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import httpx
from httpx_sync import Ratings
from text2everything_sdk.models.feedback import FeedbackCreate, FeedbackResponse
from turns import fields, serve, url

DECODERS: dict[str, Callable[[bytes], Any]] = {
    "official": lambda body: [FeedbackResponse(**item) for item in json.loads(body)["items"]],
    "pydantic": Ratings.model_validate_json,
}


@cache
def _page(port: int, size: int) -> bytes:
    return httpx.get(url(port, 1_000_000), params={"skip": 0, "limit": size}).content


def _decode(port: int, size: int, times: int, decoder: str) -> None:
    body, decode = _page(port, size), DECODERS[decoder]
    for _ in range(times):
        decode(body)


def _encode(times: int, encoder: str) -> None:
    assert encoder == "official"
    item = FeedbackCreate(**fields(1))
    for _ in range(times):
        json.dumps(item.model_dump(), separators=(",", ":")).encode()


serve({"decode": _decode, "encode": _encode})
