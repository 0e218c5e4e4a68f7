"""The technician in the field: the door for a telephone, with or without a line."""
