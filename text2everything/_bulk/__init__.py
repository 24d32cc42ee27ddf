"""Bulk writes: many items in one call, sent as fast as the service takes them, resumable with a journal."""
