"""Every list of the staff door: search, filters, keyset pages, capped count, saved views, CSV and Excel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import islice
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import quote, urlencode

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from shouwen.front import living, look
from shouwen.front.doors import community, may, page, viewer
from shouwen.front.drawing import table_row
from shouwen.kernel import clock, sheets
from shouwen.kernel.journal import frame, record
from shouwen.kernel.lists import Page, Told, capped_count, keyset, turned
from shouwen.kernel.refusals import NotAllowed
from shouwen.kernel.text import clean_line

Rows = QuerySet[Any]
SIZE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_EXPORTED, CHUNK = 100_000, 1000
WHOLE = "-whole"
KEPT = ("queue", "unit", "person", "sort")
"""What an address asks for that no filter shows: sent along with every filter, page and file of the list."""


@dataclass(frozen=True)
class Facet:
    """One filter of a list: its GET name, words, what it does to the rows, and its choices."""

    name: str
    label: str | Promise
    narrow: Callable[[Rows, Any], Rows]
    choices: Sequence[tuple[Any, Any]] = ()
    kind: str = "select"

    def value(self, text: str) -> Any:
        """The typed value; None when it is empty or makes no sense, which filters nothing."""
        if self.kind == "date":
            try:
                return date.fromisoformat(text)
            except ValueError:
                return None
        if self.kind == "check":
            return True if text else None
        return text if text in {str(code) for code, _words in self.choices} else None

    def said(self, text: str) -> str:
        """The typed value in words; empty where it filters nothing."""
        if self.value(text) is None:
            return ""
        if self.kind == "check":
            return str(self.label)
        if self.kind == "date":
            return f"{self.label} {text}"
        return str({str(code): words for code, words in self.choices}[text])


def within(field: str) -> tuple[Facet, Facet]:
    """From and to a day, both included, of a moment of the rows."""
    return (
        Facet("from", lazy("从"), lambda rows, v: rows.filter(**{f"{field}__gte": clock.start_of_day(v)}), kind="date"),
        Facet("to", lazy("到"), lambda rows, v: rows.filter(**{f"{field}__lte": clock.end_of_day(v)}), kind="date"),
    )  # fmt: skip


Head = str | look.Column
Sorts = Mapping[int, Sequence[str]]
"""By the index of its column, the keys of an order that its head offers; the head turns them round as well."""

Lines = Callable[[list[Any]], Iterable[Sequence[Any]]]


@dataclass(frozen=True)
class Export:
    """A list as a file: its heads, and the lines of some hundreds of rows at once.

    ``whole`` tells telephones in full, to whoever holds ``whole_right``; what it told is on record as such.
    """

    heads: Sequence[str | Promise]
    lines: Lines
    whole: Lines | None = None
    whole_right: str = ""


def each(values: Callable[[Any], Sequence[Any]]) -> Lines:
    """The lines of rows that need nothing beside themselves."""
    return lambda rows: (values(row) for row in rows)


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    text: str
    chosen: dict[str, str] = field(default_factory=dict)
    kept: tuple[tuple[str, str], ...] = ()
    mark: str = ""
    export: str = ""

    @classmethod
    def by(cls, request: HttpRequest, facets: Sequence[Facet]) -> Asked:
        chosen = {f.name: v for f in facets if (v := request.GET.get(f.name, ""))}
        extra = {n: value for n in KEPT if (value := request.GET.get(n)) and n not in chosen}
        return cls(
            clean_line(request.GET.get("q", ""))[:64],
            chosen | extra,
            tuple(extra.items()),
            request.GET.get("page", ""),
            request.GET.get("export", ""),
        )

    def url(self, **more: str) -> str:
        pairs = {"q": self.text, **self.chosen, **more}
        return "?" + urlencode({k: v for k, v in pairs.items() if v})

    def words(self, facets: Sequence[Facet]) -> list[str]:
        """What is asked for, as a person would say it: the search, and every choice."""
        asked = [f"“{self.text}”"] if self.text else []
        return asked + [said for facet in facets if (said := facet.said(self.chosen.get(facet.name, "")))]

    def opening(self, name: str) -> str:
        """The beginning of addresses that open a row of this very page of the list: the key goes to its end."""
        return self.url(page=self.mark, **{name: "-"}).removesuffix("-")


def listing(
    request: HttpRequest,
    *,
    title: str,
    rows: Rows,
    columns: Sequence[Head],
    cells: Callable[[list[Any]], list[look.TableRow]],
    keys: Sequence[str],
    sorts: Sorts | None = None,
    facets: Sequence[Facet] = (),
    search: Callable[[Rows, str], Rows] | None = None,
    told: Callable[[str], Told] | None = None,
    search_hint: str = "",
    export: Export | None = None,
    actions: tuple[look.Action, ...] = (),
    lead: str = "",
    live: str = "",
    alike: str = "",
    bulk: tuple[look.Action, ...] = (),
    empty: str = "",
    empty_action: look.Link | None = None,
) -> HttpResponse | StreamingHttpResponse:
    """Draw a list, or send all its rows as CSV or Excel when the address says so.

    ``alike``: a row looks the same to everybody who may see it and has the same ``alike``, so that open screens may
    share its drawing.
    """
    asked = Asked.by(request, facets)
    rows = narrowed(rows, asked, facets)
    if live and (again := living.wanted(request, own=lambda _key: not alike)):
        look_of = ("t" if bulk else "") + alike
        drawn = living.again(request, rows, again, partial(_drawn, columns, cells, bulk), look_of)
        return living.answer(drawn.values(), "<table><tbody>%s</tbody></table>")
    keys, heads = _ordered(asked, columns, keys, sorts or {})
    question = told(asked.text) if told and asked.text else None
    if asked.export and export:
        rows = _said(rows, asked.text, search, question)
        return _export(request, rows.order_by(*keys), asked.export, title, export)
    part, rows = part_of(rows, asked, keys, search, question)
    if chips := _chips(asked, facets):  # what is narrowed to nothing is no empty ledger
        empty, empty_action = _("没有符合的。"), look.Link(_("看全部"), _unnarrowed(asked, facets))
    table = look.TableList(
        title=title,
        lead=lead,
        columns=heads,
        rows=tuple(cells(part.rows)),
        pager=_pager(asked, part, capped_count(rows)),
        search=asked.text if search or told else None,
        search_hint=search_hint,
        filters=tuple(_shown(f, asked) for f in facets),
        chips=chips,
        save_view_url=f"{reverse('save_view')}?{urlencode({'path': request.get_full_path()})}",
        exports=_exports(request, asked, export) if export else (),
        actions=actions,
        bulk=bulk,
        live=live,
        empty=empty,
        empty_action=empty_action,
    )
    return page(request, "front/list.html", {"table": table, "keep": asked.kept})


def _pager(asked: Asked, part: Page[Any], total: int) -> look.Pager:
    return look.Pager(
        total=total,
        first_url=asked.url() if asked.mark else "",
        previous_url=asked.url(page=part.previous) if part.previous else "",
        next_url=asked.url(page=part.next) if part.next else "",
    )


def _ordered(
    asked: Asked, columns: Sequence[Head], keys: Sequence[str], sorts: Sorts
) -> tuple[Sequence[str], tuple[look.Column, ...]]:
    """The keys of the order that the address asks for, and the heads that lead to the others."""
    wanted = asked.chosen.get("sort", "")
    ways = {f"{sign}{n}": _way(up, sign) for n, up in sorts.items() for sign in ("", "-")}
    keys = ways.get(wanted, list(keys))
    heads = list(map(_head, columns))
    for n in sorts:
        rising, falling = keys == ways[str(n)], keys == ways[f"-{n}"]
        to = asked.url(sort=f"-{n}" if rising else str(n))
        heads[n] = replace(heads[n], sort_url=to, sorted="asc" if rising else "desc" if falling else "")
    return keys, tuple(heads)


def _way(keys: Sequence[str], sign: str) -> list[str]:
    return [turned(key) if sign else key for key in keys]


def _head(one: Head) -> look.Column:
    return look.Column(one) if isinstance(one, str) else one


def _drawn(
    columns: Sequence[Head],
    cells: Callable[[list[Any]], list[look.TableRow]],
    bulk: tuple[look.Action, ...],
    rows: list[Any],
) -> Iterable[str]:
    """Rows that an open screen asks for, as they stand in the list now."""
    heads = tuple(map(_head, columns))
    table = look.TableList(title="", columns=heads, rows=tuple(cells(rows)), bulk=bulk)
    return (table_row(row, table) for row in table.rows)


def part_of(
    rows: Rows,
    asked: Asked,
    keys: Sequence[str],
    search: Callable[[Rows, str], Rows] | None,
    question: Told | None,
) -> tuple[Page[Any], Rows]:
    """The page that the address asks for, and all rows that the search finds."""
    found = _said(rows, asked.text, search, question)
    # Filters may leave so few rows that the first of them lie far down: then only the index is quick.
    quick = question is not None and not asked.chosen
    return keyset(rows if quick else found, keys, asked.mark, SIZE, question if quick else None), found


def narrowed(rows: Rows, asked: Asked, facets: Sequence[Facet]) -> Rows:
    for facet in facets:
        value = facet.value(asked.chosen.get(facet.name, ""))
        if value is not None:
            try:
                rows = facet.narrow(rows, value)
            except (ValueError, ValidationError):
                continue
    return rows


def _said(rows: Rows, text: str, search: Callable[[Rows, str], Rows] | None, question: Told | None) -> Rows:
    if question is not None:
        return question.index(rows)
    return search(rows, text) if search and text else rows


def _shown(facet: Facet, asked: Asked) -> look.Filter:
    value = asked.chosen.get(facet.name, "")
    options = tuple(look.Option(str(code), str(words), str(code) == value) for code, words in facet.choices)
    if facet.kind == "select":
        options = (look.Option("", _("全部"), not value), *options)
    return look.Filter(facet.name, str(facet.label), facet.kind, value, options)  # type: ignore[arg-type]


def _chips(asked: Asked, facets: Sequence[Facet]) -> tuple[look.Link, ...]:
    """What narrows the list and its files, each with the address that takes it away."""
    said = {"q": f"“{asked.text}”" if asked.text else ""}
    said |= {facet.name: facet.said(asked.chosen.get(facet.name, "")) for facet in facets}
    chips = tuple(look.Link(words, asked.url(**{name: ""}), "x") for name, words in said.items() if words)
    every = look.Link(_("全部清除"), _unnarrowed(asked, facets))
    return (*chips, every) if len(chips) > 1 else chips


def _unnarrowed(asked: Asked, facets: Sequence[Facet]) -> str:
    return asked.url(q="", **dict.fromkeys((facet.name for facet in facets), ""))


def file_links(request: HttpRequest, url: Callable[..., str]) -> tuple[look.Link, ...]:
    """The list as CSV and Excel, for whoever may take data out; ``url`` makes an address of ``export=``."""
    if not may(request, "data.export"):
        return ()
    csv, xlsx = url(export="csv"), url(export="xlsx")
    return look.Link("CSV", csv, "file-export"), look.Link("Excel", xlsx, "file-spreadsheet")


def _exports(request: HttpRequest, asked: Asked, export: Export) -> tuple[look.Link, ...]:
    links = file_links(request, asked.url)
    if links and export.whole and may(request, export.whole_right):
        whole = look.Link(_("Excel（完整电话）"), asked.url(export=f"xlsx{WHOLE}"), "file-spreadsheet")
        return (*links, whole)
    return links


def _export(
    request: HttpRequest, rows: Rows, kind: str, name: str, export: Export
) -> HttpResponse | StreamingHttpResponse:
    """All rows of the list as a file."""
    whole = kind.endswith(WHOLE) and export.whole is not None
    if whole and not may(request, export.whole_right):
        raise NotAllowed("front.no_right")
    chosen = export.whole if whole and export.whole else export.lines
    lines = _lines(rows[:MOST_EXPORTED].iterator(chunk_size=CHUNK), chosen)
    heads, count = [str(h) for h in export.heads], min(rows.count(), MOST_EXPORTED)
    return as_file(request, kind.removesuffix(WHOLE), name, heads, lines, count, whole=whole)


def as_file(
    request: HttpRequest,
    kind: str,
    name: str,
    heads: Sequence[str],
    lines: Iterable[Sequence[Any]],
    count: int,
    *,
    whole: bool = False,
) -> HttpResponse | StreamingHttpResponse:
    """Lines as CSV or Excel to download. Taking data out needs the right and is on record."""
    if not may(request, "data.export"):
        raise NotAllowed("front.no_right")
    with frame(viewer(request)):
        record("data:exported", community(request), list=request.path, rows=count, whole=whole or None)
    stamp = f"{clock.local(clock.now()):%Y%m%d-%H%M}"
    response: HttpResponse | StreamingHttpResponse
    if kind == "csv":
        response = StreamingHttpResponse(
            sheets.write_csv(heads, lines), content_type="text/csv; charset=utf-8"
        )
    else:
        book = TemporaryFile()  # noqa: SIM115 - the response closes it
        sheets.write_xlsx(heads, lines, book, title=name)
        book.seek(0)
        response = FileResponse(book, content_type=XLSX)
    ending = "csv" if kind == "csv" else "xlsx"
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}-{stamp}.{ending}')}"
    return response


def _lines(rows: Iterable[Model], lines: Lines) -> Iterable[list[Any]]:
    rest = iter(rows)
    while part := list(islice(rest, CHUNK)):
        for line in lines(part):
            yield [str(v) if isinstance(v, Promise) else "" if v is None else v for v in line]
