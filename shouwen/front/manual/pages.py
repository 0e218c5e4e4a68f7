"""The manual (手册): every rule as one sentence, this community's values, what carries it out and how far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shouwen.duties.book.places import ClauseError
from shouwen.duties.book.rules import KINDS, MANUALS, ROOMS, STATES, Rule
from shouwen.duties.clauses import book
from shouwen.duties.rulings import LEAD, Asking, asking
from shouwen.duties.sentences import sentence
from shouwen.duties.words import said
from shouwen.front import look
from shouwen.front.doors import community, page, staff_door, viewer
from shouwen.front.manual import ties
from shouwen.kernel import clock
from shouwen.kernel.refusals import Refused
from shouwen.kernel.text import clean_line, dotted, fold, initials, query_words

SIZE = 50
TAGS: dict[str, tuple[look.Tone, str]] = {
    "carried_out": ("done", "circle-check"), "partly": ("soon", "circle-half-2"), "not_yet": ("plain", "circle-dashed"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A rule as the page draws it: ``values`` are its dated clauses with what this community chose."""

    source: str
    says: str
    about: str
    state: tuple[look.Tag, ...]
    values: tuple[str, ...]
    links: tuple[look.Part, ...]
    lacks: str


@dataclass(frozen=True)
class Asked:
    """What the address asks for; values that make no sense filter nothing."""

    text: str
    chosen: dict[str, str]
    mark: str

    @classmethod
    def by(cls, request: HttpRequest) -> Asked:
        known: dict[str, Mapping[str, object]] = {
            "kind": KINDS,
            "room": ROOMS,
            "state": STATES,
            "chapter": dict(_chapters()),
        }
        given = {name: request.GET.get(name, "") for name in known}
        chosen = {name: value for name, value in given.items() if value in known[name]}
        return cls(clean_line(request.GET.get("q", ""))[:64], chosen, request.GET.get("page", ""))

    def url(self, **more: str) -> str:
        pairs = {"q": self.text, **self.chosen, **more}
        return "?" + urlencode({name: value for name, value in pairs.items() if value})

    def found(self) -> list[Rule]:
        """The rules that are asked for, in the order of the manuals."""
        words = [fold(word) for word in query_words(self.text)]
        return [
            rule
            for rule in ties.rules().values()
            if all(_has(rule, name, value) for name, value in self.chosen.items())
            and all(word in _haystack(rule.source, get_language() or "") for word in words)
        ]


@require_GET
@staff_door()
def manual(request: HttpRequest) -> HttpResponse:
    """All rules, found by words, pinyin initials or source, filtered, fifty a page; or what is found on paper."""
    try:
        asked = Asked.by(request)
        found = asked.found()
    except ClauseError as error:
        raise Refused("manual.fault", where=f"{error.file}:{error.line}", why=error.sentence) from error
    if request.GET.get("print"):
        return _paper(request, found)
    rows, previous, following = part(found, asked.mark)
    table = look.TableList(
        title=_("手册"),
        columns=(),
        rows=(),
        lead=_counts(found),
        pager=look.Pager(
            total=len(found),
            first_url=asked.url() if asked.mark else "",
            previous_url=asked.url(page=previous) if previous else "",
            next_url=asked.url(page=following) if following else "",
        ),
        search=asked.text,
        search_hint=_("条款、拼音首字母、出处，如 E-1.5"),
        filters=tuple(_filters(asked)),
        save_view_url=f"{reverse('save_view')}?{urlencode({'path': request.get_full_path()})}",
        exports=(look.Link(_("打印"), asked.url(print="1"), "printer"),),
        empty=_("没有这样的条款，换个说法试试。"),
    )
    return page(request, "front/manual.html", {"table": table, "rules": _lines(request, rows)})


def part(found: Sequence[Rule], mark: str) -> tuple[Sequence[Rule], str, str]:
    """A page after or before a rule, with the marks of the pages beside it; an unknown mark begins at the beginning."""
    at = next((place for place, rule in enumerate(found) if rule.source == mark[1:]), -1)
    start = max(0, at - SIZE if mark[:1] == "-" else at + 1) if mark[:1] in ("+", "-") else 0
    rows = found[start : start + SIZE]
    if not rows:
        return rows, "", ""
    more = start + SIZE < len(found)
    return rows, f"-{rows[0].source}" if start else "", f"+{rows[-1].source}" if more else ""


