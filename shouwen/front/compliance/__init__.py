"""The compliance board (规程执行): the grid, what is behind a cell, the lists and the sheet of paper."""
