import base64
import io
import re
import zipfile
import zlib
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy
from openpyxl import Workbook, load_workbook

from shouwen.kernel import limits, sheets
from shouwen.kernel.sheets import BadFile


def book(*rows, title="房产", merge=(), extra=()):
    made = Workbook()
    page = made.active
    page.title = title
    for row in rows:
        page.append(row)
    for cells in merge:
        page.merge_cells(cells)
    for name, state in extra:
        made.create_sheet(name).sheet_state = state
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def packed(files, **changes):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, changes.get(name, content))
    return out.getvalue()


def unpacked(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refused(data, name="a.xlsx", **options):
    with pytest.raises(BadFile) as caught:
        sheets.read(data, name, **options)
    assert re.search("[一-龥]", str(caught.value))
    return caught.value.code, str(caught.value)


WALL = datetime(2026, 1, 2, 8, 30)  # noqa: DTZ001 - spreadsheets know no zones

# --- reading workbooks ---


def test_cells_keep_their_kind_and_numbers_are_never_floats():
    table = sheets.read(
        book(
            ["房号", "面积", "电话", "交房", "登记", "空", "在住"],
            ["1201", 88.5, 13812346021, date(2026, 1, 2), WALL, None, True],
            ["1202", 90.0, "０５７１", None, None, "  ", False],
        ),
        "a.xlsx",
    )
    assert table.sheet == "房产"
    assert table.headers == ("房号", "面积", "电话", "交房", "登记", "空", "在住")
    first, second = table.rows
    assert first.number == 2
    assert list(first.cells.values())[:3] == ["1201", Decimal("88.5"), 13812346021]
    assert type(first.cells["电话"]) is int
    assert first.cells["交房"] == date(2026, 1, 2)
    assert first.cells["登记"] == WALL
    assert (first.cells["空"], first.cells["在住"]) == (None, True)
    assert second.cells["面积"] == 90
    assert type(second.cells["面积"]) is int
    assert (second.cells["电话"], second.cells["空"]) == ("0571", None)


def test_merged_cells_have_their_value_in_every_row_and_a_title_above_the_header_is_skipped():
    table = sheets.read(
        book(
            ["阳光花园房产表", None, None],
            [None, None, None],
            ["楼栋", "房号", "业主"],
            ["3幢", "1201", "梅若云"],
            [None, "1202", "张三"],
            [],
            ["4幢", "101", "李四"],
            merge=["A1:C1", "A4:A5"],
        ),
        "a.xlsx",
    )
    assert [(row.number, row.cells["楼栋"], row.cells["房号"]) for row in table.rows] == [
        (4, "3幢", "1201"), (5, "3幢", "1202"), (7, "4幢", "101"),
    ]  # fmt: skip


def test_a_formula_is_read_as_its_value():
    data = book(["a", "b"], [1, "=A2*2"])
    files = unpacked(data)
    page = files["xl/worksheets/sheet1.xml"].decode()
    assert "<f>A2*2</f><v></v>" in page or "<f>A2*2</f><v/>" in page or "<f>A2*2</f><v />" in page
    page = re.sub(r"<f>A2\*2</f><v ?/?>(</v>)?", "<f>A2*2</f><v>2</v>", page)
    data = packed({**files, "xl/worksheets/sheet1.xml": page})
    assert sheets.read(data, "a.xlsx").rows[0].cells["b"] == 2


def test_the_sheet_is_chosen_by_name_and_a_wrong_name_lists_those_there():
    data = book(["a", "b"], [1, 2], extra=[("业主", "visible"), ("隐藏", "hidden")])
    assert sheets.sheet_names(data) == ["房产", "业主", "隐藏"]
    assert sheets.read(data, "a.xlsx", sheet=" 房产 ").sheet == "房产"
    code, sentence = refused(data, sheet="车位")
    assert code == "no-such-sheet"
    assert "房产、业主、隐藏" in sentence


OLD_WORKBOOK = (
    "eNrtWE1oE0EU/mabND+k6aamQiuWULDV2oPRi5d2W0F7MlQ9KCJots1BWlIJXupBqzVHQfAgipdCoXipevEHPdSbB6GiB0EQEj16"
    "EEGxhzbrey+zkmoPDWipMl+Yb96+92bmZefN7M6+WkyUZh60l/EL+tGAihdBY41OUYn4FzbI7nks+nWYimfwTyESpolsDOJp08sQ"
    "zyHPdxkW7geeEwMfqJzCOWQm8rnUBuKAxJBVHEMfscId0sTRJlG1CI8IbxG+J57PhAdEc024j3xL6iQWnUzPfp3FJ6xOscXB/T6S"
    "Nu9Ek0YrXnAWX7quqr5BDBbOZsc3p6EjEMMsaN6GcvlcITteQpImcBbfvBTw1V+pCymj31i9AumXVutDa+hvWAFgCt4ZSfAiYlho"
    "YIulHHcus4zt4EsuZHfc78eocm9+nqRW6b170lHej2X92qvWb5PkdYx4FM0iJyS7bdqhl+9+eX3YHXZOi2ZK9uzqzr6Dg4GHy9yC"
    "GsfFYv3kHuHdwlek120itwsnKSep7hpu1cKhafG5KtYuGmef4I3TXSPvJLn46cjjjuJHZxfJ80PlC8n5t84MOulJM0rt+TeNXtWr"
    "bt9iPHH8Wuld4L1w2287Qtiydeyefnw1YwVRERPC1Su+O0r7qzX8lfhzjxetqMSTgEvKfqsFD+X2DNQ8I6MwMDAwMDAwMDAw2LxQ"
    "+u2eDxn8/h/UZ4iQ/q6zQqViPpP8tziKCfqdp4PpQeSpLmCyrvzZiqDy+1LrbON/L2Qcp9ELGIMrcYzVnb90BlS1/2fdDe0/t4Tq"
    "Hb9ST5x/efwfsSvAaQ=="
)
"""One sheet 房产: 房号 and 面积, below them "1201" and 88. Nothing at hand writes Excel's format of 1997 any more."""


def test_an_old_workbook_is_read_too():
    table = sheets.read(zlib.decompress(base64.b64decode(OLD_WORKBOOK)), "a.xls")
    assert table.sheet == "房产"
    assert dict(table.rows[0].cells) == {"房号": "1201", "面积": 88}


def test_headers_must_be_there_once_each():
    assert refused(book(["姓名", "电话", "姓名"], ["a", "b", "c"])) == ("header-twice", "表头重复：姓名")
    assert refused(book([None], ["x", "y"]), header=1)[0] == "no-header"
    assert refused(book(["a", "b"], [1, 2]), header=9)[0] == "no-header"


def test_an_empty_or_broken_or_foreign_file_is_refused_in_words():
    assert refused(b"")[0] == "empty"
    assert refused(book())[0] == "empty"
    assert refused(b"PK\x03\x04 this is no archive")[0] == "broken-sheet"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)[0] in {"broken-sheet", "password"}
    assert refused(packed({"word/document.xml": b"<w/>"}))[0] == "kind"
    data = book(["a", "b"], [1, 2])
    assert refused(data[: len(data) // 2])[0] == "broken-sheet"


# --- limits ---


def test_a_file_that_is_too_big_is_refused_before_anything_else(monkeypatch):
    monkeypatch.setattr(limits, "SHEET_BYTES", 100)
    assert refused(b"PK\x03\x04" + b"x" * 200)[0] == "too-big"


def test_more_rows_than_allowed_are_refused(monkeypatch):
    monkeypatch.setattr(limits, "SHEET_ROWS", 5)
    assert refused(book(["a", "b"], *([n, n] for n in range(30))))[0] == "too-many-rows"
    assert refused(b"a,b\r\n" + b"1,2\r\n" * 30, "a.csv")[0] == "too-many-rows"
    assert refused(book(["a", "b"], *([n, n] for n in range(6))))[0] == "too-many-rows"
    assert len(sheets.read(book(["a", "b"], *([n, n] for n in range(5))), "a.xlsx").rows) == 5


@pytest.mark.parametrize("corner", ["XFD2", "A1048576", "CV70000"])
def test_one_cell_in_a_far_corner_does_not_make_the_reader_allocate_the_world(corner, monkeypatch):
    monkeypatch.setattr(sheets, "_open_book", lambda _data: pytest.fail("the workbook was opened"))
    files = unpacked(book(["a", "b"], [1, 2]))
    page = files["xl/worksheets/sheet1.xml"].decode()
    row = re.sub("[A-Z]", "", corner)
    page = page.replace("</sheetData>", f'<row r="{row}"><c r="{corner}"><v>1</v></c></row></sheetData>')
    code, _ = refused(packed({**files, "xl/worksheets/sheet1.xml": page}))
    assert code in {"too-wide", "too-many-rows"}


def test_a_bomb_is_refused_by_what_its_directory_says():
    files = unpacked(book(["a", "b"], [1, 2]))
    assert refused(packed({**files, "xl/media/x.bin": b"\0" * 60_000_000}))[0] == "bomb"


def test_a_bomb_whose_directory_lies_is_refused_too():
    files = unpacked(book(["a", "b"], [1, 2]))
    data = packed({**files, "xl/media/x.bin": b"\0" * 60_000_000})
    true, lie = (60_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    assert true in data
    assert refused(data.replace(true, lie))[0] == "broken-sheet"


# --- CSV ---

TABLE = '房号,业主,备注\r\n1201,梅若云,"漏水,已修"\r\n\r\n1202,张三,\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_in_the_encodings_and_with_the_delimiters_in_use(encoding, delimiter):
    content = TABLE.replace('"漏水,已修"', "漏水").replace(",", delimiter)
    table = sheets.read(content.encode(encoding), "房产.csv")
    assert table.headers == ("房号", "业主", "备注")
    assert [(row.number, dict(row.cells)) for row in table.rows] == [
        (2, {"房号": "1201", "业主": "梅若云", "备注": "漏水"}),
        (4, {"房号": "1202", "业主": "张三", "备注": None}),
    ]


def test_a_csv_keeps_quoted_cells_and_short_rows():
    table = sheets.read(TABLE.encode() + b"1203\r\n", "a.csv")
    assert table.rows[0].cells["备注"] == "漏水,已修"
    assert table.rows[-1].cells["业主"] is None


def test_a_broken_csv_is_refused_with_the_row():
    assert refused(b'a,b\r\n1,"2\r\n3,4', "a.csv")[0] == "broken-csv"
    assert refused(b"a,b\r\n\x81\xff,2", "a.csv")[0] == "encoding"
    assert refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.csv")[0] == "encoding"


# --- writing ---

DANGEROUS = ["=1+1", "+86 138", "-3", "@SUM(A1)", "\t=1", " =1", "＝1+1"]


def test_a_csv_opens_as_utf8_and_lets_no_formula_in():
    rows = [[text, -3, Decimal("-1.50")] for text in DANGEROUS]
    content = b"".join(sheets.write_csv(["甲", "乙", "丙"], rows))
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[0] == "甲,乙,丙"
    assert len(lines) == len(DANGEROUS) + 1
    for line in lines[1:]:
        assert line.lstrip('"')[0] not in "=+-@\t "
        assert line.endswith(",-3,-1.50")


def test_a_long_csv_comes_in_pieces():
    pieces = sheets.write_csv(["n"], ([n] for n in range(2_000)))
    assert len(list(pieces)) > 4
    assert b"".join(sheets.write_csv(["n"], ([n] for n in range(2_000)))).count(b"\r\n") == 2_001


def test_a_workbook_keeps_texts_as_texts_and_numbers_as_numbers():
    out = io.BytesIO()
    moment = datetime(2026, 1, 2, 0, 30, tzinfo=UTC)
    rows = [
        [text, -3, Decimal("-1.50"), moment, date(2026, 1, 2), gettext_lazy("当天"), None]
        for text in DANGEROUS
    ]
    rows.append(["坏\x0b字", 1, 1, moment, None, "11010519491231002X", True])
    sheets.write_xlsx(["甲", "=乙", "丙", "丁", "戊", "己", "庚"], rows, out, title="房产/2026:[年]")
    page = load_workbook(io.BytesIO(out.getvalue())).active
    cells = list(page.iter_rows())
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n", "d", "b"}
    assert [cell.value for cell in cells[1]][:3] == ["=1+1", -3, -1.5]
    assert cells[1][3].value == WALL
    assert cells[1][0].quotePrefix
    assert cells[-1][0].value == "坏字"
    assert b"<f>" not in unpacked(out.getvalue())["xl/worksheets/sheet1.xml"]


def test_what_was_written_can_be_read_again():
    out = io.BytesIO()
    sheets.write_xlsx(["房号", "应收"], [["1201", Decimal("12.30")], ["=x", 5]], out)
    table = sheets.read(out.getvalue(), "a.xlsx")
    assert [dict(row.cells) for row in table.rows] == [
        {"房号": "1201", "应收": Decimal("12.3")}, {"房号": "=x", "应收": 5},
    ]  # fmt: skip
    content = b"".join(sheets.write_csv(["房号", "应收"], [["1201", Decimal("12.30")]]))
    assert sheets.read(content, "a.csv").rows[0].cells["应收"] == "12.30"
