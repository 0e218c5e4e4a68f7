"""View models of the desk: list rows, the case, the household panel."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from shouwen.front.look.base import TONE_ICONS, Action, Clock, Link, Mark, Part, Photo, Tag, Tone, capped


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list: line 1 room, tags and title, line 2 kind, seal > hand, stage, clock. Part ``row.html``."""

    id: str
    url: str
    room_number: str
    title: str
    kind: str
    kind_icon: str
    seal: Mark
    hand: Mark
    stage: str = ""
    clock: Clock | None = None
    unread: bool = False
    current: bool = False
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows of one urgency. ``count`` may be more than the rows shown."""

    name: str
    tone: Tone
    rows: tuple[Row, ...]
    count: int | None = None

    @property
    def shown(self) -> str:
        return capped(len(self.rows) if self.count is None else self.count)

    @property
    def glyph(self) -> str:
        return TONE_ICONS[self.tone]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the flow: its name, then a moment or a clock. ``state`` passed, current or future."""

    name: str
    state: Literal["passed", "current", "future"]
    moment: str = ""
    clock: Clock | None = None
    kept: bool | None = None


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One fact of a case. People have a ``mark``, machines an ``icon``; ``day`` set opens a new day;
    ``talk``: words between people, not work."""

    at: str
    sentence: tuple[Part, ...]
    mark: Mark | None = None
    icon: str = "note"
    quote: str = ""
    photos: tuple[Photo, ...] = ()
    photos_words: str = ""
    tone: Tone = "plain"
    day: str = ""
    iso: str = ""
    talk: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line under the step track; answered by two posts, each with its hidden values."""

    words: tuple[Part, ...]
    evidence: str
    accept_url: str
    decline_url: str
    accept: tuple[tuple[str, str], ...] = ()
    decline: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Similar:
    """An open matter that may be the same, and the press that joins the two. Part ``similar.html``."""

    row: Row
    join: Action


@dataclass(frozen=True, slots=True)
class Callee:
    """Whom to call: masked, with where the whole number is asked for; or ``shown`` whole. ``parts/callee.html``."""

    who: str
    number: str = ""
    url: str = ""
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that was sent with an earlier press of a form and goes along with the next."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A matter as the middle pane shows it. Part ``case.html``; form fragments are loaded into ``#act``."""

    id: str
    version: int
    number: str
    kind: str
    kind_icon: str
    room_number: str
    title: str
    seal: Mark
    hand: Mark
    steps: tuple[Step, ...]
    timeline: tuple[TimelineItem, ...]
    room_url: str = ""
    facts: tuple[Part, ...] = ()
    banner: str = ""
    suggestion: Suggestion | None = None
    similar: tuple[Similar, ...] = ()
    tabs: tuple[Link, ...] = ()
    actions: tuple[Action, ...] = ()
    more: tuple[Action, ...] = ()
    day: str = ""
    note_url: str = ""
    back_url: str = ""
    here_url: str = ""
    tags: tuple[Tag, ...] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a side panel: icon, words, and at the right a value, a clock or a link."""

    words: str
    value: str = ""
    icon: str = ""
    url: str = ""
    tone: Tone = "plain"
    clock: Clock | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """A section of lines: open matters, keys and cards. Empty: one sentence."""

    part: ClassVar[str] = "front/parts/section_lines.html"
    title: str
    lines: tuple[Line, ...] = ()
    empty: str = ""
    count: int | None = None
    action: Link | None = None


@dataclass(frozen=True, slots=True)
class Resident:
    name: str
    role: str
    phone: str = ""
    url: str = ""
    calling: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Residents:
    part: ClassVar[str] = "front/parts/section_residents.html"
    title: str
    people: tuple[Resident, ...] = ()
    empty: str = ""
    action: Link | None = None


@dataclass(frozen=True, slots=True)
class Arrears:
    """Money owed: ``total`` as written (¥1,286.40), ages as (words, amount, percent, late)."""

    part: ClassVar[str] = "front/parts/section_arrears.html"
    title: str
    total: str = ""
    ages: tuple[tuple[str, str, int, bool], ...] = ()
    note: str = ""
    empty: str = ""
    action: Link | None = None

    @property
    def bars(self) -> tuple[tuple[int, int, bool], ...]:
        """(x, width, late) of the age bar in percent."""
        x, bars = 0, []
        for _words, _amount, percent, late in self.ages:
            bars.append((x, percent, late))
            x += percent
        return tuple(bars)


@dataclass(frozen=True, slots=True)
class Chronicle:
    """Dated sentences, newest first."""

    part: ClassVar[str] = "front/parts/section_chronicle.html"
    title: str
    entries: tuple[tuple[str, str], ...] = ()
    empty: str = ""
    action: Link | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A section that is a sentence or two (renovation, with neighbours that matter)."""

    part: ClassVar[str] = "front/parts/section_text.html"
    title: str
    parts: tuple[Part, ...] = ()
    empty: str = ""
    action: Link | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter as its reader will see it."""

    part: ClassVar[str] = "front/parts/section_preview.html"
    title: str
    subject: str
    body: str
    count: int | None = None
    action: Link | None = None


Section = Lines | Residents | Arrears | Chronicle | Text | Preview


@dataclass(frozen=True, slots=True)
class Household:
    """The home at a glance, sections in the fixed order of the house. Part ``household.html``."""

    room_number: str
    url: str
    tags: tuple[str, ...] = ()
    facts: str = ""
    sections: tuple[Section, ...] = ()
