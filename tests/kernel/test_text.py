import unicodedata

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shouwen.kernel import clock, text
from shouwen.kernel.files import StoredFile

# --- clean ---


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("  水管漏水 \r\n\r\n\r\n\r\n请 尽快\t来 \r", "水管漏水\n\n请 尽快\t来"),
        ("３幢１２０１室，Ａ座（东）", "3幢1201室，A座（东）"),
        ("门\u200b锁\ufeff坏\x00了\x1b[31m", "门锁坏了[31m"),
        ("付款\u202e0001\u202c元", "付款0001元"),
        ("\u2066隐藏\u2069", "隐藏"),
        ("谢谢👨‍👩‍👧❤️🏳️‍🌈", "谢谢👨‍👩‍👧❤️🏳️‍🌈"),
        ("面积 100㎡ ①②", "面积 100㎡ ①②"),
        ("𠮷野家 龘", "𠮷野家 龘"),
        ("e\u0301tage", "étage"),
        ("甲\u2028乙\x85丙", "甲\n乙\n丙"),
        ("\u3000\u3000段首", "段首"),
        ("坏\ud800了", "坏了"),
        ("", ""),
    ],
)
def test_a_text_is_made_clean_and_keeps_what_people_mean(given_, kept):
    assert text.clean(given_) == kept


def test_a_line_has_no_breaks():
    assert text.clean_line(" 3幢\n 1201\t室 ") == "3幢 1201 室"


@given(st.text())
def test_clean_is_stable_and_leaves_nothing_the_database_refuses(given_):
    kept = text.clean(given_)
    assert text.clean(kept) == kept
    assert "\0" not in kept
    kept.encode()
    assert not any(
        unicodedata.bidirectional(c) in {"LRE", "RLE", "LRO", "RLO", "PDF", "RLI", "LRI"} for c in kept
    )


def test_width_of_codes():
    assert text.full_width_to_half("浙Ａ·１２３４５（备）") == "浙A·12345(备)"


# --- search ---


@given(st.text(min_size=1, max_size=30).filter(lambda s: "\0" not in s))
@example("IPhone１６ 漏水'\\坏了%_")
@example("𠮷野家👨‍👩‍👧")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_makes_the_same_grams_as_python(db, given_):
    if "\ud800" <= max(given_) <= "\udfff":
        given_ = "x"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tsvector_to_array(shouwen_grams(%s)), lower(normalize(%s, NFKC))", [given_, given_]
        )
        made, folded = cursor.fetchone()
    if folded == text.fold(given_):  # the two Unicode versions may differ in rare letters
        assert sorted(made) == text.grams(given_)


ROWS = [
    "3幢1201室厨房水管漏水，请尽快派人",
    "地下车库漏水 浙A12345 iPhone16 掉水里",
    "水漏了一地", "漏油", "电梯困人", "道闸不抬 IPHONE", "折扣 100%_x\\y'z",
    "Ｌ３层ｉｐａｄ", "水", "", "漏\n水", "消防栓 异响 地下室", "阳光花园👍🏻很好",
    "漏水漏电", "浙A2 粤A12345", "水漏 漏水",
]  # fmt: skip
QUERIES = [
    "漏水", "水管漏水", "水", "漏", "油", "浙A1", "a12345", "iphone", "IPHONE 漏水", "iphone16", "16", "100%", "%_",
    "_x\\y'z", "'", "\\", "L3", "l3层ipad", "异响 消防栓", "困人 电梯", "👍🏻", "👍", "没有", "漏水 没有", "水漏",
    "漏水漏", "漏水漏水", "浙A12",
]  # fmt: skip


def _store(rows):
    StoredFile.objects.bulk_create(
        StoredFile(
            sha256="0" * 64, name="a", mime="image/png", size=1, created_at=clock.now(), created_by_kind=row
        )
        for row in rows
    )


def _like(row, query):
    return all(word in text.fold(row) for word in text.fold(query).split())


@pytest.mark.parametrize("query", QUERIES)
def test_hits_are_those_of_like(db, query):
    _store(ROWS)
    found = set(
        StoredFile.objects.filter(created_by_kind__grams=query).values_list("created_by_kind", flat=True)
    )
    assert found == {row for row in ROWS if _like(row, query)}


letters = st.text(alphabet="漏水管电梯aB1 '\\%_:&|!*()", max_size=8)


@given(st.lists(letters, min_size=1, max_size=6), letters)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_question_breaks_the_search_or_changes_its_hits(db, rows, query):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS probe (s text)")
        cursor.execute("TRUNCATE probe")
        cursor.executemany("INSERT INTO probe VALUES (%s)", [[row] for row in rows])
        words = text.query_words(query)
        if not words:
            return
        cursor.execute(
            "SELECT s FROM probe WHERE shouwen_grams(s) @@ shouwen_query(%s) "
            "AND (SELECT bool_and(lower(normalize(s, NFKC)) LIKE lower(p)) FROM unnest(%s::text[]) AS p)",
            [" ".join(words), [f"%{text.like_escape(word)}%" for word in words]],
        )
        found = sorted(row for (row,) in cursor.fetchall())
    assert found == sorted(row for row in rows if _like(row, query))


