"""What all handlers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from text2everything.local._databases import Runner
    from text2everything.local._files import Files
    from text2everything.local._store import Store
    from text2everything.local.engine import Engine


@attrs.define
class State:
    """The parts of a running service.

    Attributes:
        store: All that is stored, but for the bytes of uploaded files.
        files: Those.
        runner: Runs SQL on connectors.
        engine: Turns questions into SQL.
        access_token: What every request must carry.
        workspace_name: The one workspace there is.
        base_url: Where the service is reached; known once it listens.
    """

    store: Store
    files: Files
    runner: Runner
    engine: Engine
    access_token: str = attrs.field(repr=False)
    workspace_name: str
    base_url: str = ""
