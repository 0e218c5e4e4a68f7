"""Calling the household about a case: whom, and by which number."""
