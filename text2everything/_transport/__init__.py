"""One call to the service: from a request, a plain value, to its reply or an error.

`transport.py` is where to start. aiohttp is imported by `exchange`, `session`, `multipart` and `connection_errors`
only, and those by the first request.
"""
