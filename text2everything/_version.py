"""The version, where every module may read it: asking `importlib.metadata` takes 9 ms of the first request."""

__version__ = "0.1.0"
