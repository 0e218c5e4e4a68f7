"""What doors share: forms that feed actions. A form holds what was typed; the action decides."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from shouwen.kernel.actors import Actor


class MoveForm(forms.Form):
    """The inputs of a move. ``version`` of the row that the form was drawn from makes a stale write visible."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    lead: ClassVar[Any] = ""

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
