"""Many rows, one move: which moves a list offers for its ticked rows, and the press."""
