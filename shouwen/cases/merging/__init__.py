"""One matter reported twice: what may be the same, and the move that joins the two."""
