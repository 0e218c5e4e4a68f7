"""Policies (时限): the value in force of each, what a change would do, whole manuals, two communities side by side."""
