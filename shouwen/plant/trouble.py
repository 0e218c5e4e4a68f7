"""What can't work says so in one sentence with its remedy, in Chinese and in English: no catalogue is loaded yet."""


class Trouble(Exception):
    """Something outside the program is in the way; `str()` is a sentence for the person at the terminal."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(f"{chinese}\n{english}")
