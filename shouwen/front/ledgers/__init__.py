"""Pages of the simple registers: what was paid, meters, materials."""
