"""Where something stands in a TOML file: `tomllib` tells the line of a fault in writing, but not of a fault in meaning."""

from __future__ import annotations

import re
from collections import Counter

_HEADER = re.compile(r"\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\"'-]+)\s*=")
_AT_LINE = re.compile(r"\(at line (\d+)")


class ClauseError(ValueError):
    """A clause file that says something this house can't do: ``file:line: sentence``."""

    def __init__(self, file: str, line: int, sentence: str) -> None:
        super().__init__(f"{file}:{line}: {sentence}")
        self.file, self.line, self.sentence = file, line, sentence


class Places:
    """The lines of one file, by table (``clause``), its number from 0 on, and key."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.codes: list[str] = []  # of the clauses, in order
        self._lines: dict[tuple[str, int, str], int] = {}
        seen: Counter[str] = Counter()
        table, number = "", 0
        for line, words in enumerate(text.splitlines(), start=1):
            if header := _HEADER.fullmatch(words.strip()):
                table = header[1]
                number, seen[table] = seen[table], seen[table] + 1
                self._lines.setdefault((table, number, ""), line)
            elif key := _KEY.match(words):
                self._lines.setdefault((table, number, key[1].strip("\"'")), line)
                if table == "clause" and key[1] == "code":
                    self.codes.append(words.split("=", 1)[1].strip().strip("\"'"))

    def line(self, table: str, number: int, key: str = "") -> int:
        """The line of a key of a table, or of the table's head; 1 where neither was found."""
        return self._lines.get((table, number, key)) or self._lines.get((table, number, ""), 1)

    def fault(self, table: str, number: int, key: str, sentence: str) -> ClauseError:
        return ClauseError(self.name, self.line(table, number, key), sentence)


def written_badly(name: str, error: ValueError) -> ClauseError:
    """What `tomllib` says, with its line taken out of its sentence."""
    found = _AT_LINE.search(str(error))
    return ClauseError(name, int(found[1]) if found else 1, str(error))