def test_an_empty_question_finds_every_row(db):
    _store(ROWS)
    assert StoredFile.objects.filter(created_by_kind__grams="  ").count() == len(ROWS)
    assert StoredFile.objects.exclude(created_by_kind__grams="漏水").count() == sum(
        "漏水" not in row for row in ROWS
    )


def test_the_index_serves_questions_of_one_two_and_more_characters(db):
    index = text.gram_index("created_by_kind", name="probe_grams")
    with connection.schema_editor() as editor:
        editor.add_index(StoredFile, index)
    _store([*ROWS, *(f"第{n}号巡查记录一切正常" for n in range(3_000))])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE kernel_storedfile")
    for query in ("梯", "电梯", "电梯困人", "iphone 漏水"):
        assert "probe_grams" in StoredFile.objects.filter(created_by_kind__grams=query).explain()


def test_like_escape_makes_a_pattern_mean_itself():
    assert text.like_escape("100%_\\") == "100\\%\\_\\\\"


# --- names ---


@pytest.mark.parametrize(
    ("name", "key", "initials"),
    [
        ("张三", "zhang san", "zs"),
        ("单雄信", "shan xiong xin", "sxx"),
        ("仇和", "qiu he", "qh"),
        ("曾国藩", "zeng guo fan", "zgf"),
        ("区楚良", "ou chu liang", "ocl"),
        ("解珍", "xie zhen", "xz"),
        ("查良镛", "zha liang yong", "zly"),
        ("盖叫天", "ge jiao tian", "gjt"),
        ("欧阳修", "ou yang xiu", "oyx"),
        ("尉迟恭", "yu chi gong", "ycg"),
        ("万俟卨", "mo qi xie", "mqx"),
        ("吕布", "lv bu", "lb"),
        ("任我行", "ren wo xing", "rwx"),
        ("Smith", "smith", "s"),
        ("John Smith", "john smith", "js"),
        ("阿依古丽·买买提", "a yi gu li mai mai ti", "ayglmmt"),
        ("", "", ""),
    ],
)
def test_names_have_a_pinyin_key_and_initials(name, key, initials):
    assert text.pinyin_key(name) == key
    assert text.initials(name) == initials


def test_names_sort_by_their_key():
    assert sorted(["赵六", "王五", "张三", "李四", "阿明"], key=text.pinyin_key) == [
        "阿明",
        "李四",
        "王五",
        "张三",
        "赵六",
    ]


def test_all_readings_of_a_name_are_found():
    forms = text.pinyin_forms("盖乐")
    assert {"gl", "gele", "gaile", "geyue", "gy"} <= set(forms)
    assert forms[:2] == ["gl", "gele"]
    assert {"zly", "zhaliangyong"} <= set(text.pinyin_forms("查良镛"))
    assert len(text.pinyin_forms("乐重行长朝单")) <= 17


@given(st.text(max_size=12))
@settings(deadline=None)
def test_any_name_has_a_key(name):
    assert len(text.initials(name)) == len(text.pinyin_key(name).split())
    assert isinstance(text.pinyin_forms(name), list)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("梅若云", "梅**"),
        ("张三", "张*"),
        ("欧阳修", "欧阳*"),
        ("司马", "司*"),
        ("李", "李*"),
        ("John Smith", "J***"),
        ("", "*"),
    ],
)
def test_a_masked_name_shows_the_surname(name, shown):
    assert text.mask_name(name) == shown


def test_characters_change_between_simplified_and_traditional():
    assert text.to_traditional("电梯里面的头发") == "電梯裡面的頭髮"
    assert text.to_simplified("電梯裏面的頭髮") == "电梯里面的头发"


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("签认", "簽認"), ("总监签批", "總監簽批"), ("重签", "重簽"), ("签收", "簽收"), ("标签", "標籤"), ("台账", "臺帳"),
        ("账号", "帳號"), ("账龄", "帳齡"), ("入账", "入帳"), ("包干制", "包幹制"), ("干净", "乾淨"), ("服务台", "服務臺"),
        ("前台", "前臺"), ("阳台", "陽臺"), ("回复", "回覆"), ("恢复", "恢復"), ("停表", "停錶"), ("派工单", "派工單"),
        ("合并", "合併"), ("闭水", "閉水"), ("岗位", "崗位"), ("联系", "聯繫"), ("周期", "週期"), ("复核", "複核"),
    ],
)  # fmt: skip
def test_words_of_the_trade_are_written_as_the_trade_writes_them(simplified, traditional):
    assert text.to_traditional(simplified) == traditional


def test_every_term_mends_what_the_conversion_gets_wrong():
    for wrong, right in text.TERMS.items():
        assert wrong != right
        assert right not in text.TERMS
        assert text.to_traditional(text.to_simplified(right)) == right
