"""What doors share: forms that feed actions. A form holds what was typed; the action decides."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shouwen.kernel.actors import Actor


def in_wechat(request: HttpRequest) -> bool:
    """WeChat's own browser: it downloads nothing, installs nothing, and offers a picture's menu on a long press."""
    return "micromessenger" in request.headers.get("User-Agent", "").lower()


class MoveForm(forms.Form):
    """The inputs of a move. ``version`` of the row that the form was drawn from makes a stale write visible.

    Of the fields named in ``one_of`` at least one has to be filled; the action says so too.
    """

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    lead: Any = ""
    one_of: tuple[str, ...] = ()

    def __init__(self, *args: Any, row: Any, actor: Actor, **kwargs: Any) -> None:
        self.row, self.actor = row, actor
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Fill choices that depend on the row and on who asks."""

    def inputs(self) -> dict[str, Any]:
        """The keyword arguments of the action."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class Words(forms.CharField):
    """A text of several lines."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 2000)
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


class Moment(forms.DateTimeField):
    """A moment typed at a door. Years outside of any record overflow in one place or another, so none gets in."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(**{"widget": widget} | kwargs)

    def to_python(self, value: Any) -> datetime | None:
        try:
            moment = super().to_python(value)
            if moment is None or 2000 <= moment.astimezone(UTC).year < 2100:
                return moment
        except OverflowError:
            pass
        raise forms.ValidationError(_("日期要在 2000 年到 2100 年之间。"))


class Until(forms.Field):
    """The end of hours that begin in another field: a time of that day, or a whole moment as machines write it."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        super().__init__(widget=widget, required=False, **kwargs)

    def to_python(self, value: Any) -> time | datetime | None:
        try:
            return forms.TimeField(required=False).to_python(value)
        except forms.ValidationError:
            return Moment().to_python(value)


class Day(forms.DateField):
    """A day typed at a door, with the browser's own calendar; of a lifetime, for the same reason."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(**{"widget": widget} | kwargs)

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is None or 1900 <= day.year < 2100:
            return day
        raise forms.ValidationError(_("日期要在 1900 年到 2100 年之间。"))
