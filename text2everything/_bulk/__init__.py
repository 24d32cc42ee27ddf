"""Many writes at once: each with its own outcome, as many in flight as the service bears, resumable by a journal."""
