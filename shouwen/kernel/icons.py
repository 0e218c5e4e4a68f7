"""An icon of the sprite, for every door that draws pages."""

from __future__ import annotations

from functools import lru_cache
from html import escape

from django.templatetags.static import static
from django.utils.safestring import SafeString

NOTHING = SafeString("")


def esc(value: object) -> str:
    """Text as HTML; what is already HTML stays."""
    return value if isinstance(value, SafeString) else escape(str(value))


@lru_cache(maxsize=1024)
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite; decoration only, so words stand beside it."""
    if not name:
        return NOTHING
    css = f" {css}" if css else ""
    return SafeString(
        f'<svg class="icon{esc(css)}" width="16" height="16" aria-hidden="true">'
        f'<use href="{esc(static("icons.svg"))}#{esc(name)}"></use></svg>'
    )
