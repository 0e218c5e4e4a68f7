"""View models of the staff door: what a view fills in and a template draws.

Plain frozen values without a database behind them. All words are finished sentences in the reader's
language (views use ``gettext`` at request time); all moments are already words, except where a clock ticks.
Templates that draw them are named beside each class, under ``front/parts/``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

Tone = Literal["over", "soon", "running", "done", "hold", "plain"]
Shape = Literal["seal", "hand", "nobody"]
HOUR = 3600
DAY = 24 * HOUR

LANGUAGES = (("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English"))

TONE_ICONS: dict[str, str] = {
    "over": "alert-octagon",
    "soon": "hourglass",
    "running": "clock",
    "done": "check",
    "hold": "player-pause",
    "plain": "clock",
}


def duration(seconds: int) -> str:
    """Words of a length of time: 45秒, 4分32秒 (under five minutes), 22分, 1时05分, 4时, 1天6时, 3天."""
    seconds = abs(int(seconds))
    if seconds < 60:
        return _("%(s)d秒") % {"s": seconds}
    if seconds < 300 and seconds % 60:
        return _("%(m)d分%(s)02d秒") % {"m": seconds // 60, "s": seconds % 60}
    if seconds < HOUR:
        return _("%(m)d分") % {"m": seconds // 60}
    if seconds < DAY:
        hours, minutes = seconds // HOUR, seconds % HOUR // 60
        return _("%(h)d时%(m)02d分") % {"h": hours, "m": minutes} if minutes else _("%(h)d时") % {"h": hours}
    days, hours = seconds // DAY, seconds % DAY // HOUR
    return _("%(d)d天%(h)d时") % {"d": days, "h": hours} if hours and days < 3 else _("%(d)d天") % {"d": days}


def capped(count: int, cap: int = 999) -> str:
    """A count as the screens show it: 1,248 is shown as 999+."""
    return f"{cap}+" if count > cap else str(count)


def masked_phone(number: str) -> str:
    """138****6021; a short number (extension, landline) keeps its last four; nothing in, nothing out."""
    digits = "".join(c for c in number if c.isdigit())
    if not digits:
        return ""
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"****{digits[-4:]}"


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere. ``current`` marks the chosen one of a row of links."""

    words: str
    url: str
    icon: str = ""
    current: bool = False
    count: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Who: seal (first responder, square, filled), hand (handler, round, outline), nobody (dashed, ?).

    Tag ``{% mark m %}``.
    """

    shape: Shape
    letter: str
    name: str
    note: str = ""

    @property
    def label(self) -> str:
        """What a screen reader says instead of the shape."""
        if self.shape == "nobody":
            return _("还没有人经手")
        return (_("首问 %s") if self.shape == "seal" else _("经手 %s")) % self.name


def seal(name: str, note: str = "") -> Mark:
    """The first responder's square mark; ``note`` is post or place beside the name at the head of a case."""
    return Mark("seal", name.strip()[:1].upper(), name, note)


