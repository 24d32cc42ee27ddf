"""Runs bulk creates with a journal, each in a process of its own that the test may kill; one JSON line orders one.

The processes are forked from this one, which has imported everything and has no other thread: they start at once.
"""

import json
import os
import sys

from text2everything import Text2EverythingClient
from text2everything._bulk import journal

journal.GRACE = 0.2  # the service is on this machine, and has time for what was on its way


def run(order: dict) -> dict:
    with Text2EverythingClient(**order["client"]) as client:
        items = [
            {"chat_message_id": order["message"], "feedback": text, "is_positive": index % 3 > 0}
            for index, text in enumerate(order["texts"])
        ]
        feedback, project, path = client.feedback, order["project"], order["journal"]
        if order["how"] == "stream":
            created = {}
            for outcome in feedback.bulk_create_stream(project, iter(items), journal=path, window=100):
                created[outcome.index] = outcome.created
            made = [created[index] for index in range(len(items))]
        elif order["how"] == "upload":
            result = feedback.upload(project, order["file"], journal=path)
            return {"count": result.created, "resumed": result.resumed}
        else:
            made = feedback.bulk_create(project, items, journal=path)
        assert [each.feedback for each in made] == order["texts"]
        return {"count": len(made), "ids": [each.id for each in made]}


for line in sys.stdin:
    pid = os.fork()
    if not pid:
        try:
            print(json.dumps(run(json.loads(line))), flush=True)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001  # the test wants to see it
            print(json.dumps({"error": repr(error)}), flush=True)
            os._exit(1)
    print(pid, flush=True)
    _, status = os.waitpid(pid, 0)
    print(json.dumps({"status": status}), flush=True)
