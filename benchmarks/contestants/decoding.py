"""Bytes to models and back, in this package's environment."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.request import urlopen

from turns import fields, serve, url

parser = argparse.ArgumentParser()
parser.add_argument("--no-msgspec", action="store_true")
parser.add_argument("--extra", help="where orjson is")
options = parser.parse_args()
if options.no_msgspec:
    sys.modules["msgspec"] = None  # type: ignore[assignment]  # makes its import fail, as where it is not installed
if options.extra:
    sys.path.append(options.extra)

from text2everything import _codec as codec  # noqa: E402  # after what it may not find
from text2everything.models import FeedbackCreate, FeedbackResponse  # noqa: E402


@cache
def _page(port: int, size: int) -> bytes:
    with urlopen(f"{url(port, 1_000_000)}?skip=0&limit={size}") as response:
        body: bytes = response.read()
        return body


@cache
def _decoder(name: str) -> Callable[[bytes], Any]:
    if name == "msgspec":
        import msgspec  # noqa: PLC0415

        page = msgspec.defstruct(
            "Page",
            [
                ("items", list[FeedbackResponse]),
                ("total", int),
                ("page", int),
                ("page_size", int),
                ("has_next", bool),
            ],
        )
        decode: Callable[[bytes], Any] = msgspec.json.Decoder(page).decode
        return decode
    if name == "orjson":
        import orjson  # noqa: PLC0415

        return lambda body: codec.CONVERTER.structure(orjson.loads(body)["items"], list[FeedbackResponse])
    if name == "json":
        return json.loads
    return lambda body: codec.decode_listing(body, FeedbackResponse)


@cache
def _encoder(name: str) -> Callable[[Any], bytes]:
    if name == "msgspec":
        import msgspec  # noqa: PLC0415

        encode: Callable[[Any], bytes] = msgspec.json.encode
        return encode
    return codec.encode


def _decode(port: int, size: int, times: int, decoder: str) -> None:
    body, decode = _page(port, size), _decoder(decoder)
    for _ in range(times):
        decode(body)


def _encode(times: int, encoder: str) -> None:
    item, encode = FeedbackCreate(**fields(1)), _encoder(encoder)
    for _ in range(times):
        encode(item)


serve({"decode": _decode, "encode": _encode})