def hand(name: str, note: str = "") -> Mark:
    """The current handler's round mark; without a name it is the dashed circle of nobody."""
    name = name.strip()
    return Mark("hand", name[:1].upper(), name, note) if name else Mark("nobody", "?", "", note)


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise and its time. Tags ``{% clock c %}`` (chip), ``{% clock_why c %}`` (opens the why).

    ``used`` is 0-100 percent of the time, -1 for no bar. ``left`` are the seconds until the due moment, ``total`` those
    of the promise; with ``ticking`` the browser counts ``left`` down and changes words and tone by the rule of ``clock``
    below. ``until`` are words that stand in place of a span while more than so many seconds are left: a clock that will
    still stand for a while says its moment, since a span of it would be true only for a minute.
    ``why`` are pairs (what, value): rule, start, each pause, due; ``source`` names clause and version.
    """

    tone: Tone
    words: str
    used: int = -1
    left: int = 0
    total: int = 0
    ticking: bool = False
    suffix: str = ""
    until: tuple[tuple[int, str], ...] = ()
    title: str = ""
    why: tuple[tuple[str, str], ...] = ()
    source: str = ""
    ladder: str = ""
    icon: str = ""

    @property
    def glyph(self) -> str:
        """The fixed icon of the tone, unless another was given."""
        return self.icon or TONE_ICONS[self.tone]


def clock_tone(left: int, total: int) -> Tone:
    """over below zero; soon under two hours left, or in the last fifth of a clock of two hours or less."""
    if left < 0:
        return "over"
    edge = 2 * HOUR if total > 2 * HOUR else total // 5
    return "soon" if left < edge else "running"


def running_clock(
    left: int,
    total: int,
    *,
    ticking: bool = True,
    used: int | None = None,
    until: Sequence[tuple[int, str]] = (),
    suffix: str = "",
    title: str = "",
    why: Sequence[tuple[str, str]] = (),
    source: str = "",
    ladder: str = "",
) -> Clock:
    """A promise not yet kept: ``left`` seconds of ``total``; ``suffix`` as in 剩 18分接单, 明天 09:00 前接单.

    ``used`` where it is not what ``left`` says: on a clock that stands in between.
    """
    span = (_("超 %s") if left < 0 else _("剩 %s")) % duration(left)
    words = next((said for edge, said in until if left > edge), span)
    if used is None or left <= 0:
        used = 100 if left <= 0 or total <= 0 else max(0, min(100, round(100 * (total - left) / total)))
    return Clock(
        clock_tone(left, total), words + suffix, used, left, total, ticking, suffix, tuple(until), title, tuple(why),
        source, ladder,
    )  # fmt: skip


def held_clock(reason: str = "", used: int = -1) -> Clock:
    """A stopped clock; it says what it waits for."""
    return Clock("hold", reason or _("停表"), used)


def kept_clock(words: str = "") -> Clock:
    """A promise kept."""
    return Clock("done", words or _("按时"))


def plain_clock(words: str, icon: str = "clock") -> Clock:
    """A moment that binds nobody yet: an appointment, a step to come."""
    return Clock("plain", words, icon=icon)


@dataclass(frozen=True, slots=True)
class Tag:
    """A word about a matter, with an icon, in the colour of its tone. Tag ``{% tags row.tags %}``."""

    words: str
    tone: Tone | Literal["urgent"] = "plain"
    icon: str = ""


def urgent_tag() -> Tag:
    """Urgent: in ink, since red means a broken promise and nothing else."""
    return Tag(_("紧急"), "urgent", "urgent")


def late_arrival_tag() -> Tag:
    """Somebody came later than promised; it stays when the work goes on in time."""
    return Tag(_("到场逾期"), "over", TONE_ICONS["over"])


def once_late_tag() -> Tag:
    """Of a closed case: something was done later than promised."""
    return Tag(_("曾超时"), "plain", TONE_ICONS["over"])


def unproven_tag() -> Tag:
    """A back-entry that no second person has confirmed: the work goes on, but it does not count yet."""
    return Tag(_("补录待确认"), "hold", "rubber-stamp")


def urged_tag(times: int) -> Tag:
    """How often the household has asked again."""
    return Tag(_("催 %s 次") % times, "urgent", "bell")


def reopened_tag() -> Tag:
    """The household was not satisfied with what was done before."""
    return Tag(_("重开"), "over", "refresh")


@dataclass(frozen=True, slots=True)
class RailItem:
    """A queue in the rail. ``tone`` only over or soon, and only when the count is not zero."""

    name: str
    url: str
    icon: str
    count: int | None = None
    tone: Tone = "plain"
    current: bool = False
    key: str = ""

    @property
    def shown(self) -> str:
        return "" if self.count is None else capped(self.count)


@dataclass(frozen=True, slots=True)
class RailGroup:
    name: str
    items: tuple[RailItem, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A telephone call that is running: shown in the top bar, green."""

    lasted: str
    who: str
    room_number: str
    url: str
    note_url: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything around a page: top bar, rail, tab bar. A page without a ``frame`` is a signed-out page.

    ``post`` stands beside the person at the right, ``centre`` (客服中心) beside the community at the left;
    ``switch`` is a choice that holds for the whole page (今日, 本周, 本月), shown in the top bar; without a
    ``search_hint`` there is no search box; ``warning`` stands above every page until its cause is mended.
    ``field`` is for who works on site: their telephone keeps what it could not send.
    """

    community: str
    post: str
    person: str
    centre: str = ""
    groups: tuple[RailGroup, ...] = ()
    tabs: tuple[RailItem, ...] = ()
    switch: tuple[Link, ...] = ()
    communities: tuple[Link, ...] = ()
    menu: tuple[Link, ...] = ()
    languages: tuple[tuple[str, str], ...] = LANGUAGES
    notices: int = 0
    notices_url: str = "/notices/"
    search_url: str = "/search/"
    search_hint: str = ""
    sign_out_url: str = "/sign-out/"
    language_url: str = "/i18n/setlang/"
    home_url: str = "/"
    shift: str = ""
    field: bool = False
    call: Call | None = None
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence: ``strong`` for names, ``dim`` for what is beside the point, ``url`` for a link."""

    text: str
    strong: bool = False
    dim: bool = False
    url: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture with its words; ``stage`` is what it shows: intake, before or after the work."""

    url: str
    thumb_url: str
    alt: str
    caption: str = ""
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A legal move, drawn as a button with its key. Part ``action.html``.

    ``url`` answers a GET with the move's form (a fragment for HX-Request, a page otherwise); with ``post``
    the button itself posts, carrying ``hidden``. A ``refused`` move stays visible and says why when pressed.
    """

    name: str
    label: str
    url: str
    key: str = ""
    icon: str = ""
    primary: bool = False
    refused: str = ""
    post: bool = False
    hidden: tuple[tuple[str, str], ...] = ()
