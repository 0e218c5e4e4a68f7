"""The forms of a page as a browser would send them, and what no person types into a field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

NUL = "\0a"
LONG = "".join(map(chr, range(0x4E00, 0x4E00 + 6_000)))  # compresses badly: too long for an index
DIGITS = "9" * 30
HOSTILE = {
    "hidden": (NUL, LONG, DIGITS),
    "date": ("9999-12-31", "0001-01-01"),
    "datetime-local": ("9999-12-31T23:59", "0001-01-01T00:00"),
    "number": (DIGITS, "-1", "NaN"),
    "select": (NUL, DIGITS),
    "radio": (NUL, DIGITS),
    "checkbox": (NUL, DIGITS),
    "time": (NUL, "24:00"),
}
"""What no person types, by the kind of field. Each was the fault of some form, or might be one."""


@dataclass
class PageForm:
    """``fields``: the values that the page drew, by name; ``kinds``: of which type each is; ``buttons`` with a name."""

    action: str
    buttons: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def hostile(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Each field spoilt in turn by each value that is hostile to its kind, sent by each button."""
        buttons = [{}, *({name: value} for name, value in self.buttons.items())]
        for name, kind in self.kinds.items():
            for value in HOSTILE.get(kind, (NUL, LONG, DIGITS)):
                for button in buttons:
                    yield name, self.fields | button | {name: value}


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.found = address, list[PageForm]()
        self.open: PageForm | None = None
        self.choice = ""

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in given}
        if tag == "form" and (said.get("method", "").lower() == "post" or "hx-post" in said):
            action = said.get("hx-post") or said.get("action") or self.address
            self.open = PageForm(urljoin(self.address, action))
            self.found.append(self.open)
        elif tag == "option" and self.open and self.choice:
            self.open.fields[self.choice] = self.open.fields[self.choice] or said.get("value", "")
        elif self.open and (name := said.get("name")) and (tag == "button" or said.get("type") == "submit"):
            self.open.buttons[name] = said.get("value", "")
        elif self.open and (name := said.get("name")) and said.get("type") != "file":
            self.choice = name if tag == "select" else ""
            self.open.fields.setdefault(name, said.get("value", ""))
            self.open.kinds.setdefault(name, said.get("type", tag))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open, self.choice = None, ""


def forms_of(address: str, page: bytes) -> list[PageForm]:
    """Every form of a page that posts."""
    reader = _Reader(address)
    reader.feed(page.decode(errors="replace"))
    return reader.found
