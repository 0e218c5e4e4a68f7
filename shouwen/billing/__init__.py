"""Billing: what homes and vehicles have paid, and their meters. Tariffs, bills and dunning are not here yet."""
