"""Template tags of the residents' door: ``{% icon "clock" %}``, ``{% seal name %}``, ``{% hand name %}``."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from shouwen.kernel.icons import esc, icon

register = template.Library()
register.simple_tag(icon, name="icon")


@register.simple_tag
def seal(name: str) -> SafeString:
    """The square mark of who answers for the matter to the end."""
    return _mark("seal", name, _("首问 %s") % name)


@register.simple_tag
def hand(name: str) -> SafeString:
    """The round mark of who works on it now."""
    return _mark("hand", name, _("经手 %s") % name)


def _mark(shape: str, name: str, label: str) -> SafeString:
    letter = esc(name.strip()[:1].upper())
    return SafeString(f'<span class="mark {shape}" role="img" aria-label="{esc(label)}">{letter}</span>')
