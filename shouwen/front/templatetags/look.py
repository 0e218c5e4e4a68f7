"""Template tags for the smallest parts of the look, in Python because a list draws hundreds of them.

``{% icon "clock" %}``, ``{% mark m %}``, ``{% clock c %}``, ``{% clock_why c %}``, ``{% sentence parts %}``,
``{% cell c url %}``, ``{% key "R" %}``.
"""

from collections.abc import Iterable
from itertools import count

from django import forms, template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from shouwen.front.look import Cell, Clock, Column, Mark, Part, TableRow

register = template.Library()
_numbers = count(1)
_NOTHING = mark_safe("")
_CLOSING = "，。；：、！？）》”’…,.;:!?)"


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite; decoration only, so words stand beside it."""
    if not name:
        return _NOTHING
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        f" {css}" if css else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag
def mark(who: Mark | None, size: str = "") -> SafeString:
    """Seal or hand. ``size`` is empty (18 px), m (24) or l (32)."""
    if who is None:
        return _NOTHING
    return format_html(
        '<span class="mark {}{}" role="img" aria-label="{}" title="{}">{}</span>',
        who.shape,
        f" mark-{size}" if size else "",
        who.label,
        who.label,
        who.letter,
    )


def _ticks(chip: Clock) -> SafeString:
    if not chip.ticking:
        return _NOTHING
    return format_html(' data-left="{}" data-total="{}" data-suffix="{}"', chip.left, chip.total, chip.suffix)


def _inside(chip: Clock) -> SafeString:
    bar = _NOTHING
    if 0 <= chip.used <= 100 and chip.tone in {"soon", "running", "hold"}:
        bar = format_html(
            '<svg class="bar" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">'
            '<rect width="{}" height="2"></rect></svg>',
            chip.used,
        )
    return format_html('{}<span class="words">{}</span>{}', icon(chip.glyph), chip.words, bar)


@register.simple_tag
def clock(chip: Clock | None, css: str = "") -> SafeString:
    """A clock chip."""
    if chip is None:
        return _NOTHING
    extra = f" {css}" if css else ""
    return format_html('<span class="clock {}{}"{}>{}</span>', chip.tone, extra, _ticks(chip), _inside(chip))


@register.simple_tag
def clock_why(chip: Clock | None, css: str = "") -> SafeString:
    """A clock chip that opens its why: rule and version, start, each pause, due, ladder."""
    if chip is None or not chip.why:
        return clock(chip, css)
    name = f"why-{next(_numbers)}"
    lines = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", chip.why)
    return format_html(
        '<button type="button" class="clock {}{}" popovertarget="{}" data-hover{}>{}</button>'
        '<div id="{}" class="pop why" popover role="group" aria-label="{}">'
        '<p class="why-head"><b>{}</b><span>{}</span></p><dl>{}</dl>{}</div>',
        chip.tone,
        f" {css}" if css else "",
        name,
        _ticks(chip),
        _inside(chip),
        name,
        chip.title or _("为何是这个时限"),
        chip.title or _("为何是这个时限"),
        chip.source,
        lines,
        format_html('<p class="why-foot">{}</p>', chip.ladder) if chip.ladder else "",
    )


def _part(part: Part) -> SafeString:
    words = format_html("{}{}", icon(part.icon), part.text)
    if part.url:
        return format_html('<a href="{}">{}</a>', part.url, words)
    if part.strong:
        return format_html("<b>{}</b>", words)
    return format_html('<span class="dim">{}</span>', words) if part.dim else words


@register.simple_tag
def sentence(parts: Iterable[Part]) -> SafeString:
    """The pieces of a sentence, one after the other."""
    pairs = (("" if part.text[:1] in _CLOSING else " ", _part(part)) for part in parts)
    return format_html_join("", "{}{}", pairs)


@register.simple_tag
def key(name: str) -> SafeString:
    """A key cap inside a button."""
    return format_html("<kbd>{}</kbd>", name) if name else _NOTHING


@register.simple_tag
def cell(one: Cell, url: str = "") -> SafeString:
    """The inside of a table cell; ``url`` (of the row) turns the words of the first cell into its link."""
    words = escape(one.words)
    if one.strong:
        words = format_html("<b>{}</b>", words)
    target = one.url or url
    if target:
        words = format_html('<a href="{}">{}</a>', target, words)
    pieces = [icon(one.icon), _marks(one.marks), words]
    if one.sub:
        pieces.append(format_html('<span class="sub">{}</span>', one.sub))
    if one.clock:
        pieces.append(clock(one.clock))
    if one.tag:
        pieces.append(format_html('<span class="tag {}">{}</span>', one.tag_tone, one.tag))
    return format_html_join("", "{}", ((piece,) for piece in pieces if piece))


def _marks(marks: tuple[Mark, ...]) -> SafeString:
    if not marks:
        return _NOTHING
    between = icon("chevron-right", "to")
    drawn = format_html_join(between, "{}", ((mark(one),) for one in marks))
    return format_html('<span class="marks">{}</span>', drawn)


@register.filter
def under(row: TableRow, columns: tuple[Column, ...]) -> list[tuple[Column, Cell]]:
    """The row's cells, each under its column."""
    return list(zip(columns, row.cells, strict=True))


@register.filter
def widget_kind(field: BoundField) -> str:
    """How a field is laid out: check (one box), checks (several), file, or empty for the rest."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "checks"
    return "file" if isinstance(widget, forms.ClearableFileInput) else ""
