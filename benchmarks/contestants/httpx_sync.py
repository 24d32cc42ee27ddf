"""Plain httpx and pydantic, blocking: what one would write without any client."""

from __future__ import annotations

from datetime import datetime

import httpx
import pydantic
from turns import HEADERS, fields, serve, url


class Rating(pydantic.BaseModel):
    id: str
    created_at: datetime
    updated_at: datetime
    project_id: str
    chat_message_id: str
    feedback: str
    is_positive: bool
    execution_id: str | None = None
    h2ogpte_doc_id: str | None = None
    collection_id: str | None = None


class Ratings(pydantic.BaseModel):
    items: list[Rating]
    total: int
    has_next: bool


client = httpx.Client(headers=HEADERS)


def _create(port: int, n: int) -> None:
    for number in range(n):
        response = client.post(url(port), json=fields(number)).raise_for_status()
        Rating.model_validate_json(response.content)


def _list(port: int, items: int, size: int) -> int:
    found: list[Rating] = []
    while True:
        response = client.get(url(port, items), params={"skip": len(found), "limit": size}).raise_for_status()
        ratings = Ratings.model_validate_json(response.content)
        found += ratings.items
        if not ratings.has_next:
            return len(found)


if __name__ == "__main__":
    serve({"create": _create, "list": _list})
