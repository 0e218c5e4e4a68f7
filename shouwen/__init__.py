"""Shouwen 首问: the customer service system of a property service centre."""

__version__ = "0.1.0"
