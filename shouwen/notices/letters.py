"""Letters in words: the presets, the house's own wording, and what stands for each placeholder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from shouwen.notices.models import Letter, Wording
from shouwen.notices.words import HOMES, NOTICES
from shouwen.people.viewers import ResidentActor, StaffActor

DIGEST = "digest"
FIELDS: dict[str, str | Promise] = {
    "name": lazy("收信人"),
    "community": lazy("项目"),
    "what": lazy("提醒的内容"),
    "place": lazy("地点"),
    "title": lazy("事项"),
    "number": lazy("单号"),
    "due": lazy("期限"),
    "count": lazy("汇总里有几条"),
    "lines": lazy("汇总里的每一条"),
    "link": lazy("打开的网址"),
}
"""What may stand in braces. ``count`` and ``lines`` are empty in a letter about one thing."""
HOME_FIELDS: dict[str, str | Promise] = {
    **{name: FIELDS[name] for name in ("name", "community", "what", "place", "title", "number", "link")},
    "who": lazy("首问责任人"),
    "rate": lazy("评价的网址，只能用一次"),
    "stop": lazy("不再收信的网址"),
}
"""The same for letters to residents."""
_FIELD = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True)
class Story:
    """What a letter tells of its matter. An urgent one waits for no morning."""

    what: str
    number: str = ""
    place: str = ""
    title: str = ""
    due: str = ""
    link: str = ""
    urgent: bool = False
    who: str = ""
    stop: str = ""
    rate: Callable[[], str] = str
    """Makes the link to rate when the letter is about to leave, not while it waits for the morning."""


Teller = Callable[[Sequence[Letter], StaffActor], Mapping[UUID, Story]]
"""Tells the letters' stories by their ids; one whose matter the reader may not see is left out."""
HomeTeller = Callable[[Sequence[Letter], ResidentActor], Mapping[UUID, Story]]
"""The same for a resident; left out is also what is true no longer."""


@dataclass
class Tellers:
    """Who knows the matters: higher rooms, named by the switchboard."""

    of: Teller | None = None
    homes: HomeTeller | None = None


tellers = Tellers()


@dataclass(frozen=True)
class Words:
    """Subject and body, with placeholders or filled."""

    subject: str
    body: str


def codes() -> tuple[str, ...]:
    """Everything that letters are written about, the digest last."""
    return (*NOTICES, DIGEST, *HOMES)


def fields(code: str) -> Mapping[str, str | Promise]:
    """What may stand in braces in letters of this code."""
    return HOME_FIELDS if code in HOMES else FIELDS


def preset(code: str) -> Words:
    """The words of a code that the house did not change, in the active language."""
    if code in HOMES:
        return _to_home()
    foot = _("这封信由首问自动发出，请不要回复。要不要发，在“提醒方式”里改。")
    if code == DIGEST:
        body = _("{name}：\n\n这些提醒您还没有在首问里看过：\n\n{lines}\n\n打开：{link}")
        return Words(_("首问：{count} 条提醒"), f"{body}\n\n{foot}")
    body = _(
        "{name}：\n\n{what}\n\n{community} {place}\n{title}（{number}）\n期限：{due}\n\n查看和办理：{link}"
    )
    return Words(_("{what}：{place} {title}"), f"{body}\n\n{foot}")


def _to_home() -> Words:
    body = _(
        "{name}：\n\n{what}\n\n{community} {place}\n{title}（{number}）\n对这件事负责到底：{who}\n\n"
        "看进度：{link}\n确认和评价，不用登录：{rate}"
    )
    foot = _(
        "这封信由服务中心自动发出，请不要回复。不想再收，可以在“我的”里关，或告诉服务中心。\n一按就关：{stop}"
    )
    return Words(_("{what}：{title}（{number}）"), f"{body}\n\n{foot}")


_SHORT: dict[str, str | Promise] = {
    "home.received": lazy("您报的事已受理，单号 {number}。"),
    "home.coming": lazy("单号 {number}：已安排上门，时间请到“住户服务”里看，或致电服务中心。"),
    "home.done": lazy("单号 {number} 办好了。满意吗？{rate}"),
    "home.reopened": lazy("单号 {number} 已重新办理。"),
    "home.closed": lazy("单号 {number} 已关闭。有疑问请致电服务中心。"),
    "home.merged": lazy("单号 {number} 和别人报的是同一件事，已并在一起办，办好了告诉您。"),
    "home.merged_done": lazy("单号 {number} 办好了。"),
}
"""What a text message says: whoever reads it over a shoulder learns a number, and nothing of the matter."""


def short(code: str, facts: Mapping[str, str]) -> str:
    """A text message about a resident's matter."""
    if code == "home.done" and not facts["rate"]:
        code = "home.merged_done"
    return str(_SHORT[code]).format(number=facts["number"], rate=facts["rate"])


def wordings() -> dict[str, Words]:
    """What the house words itself, by code."""
    return {row.code: Words(row.subject, row.body) for row in Wording.objects.all()}


def unknown(text: str, code: str) -> list[str]:
    """Placeholders that nothing stands for in letters of this code."""
    return [name for name in _FIELD.findall(text) if name not in fields(code)]


def filled(words: Words, facts: Mapping[str, str]) -> Words:
    """Put the facts in. A line of which every placeholder is empty falls away."""
    lines = (_line(line, facts) for line in words.body.splitlines())
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line is not None)).strip()
    subject = " ".join((_line(words.subject, facts) or words.subject).split())
    return Words(subject.rstrip("：: "), body + "\n")


def _line(line: str, facts: Mapping[str, str]) -> str | None:
    named = _FIELD.findall(line)
    if named and not any(facts.get(name) for name in named):
        return None
    return _FIELD.sub(lambda found: facts.get(found[1], ""), line).rstrip()


def facts_of(story: Story, name: str, community: str) -> dict[str, str]:
    told = {
        n: str(getattr(story, n)) for n in ("what", "number", "place", "title", "due", "link", "who", "stop")
    }
    return told | {"name": name, "community": community, "rate": story.rate()}


def digest_facts(stories: Iterable[Story], name: str, link: str) -> dict[str, str]:
    """Many stories as one."""
    told = [" ".join(filter(None, (s.due, s.place, s.title, s.what))) for s in stories]
    return {"name": name, "count": str(len(told)), "lines": "\n".join(f"· {t}" for t in told), "link": link}


def example(code: str = "duty.late") -> dict[str, str]:
    """Made-up facts, to look at a wording."""
    home = code in HOMES
    story = Story(
        what=str(HOMES[code]) if home else str(NOTICES["duty.late"]).format(clause=_("维修完成")),
        number="260722-014",
        place="5-2-0803",
        title=_("厨房水管漏水"),
        due="" if home else "07-22 18:00",
        link="https://shouwen.example/my/" if home else "https://shouwen.example/cases/",
        who=_("陈静"),
        stop="https://shouwen.example/my/stop/",
        rate=lambda: "https://shouwen.example/my/rate/" if code == "home.done" else "",
    )
    told = facts_of(story, _("王女士") if home else _("陈静"), _("云山雅苑"))
    return told | {"count": "2", "lines": f"· {story.due} {story.place} {story.title} {story.what}\n· …"}
