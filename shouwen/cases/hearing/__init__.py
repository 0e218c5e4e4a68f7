"""Hearing: what a text sounds like, from sentences and words that were written for this house."""
