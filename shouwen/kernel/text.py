"""Chinese text: made clean at the door, found again by bigrams, sorted by pinyin, masked, turned traditional.

Search: `SEARCH_SQL` (run once by a migration of the kernel) defines the functions of the index. A model gets
`text.gram_index("summary", name="case_summary_grams")` and is asked `filter(summary__grams="漏水 厨房")`:
every word occurs somewhere, ignoring case and width. The hits are exactly those of LIKE, for any length of
word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import FullResultSet
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import get_language, pgettext

# --- put together ---

_ELSEWHERE: Final = {"、": ", ", "，": ", ", "；": "; ", "。": ". "}
"""What stands between the parts of a list where it is not read in Chinese."""


def joined(parts: Iterable[object], mark: str = "、") -> str:
    """Parts of a sentence in the reader's language: 3 号楼、5 号楼; Building 3, Building 5."""
    chinese = (get_language() or "zh").startswith("zh")
    return (mark if chinese else _ELSEWHERE[mark]).join(map(str, parts))


SEEDED: Final = "seeded"
"""The context of the names that the house puts into its own rows, in the catalogues."""


def seeded(name: str) -> str:
    """The name of a row in the reader's language where the house gave it; an office's own name stays as it is."""
    return pgettext(SEEDED, name)


DOT: Final = "\u00a0• "
"""Between particulars that stand in one line: when it wraps, the mark stays at the end of the line."""


def dotted(*parts: object) -> str:
    """Particulars side by side, the empty ones left out: 3 号楼 • 空闲 12 分."""
    return DOT.join(str(part) for part in parts if part)


# --- clean at the door ---

# Bidirectional overrides and isolates can show a text that differs from what is stored; the rest is
# invisible.
_INVISIBLE: Final = (
    "\u00ad\u061c\u115f\u1160\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff"
    "\uffa0"
)
_STRIPPED: Final = re.compile(
    f"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f{_INVISIBLE}\ud800-\udfff\ufdd0-\ufdef\ufff0-\ufffc\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)
_NEWLINE: Final = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Only letters, digits and the space change width: full-width punctuation is our punctuation.
_HALF: Final = {0x3000: " "} | {
    code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code - 0xFEE0).isalnum()
}
_ALL_HALF: Final = {0x3000: " "} | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}


