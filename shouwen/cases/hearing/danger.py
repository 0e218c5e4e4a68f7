"""Danger in a text: words that are never missed. A negation right before them, or a drill after them, takes them back."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from shouwen.kernel.learning import Word, Words
from shouwen.kernel.text import fold, to_simplified

SAFETY: Final = Path(__file__).parent / "safety.txt"
NEVER: Final = "never"

# 没有漏气 takes back, 有没有漏气 asks; 不会着火 takes back, 会不会着火 asks; 消防 is no 防.
_BEFORE: Final = re.compile(
    r"(?:(?<!有)没有|(?<!有)没|未|无|(?<!是)不是|并不是|并非|(?<!会)不会|(?<![是会要能小])不再?|(?<!消)防止?|预防|避免|杜绝"
    r"|以防|免得|以免|万一|如果|要是|假如|一旦|倘若)"
    r"(?:再|有|发生|出现|闻到|发现|见|看到|任何|什么|听说|过|说|现象|情况|人员|人|被)*$"
)
_AFTER: Final = re.compile(
    r"^人?[了的]?(?:应急|急救|自救)?(?:演练|演习|预案|培训|讲座|保险|险|知识|宣传|标志|标识|警示|提示牌|探测|保护|开关|课"
    r"|报警(?:器|装置)(?!.{0,3}响))"
)


def danger(text: str) -> tuple[str, ...]:
    """The words of danger that ``text`` says, in the order of the list; empty when it says none.

    Simplified and traditional characters, any width, with or without blanks between.
    """
    plain = re.sub(r"\s", "", fold(to_simplified(text)))
    for word in _never():
        plain = plain.replace(word, "□" * len(word))
    heard = [word for words in _words().heard(plain).values() for word in words if _stands(plain, word)]
    return tuple(dict.fromkeys("…".join(word) for word in heard))


def _stands(text: str, word: Word) -> bool:
    """Whether every part of the word is said at least once without being taken back."""
    return all(
        any(
            not _BEFORE.search(text[: found.start()][-16:]) and not _AFTER.match(text[found.end() :])
            for found in re.finditer(re.escape(part), text)
        )
        for part in word
    )


@cache
def _words() -> Words:
    lines = SAFETY.read_text(encoding="utf-8").splitlines()
    return Words("\n".join(line for line in lines if not line.startswith(f"{NEVER}:")))


@cache
def _never() -> tuple[str, ...]:
    """Phrases that contain a word of danger and mean something else, the longest first."""
    lines = SAFETY.read_text(encoding="utf-8").splitlines()
    line = next(line for line in lines if line.startswith(f"{NEVER}:"))
    return tuple(sorted(fold(line).split()[1:], key=len, reverse=True))