# --- what is found ------------------------------------------------------------------------------------------------


def _has(rule: Rule, name: str, value: str) -> bool:
    if name == "chapter":
        return value in (rule.manual, chapter(rule))
    return bool(getattr(rule, name) == value)


def chapter(rule: Rule) -> str:
    """``A-5.2.2.1`` stands in chapter A-5."""
    return rule.source.partition(".")[0]


@lru_cache(maxsize=1024)
def _haystack(source: str, language: str) -> str:
    """All that a rule is found by, in the reader's language and in Chinese."""
    rule = ties.rules()[source]
    records = [clause.record for code in rule.clauses if (clause := book().clause(code))]
    chinese = [rule.says, *records]
    words = [
        source,
        said(rule.says),
        *chinese,
        *(ties.words_of(tie, name) for tie, name in rule.by),
        *map(said, records),
    ]
    return fold(" ".join([*words, *map(initials, chinese)]))


def _counts(found: Sequence[Rule]) -> str:
    """How many are carried out, partly and not yet."""
    states: list[str] = [rule.state for rule in found]
    counts = (
        _("%(state)s %(n)d 条") % {"state": words, "n": states.count(state)}
        for state, words in STATES.items()
    )
    return dotted(*counts)


def _chapters() -> list[tuple[str, str]]:
    """Each manual and its chapters."""
    found: dict[str, str] = {}
    for rule in ties.rules().values():
        found.setdefault(rule.manual, str(MANUALS[rule.manual]))
        found.setdefault(chapter(rule), f"　{chapter(rule)}")
    return list(found.items())


def _filters(asked: Asked) -> list[look.Filter]:
    choices = (
        ("chapter", _("分册"), _chapters()),
        ("kind", _("类别"), KINDS.items()),
        ("room", _("模块"), ROOMS.items()),
        ("state", _("状态"), STATES.items()),
    )
    filters = []
    for name, label, options in choices:
        value = asked.chosen.get(name, "")
        shown = tuple(look.Option(code, str(words), code == value) for code, words in options)
        filters.append(
            look.Filter(name, label, "select", value, (look.Option("", _("全部"), not value), *shown))
        )
    return filters


# --- how it is shown ----------------------------------------------------------------------------------------------


def _lines(request: HttpRequest, rules: Sequence[Rule]) -> list[Line]:
    ask = asking(community(request).pk, clock.now() + LEAD)
    return [
        Line(
            source=rule.source,
            says=said(rule.says),
            about=dotted(KINDS[rule.kind], ROOMS[rule.room]),
            state=(_tag(rule),),
            values=values_of(rule, ask),
            links=ties.links_of(request, rule),
            lacks=said(rule.lacks),
        )
        for rule in rules
    ]


def _tag(rule: Rule) -> look.Tag:
    tone, icon = TAGS[rule.state]
    return look.Tag(str(STATES[rule.state]), tone, icon)


def values_of(rule: Rule, ask: Asking) -> tuple[str, ...]:
    """The dated clauses that the manual names for the rule, each as a sentence with the community's values."""
    clauses = [
        clause for code in rule.clauses if (clause := book().clause(code)) and rule.source in clause.source
    ]
    return tuple(sentence(clause, ask) for clause in clauses)


def _paper(request: HttpRequest, found: Sequence[Rule]) -> HttpResponse:
    here = community(request)
    ask = asking(here.pk, clock.now() + LEAD)
    rows = tuple(
        look.TableRow(
            cells=(
                look.Cell(rule.source),
                look.Cell(" ".join([said(rule.says), *values_of(rule, ask)])),
                look.Cell(_("、").join(ties.words_of(tie, name) for tie, name in rule.by)),
                look.Cell(dotted(STATES[rule.state], said(rule.lacks))),
            )
        )
        for rule in found
    )
    columns = tuple(map(look.Column, (_("出处"), _("内容"), _("由什么执行"), _("状态"))))
    words = {"name": viewer(request).name, "at": f"{clock.local(clock.now(), here.zone):%Y-%m-%d %H:%M}"}
    context = {
        "title": _("手册"),
        "company": here.name,
        "number": _counts(found),
        "tables": (look.TableList(title="", columns=columns, rows=rows),),
        "printed": _("%(name)s 打印于 %(at)s") % words,
        "back": look.Link(_("手册"), reverse("manual")),
    }
    return page(request, "front/print.html", context)
