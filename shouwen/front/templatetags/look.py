"""Template tags for the smallest parts of the look; the drawing itself is in ``front.drawing``.

``{% icon "clock" %}``, ``{% mark m %}``, ``{% clock c %}``, ``{% clock_why c %}``, ``{% sentence parts %}``,
``{% tags some %}``, ``{% cell c url %}``, ``{% key "R" %}``, ``{% case_row row %}``, ``{% table_rows table %}``, ``{% door cell %}``,
``{% duty_cell cell %}``.
"""

from typing import Any

from django import forms, template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from shouwen.front import drawing
from shouwen.front.look import LANGUAGES, TableList, TableRow
from shouwen.kernel.doors import in_wechat
from shouwen.kernel.icons import icon

register = template.Library()
for draw in (
    icon,
    drawing.mark,
    drawing.clock,
    drawing.clock_why,
    drawing.sentence,
    drawing.tags,
    drawing.cell,
    drawing.key,
    drawing.case_row,
    drawing.rail_item,
    drawing.door,
    drawing.duty_cell,
):
    register.simple_tag(draw, name=draw.__name__)


register.filter("in_wechat", in_wechat)


@register.simple_tag(takes_context=True)
def table_rows(context: dict[str, Any], table: TableList) -> SafeString:
    """The rows of a table with their cells, tick boxes and buttons."""
    request = context.get("request")

    def buttons(row: TableRow) -> str:
        return "".join(
            render_to_string("front/parts/action.html", {"action": action, "size": "small"}, request)
            for action in row.actions
        )

    return SafeString("".join(drawing.table_row(row, table, buttons(row)) for row in table.rows))


@register.filter
def undo_url(message: object) -> str:
    """Where the undo of a message is pressed: ``doors.done`` leaves it in its tags."""
    tags = str(getattr(message, "extra_tags", None) or "")
    return tags.removeprefix("undo:") if tags.startswith("undo:") else ""


@register.filter
def widget_kind(field: BoundField) -> str:
    """How a field is laid out: check (one box), checks (several), file, or empty for the rest."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "checks"
    return "file" if isinstance(widget, forms.ClearableFileInput) else ""


@register.simple_tag
def languages() -> tuple[tuple[str, str], ...]:
    """Pairs (code, own name) of the languages that the pages speak."""
    return LANGUAGES
