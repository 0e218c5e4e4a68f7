"""Shared by all tests. The database server is started in `tests/ground.py`."""

pytest_plugins = ["tests.cast"]
