"""The manual: all 334 rules, what carries each out, and how far."""
