"""The forms of the settings: staff, posts, grants, tokens, service hours."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from shouwen.estate.models import CalendarDay, Community
from shouwen.front.forming import day_input, fields_of
from shouwen.front.record_forms import CleanForm
from shouwen.people.models import Post, Trade
from shouwen.people.rights import RIGHTS

WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
Choices = list[tuple[Any, str]]


class CommunityForm(CleanForm):
    locals().update(fields_of(Community, "name", "code", "kind", "address", "handed_over_on"))

    def __init__(self, *args: Any, known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            del self.fields["code"]


class HoursForm(CleanForm):
    """A line a weekday: ``08:30-12:00, 13:30-18:00``; empty is closed, 00:00-00:00 the whole day."""

    calendar = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for weekday, words in enumerate(WEEKDAYS):
            self.fields[f"day{weekday}"] = forms.CharField(label=words, required=False, max_length=100)
        self.fields["day0"].help_text = _(
            "例:08:30-12:00, 13:30-18:00。空着是不上班,00:00-00:00 是全天,22:00-06:00 到第二天早上。"
        )

    def week(self) -> list[tuple[tuple[time, time], ...]]:
        """Seven tuples of intervals, Monday first."""
        return [self.cleaned_data[f"day{weekday}"] for weekday in range(7)]

    def clean(self) -> dict[str, Any]:
        typed = super().clean()
        for weekday in range(7):
            name = f"day{weekday}"
            try:
                typed[name] = read_hours(typed.get(name, ""))
            except ValueError:
                self.add_error(name, _now("写成 08:30-12:00, 13:30-18:00 这样。"))
        return typed


def read_hours(text: str) -> tuple[tuple[time, time], ...]:
    """The intervals of a line; ValueError for what is no time."""
    found = []
    for part in re.split(r"[,,;;、]+", text.replace(":", ":")):
        if not part.strip():
            continue
        start, end = re.split(r"\s*[-–—~至到]\s*", part.strip(), maxsplit=1)
        found.append((_clock(start), _clock(end)))
    return tuple(found)


def _clock(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour) % 24, int(minute))


def show_hours(intervals: tuple[tuple[time, time], ...]) -> str:
    return ", ".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in intervals)


class CalendarDayForm(CleanForm):
    on = forms.DateField(label=_("日期"), widget=day_input())
    kind = forms.ChoiceField(label=_("安排"), choices=[*CalendarDay.Kind.choices, ("", _("照国家日历"))], required=False)


class StaffForm(CleanForm):
    username = forms.RegexField(
        r"^[A-Za-z0-9._-]{2,60}$", label=_("登录名"), help_text=_("字母、数字、点、横线。"), max_length=60
    )
    name = forms.CharField(label=_("姓名"), max_length=60)
    phone = forms.CharField(label=_("工作电话"), max_length=30, required=False)
    post = forms.ChoiceField(label=_("岗位"))

    def __init__(self, *args: Any, posts: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].choices = posts  # type: ignore[attr-defined]


class StaffEditForm(CleanForm):
    name = forms.CharField(label=_("姓名"), max_length=60)
    phone = forms.CharField(label=_("工作电话"), max_length=30, required=False)


class GrantForm(CleanForm):
    post = forms.ChoiceField(label=_("岗位"))
    place = forms.ChoiceField(label=_("在哪里"))

    def __init__(self, *args: Any, posts: Choices, places: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].choices = posts  # type: ignore[attr-defined]
        self.fields["place"].choices = places  # type: ignore[attr-defined]


class SkillsForm(CleanForm):
    trades = forms.MultipleChoiceField(
        label=_("工种"), choices=Trade.choices, widget=forms.CheckboxSelectMultiple, required=False
    )


class AreasForm(CleanForm):
    buildings = forms.TypedMultipleChoiceField(
        label=_("责任楼栋"), coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, buildings: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["buildings"].choices = buildings  # type: ignore[attr-defined]


class PostForm(CleanForm):
    code = forms.SlugField(label=_("岗位代码"), max_length=40)
    locals().update(fields_of(Post, "name"))
    reports_to = forms.ChoiceField(label=_("上级岗位"), required=False)
    rights = forms.MultipleChoiceField(
        label=_("权限"), choices=list(RIGHTS.items()), widget=forms.CheckboxSelectMultiple, required=False
    )
    totp = forms.BooleanField(label=_("登录须用动态口令"), required=False)

    def __init__(self, *args: Any, posts: Choices, known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reports_to"].choices = [("", _("没有上级")), *posts]  # type: ignore[attr-defined]
        if known:
            del self.fields["code"]
        else:
            del self.fields["totp"]


class FallbackForm(CleanForm):
    staff = forms.TypedChoiceField(label=_("兜底负责人"), coerce=int)

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].choices = people  # type: ignore[attr-defined]


class TokenForm(FallbackForm):
    name = forms.CharField(label=_("用途"), max_length=60, help_text=_("哪台机器、做什么用。"))
    rights = forms.MultipleChoiceField(label=_("权限"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, people: Choices, rights: Choices, **kwargs: Any) -> None:
        super().__init__(*args, people=people, **kwargs)
        self.fields["staff"].label = _("由谁负责")
        self.fields["rights"].choices = rights  # type: ignore[attr-defined]