def clean(text: str) -> str:
    """A text of several lines as we keep it: visible characters only, LF for newlines, no blank edges.

    Full-width letters and digits become half-width; Chinese punctuation, emoji and rare characters stay.
    """
    text = _STRIPPED.sub("", _NEWLINE.sub("\n", text)).translate(_HALF)
    lines = (line.rstrip() for line in unicodedata.normalize("NFC", text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n").strip()


def clean_line(text: str) -> str:
    """A text of one line: like `clean`, and every run of white space becomes one space."""
    return " ".join(clean(text).split())


def full_width_to_half(text: str) -> str:
    """All full-width ASCII, punctuation too: for codes, numbers and plates, not for sentences."""
    return text.translate(_ALL_HALF)


def like_escape(text: str) -> str:
    """The text as a LIKE pattern that means itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# --- found by bigrams ---

MOST_QUERY: Final = 64

# A row's lexemes are all pairs of neighbouring characters and the last character alone, so that a prefix
# query finds a single character anywhere. The bodies name nothing outside pg_catalog: a restore runs with an
# empty search path. The cost is the measured one (15 us a row): with less, the planner walks a table row by row.
SEARCH_SQL: Final = r"""
CREATE OR REPLACE FUNCTION shouwen_grams(s text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 2000 AS $$
  SELECT coalesce(array_to_tsvector(array_agg(pair)), ''::tsvector) FROM (
    SELECT letter || lead(letter, 1, '') OVER (ORDER BY place) AS pair
    FROM unnest(string_to_array(lower(normalize(s, NFKC)), NULL)) WITH ORDINALITY AS l(letter, place)
  ) AS pairs
$$;
CREATE OR REPLACE FUNCTION shouwen_query(q text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT string_agg(
    '''' || replace(replace(substr(word, i, 2), '\', '\\'), '''', '''''') || ''''
    || CASE WHEN length(word) = 1 THEN ':*' ELSE '' END, ' & ')::tsquery
  FROM unnest(string_to_array(lower(normalize(q, NFKC)), ' ')) AS word,
       generate_series(1, greatest(length(word) - 1, 1)) AS i
  WHERE word <> ''
$$;
"""
SEARCH_SQL_REVERSE: Final = "DROP FUNCTION shouwen_query(text); DROP FUNCTION shouwen_grams(text);"


def fold(text: str) -> str:
    """What the index compares: one width, one case (the twin of `lower(normalize(s, NFKC))`)."""
    return unicodedata.normalize("NFKC", text).lower()


def grams(text: str) -> list[str]:
    """The lexemes of a text, sorted: the twin of `shouwen_grams`, also features of a lexical classifier."""
    folded = fold(text)
    return sorted({folded[i : i + 2] for i in range(len(folded))})


def query_words(query: str) -> list[str]:
    """The words that must all occur: split at white space, one width, no more than 64 characters in all."""
    return unicodedata.normalize("NFKC", clean_line(query)[:MOST_QUERY]).split()


def gram_index(field: str, *, name: str) -> GinIndex:
    """The one search index of a text column."""
    return GinIndex(models.Func(models.F(field), function="shouwen_grams"), name=name)


if TYPE_CHECKING:
    _Lookup = models.Lookup[bool]
else:
    _Lookup = models.Lookup


class _Words(_Lookup):
    prepare_rhs = False
    by_index: bool

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Any]]:
        words = query_words(str(self.rhs))
        if not words:
            raise FullResultSet
        column, bound = self.process_lhs(compiler, connection)
        parts, params = [], []
        if self.by_index:
            parts, params = [f"shouwen_grams({column}) @@ shouwen_query(%s)"], [*bound, " ".join(words)]
        for word in words:
            # Up to two characters the index is exact; longer words may have their pairs in other places.
            if not self.by_index or len(word) > 2:
                parts.append(_like(column, word))
                params += [*bound, f"%{like_escape(word)}%"]
        return f"({' AND '.join(parts)})", params


def _like(column: str, word: str) -> str:
    """Chinese characters have one width and one case: folding a whole text for them would cost 20 times more."""
    if all_han(word):
        return f"{column} LIKE %s"
    return f"lower(normalize({column}, NFKC)) LIKE lower(%s)"


@models.CharField.register_lookup
@models.TextField.register_lookup
class Grams(_Words):
    """`filter(summary__grams="漏水 3幢")`; an empty question finds every row, as LIKE '%%' would."""

    lookup_name = "grams"
    by_index = True


@models.CharField.register_lookup
@models.TextField.register_lookup
class Says(_Words):
    """The hits of `grams`, found by reading each row: for the newest rows of a word that many rows say."""

    lookup_name = "says"
    by_index = False


def all_han(query: str) -> bool:
    """Whether a question can be answered by plain LIKE: Chinese characters and blanks only."""
    return all(_HAN.fullmatch(word) for word in query_words(query))


# --- names ---

# The reading as a surname, where it isn't the common one. Of several the first is the key.
_SURNAMES: Final = {
    name: readings.split("/")
    for name, readings in re.findall(
        r"(\S)([a-z/]+)",
        """
        单shan 仇qiu 曾zeng 区ou 解xie 查zha 盖ge/gai 朴piao 任ren 华hua 缪miao 翟zhai 乐yue/le 员yun 召shao
        洗xian 冼xian 秘bi 覃qin/tan 逄pang 隗wei/kui 繁po 种chong 折she 黑he/hei 幺yao 祭zhai 那na 能nai 牟mu
        哈ha 纪ji 宁ning 燕yan 应ying 於yu 都du 相xiang 谌chen/shen 郗xi/chi 句gou 过guo 卜bu 薄bo 柏bai
        重chong 尹yin 石shi 贾jia 车che 葛ge 宿su 佴nai 晁chao 瞿qu 麻ma 眭sui 褚chu 长chang 阚kan 亓qi 仝tong
        訾zi 俞yu 万wan 尤you 殷yin 强qiang 藏zang 臧zang 曲qu 适kuo/shi 沈shen 行xing 盛sheng 占zhan 少shao
        从cong 干gan
        """,
    )
}
_COMPOUND: Final = {
    name: f"{first} {second}"
    for name, first, second in re.findall(
        r"(\S\S)([a-z]+)'([a-z]+)",
        """
        欧阳ou'yang 司马si'ma 上官shang'guan 诸葛zhu'ge 东方dong'fang 皇甫huang'fu 尉迟yu'chi 公孙gong'sun
        慕容mu'rong 令狐ling'hu 宇文yu'wen 长孙zhang'sun 司徒si'tu 司空si'kong 夏侯xia'hou 万俟mo'qi
        澹台tan'tai 端木duan'mu 独孤du'gu 南宫nan'gong 西门xi'men 轩辕xuan'yuan 鲜于xian'yu 呼延hu'yan
        太史tai'shi 申屠shen'tu 单于chan'yu 淳于chun'yu
        """,
    )
}
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]+")
_MOST_FORMS: Final = 16


def pinyin_key(name: str) -> str:
    """The sort key of a person's name: syllables without tones, a space between them ("shan xiong xin")."""
    head, rest = _surname(name)
    return " ".join([*head[:1], *(syllables[0] for syllables in _readings(rest))])


def initials(name: str) -> str:
    """The first letters of the syllables of `pinyin_key`, as one types them ("sxx")."""
    return "".join(syllable[0] for syllable in pinyin_key(name).split())


def pinyin_forms(name: str) -> list[str]:
    """What a person may type for this name: initials and whole pinyin, of every reading (at most 16)."""
    head, rest = _surname(name)
    parts = ([head] if head else []) + _readings(rest)
    forms: dict[str, None] = {}
    for combination in product(*(part[:4] for part in parts)):
        syllables = " ".join(combination).split()
        forms["".join(syllable[0] for syllable in syllables)] = None
        forms["".join(syllables)] = None
        if len(forms) >= _MOST_FORMS:
            break
    return [form for form in forms if form]


def surname(name: str) -> str:
    """梅 of 梅若兰, 欧阳 of 欧阳修."""
    name = clean_line(name)
    return name[:2] if len(name) > 2 and name[:2] in _COMPOUND else name[:1]


def mask_name(name: str) -> str:
    """The surname and stars: 梅**, 欧阳*, J*** (at most three stars: the length isn't told)."""
    name = clean_line(name)
    shown = len(surname(name))
    return name[:shown] + "*" * min(len(name) - shown, 3) if len(name) > shown else name[:1] + "*"


def masked_email(address: str) -> str:
    """The first letter and where it goes: m***@example.com. Nothing for nothing."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***{at}{domain}" if address else ""


def to_simplified(text: str) -> str:
    return str(_converter("t2s").convert(text))


TERMS: Final = {
    "籤認": "簽認", "籤批": "簽批", "重籤": "重簽", "籤署": "簽署", "籤收": "簽收",
    "賬": "帳", "包乾制": "包幹制", "服務檯": "服務臺", "總檯": "總臺", "回復": "回覆", "停表": "停錶",
}  # fmt: skip
"""Words of property management that a conversion by characters gets wrong, as it writes them and as they are written."""


def to_traditional(text: str) -> str:
    """Traditional characters with Taiwan's choice of forms; words are not exchanged."""
    return with_terms(str(_converter("s2tw").convert(text)))


def with_terms(text: str) -> str:
    """Traditional text with the words of the trade as the trade writes them."""
    for wrong, right in TERMS.items():
        text = text.replace(wrong, right)
    return text


def _surname(name: str) -> tuple[list[str], str]:
    """The readings of the surname and the rest; only names written in Chinese characters have one."""
    name = clean_line(name)
    if not _HAN.fullmatch(name):
        return [], name
    if len(name) > 2 and name[:2] in _COMPOUND:
        return [_COMPOUND[name[:2]]], name[2:]
    return (list(_SURNAMES[name[0]]), name[1:]) if name[:1] in _SURNAMES else ([], name)


def _readings(text: str) -> list[list[str]]:
    """All readings of every character, the one that fits the word first; others stand for themselves."""
    from pypinyin import Style, pinyin  # noqa: PLC0415 - its dictionaries take 0.3 s to load

    def runs(other: str) -> Any:  # the annotation there forgets that a list of syllables may come back
        return re.findall(r"[a-z]+|\d+", fold(other))

    result: list[list[str]] = [readings[:1] for readings in pinyin(text, style=Style.NORMAL, errors=runs)]
    single = [
        pinyin(letter, style=Style.NORMAL, heteronym=True)[0] for letter in text if _HAN.fullmatch(letter)
    ]
    if len(single) == len(result):
        result = [
            list(dict.fromkeys([first[0], *others])) for first, others in zip(result, single, strict=True)
        ]
    return result


@lru_cache(maxsize=4)
def _converter(name: str) -> Any:
    from opencc import OpenCC  # noqa: PLC0415 - loads its dictionaries

    return OpenCC(name)
