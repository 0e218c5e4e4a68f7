"""The forms of the records: what may be typed about units, persons, occupancies and vehicles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.estate.imports.heads import called
from shouwen.estate.imports.sources import source_of, sources
from shouwen.estate.models import (
    Building,
    Chronicle,
    Community,
    ImportRun,
    Occupancy,
    Person,
    Unit,
)
from shouwen.estate.persons_actions import PURPOSES
from shouwen.front.forming import fields_of
from shouwen.kernel import clock, limits
from shouwen.kernel.doors import Day
from shouwen.kernel.text import clean, clean_line, seeded

UNIT_FIELDS = (
    "code", "entrance", "floor", "door", "kind", "status", "built_area", "inner_area", "handed_over_on", "remark",
)  # fmt: skip


class CleanForm(forms.Form):
    """Every text is made clean at the door."""

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        for name, value in typed.items():
            if isinstance(value, str):
                area = isinstance(self.fields[name].widget, forms.Textarea)
                typed[name] = clean(value) if area else clean_line(value)
        return typed


class CommunityForm(CleanForm):
    locals().update(fields_of(Community, "name", "code", "kind", "address", "phone", "handed_over_on"))

    def __init__(self, *args: Any, known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            del self.fields["code"]


class BuildingForm(CleanForm):
    locals().update(fields_of(Building, "code", "name"))


class UnitForm(CleanForm):
    building = forms.TypedChoiceField(label=_("楼栋"), coerce=int)
    locals().update(fields_of(Unit, *UNIT_FIELDS))

    def __init__(self, *args: Any, buildings: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["building"].choices = buildings  # type: ignore[attr-defined]


class ChronicleForm(CleanForm):
    locals().update(fields_of(Chronicle, "on", "words"))


class SplitForm(CleanForm):
    parts = forms.CharField(
        label=_("拆成"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("一行一套：房号、门牌、建筑面积，用逗号分开。例：3-1-1201A,1201A,45.5"),
        max_length=2000,
    )
    on = Day(label=_("日期"))


class MergeUnitsForm(CleanForm):
    others = forms.CharField(
        label=_("与这些房号合并"), help_text=_("同一楼栋的房号，用逗号分开。"), max_length=300
    )
    code = forms.CharField(label=_("合并后的房号"), max_length=60)
    door = forms.CharField(label=_("门牌"), max_length=20, required=False)
    built_area = forms.DecimalField(label=_("建筑面积"), required=False, max_digits=10, decimal_places=2)
    on = Day(label=_("日期"))


class PersonForm(CleanForm):
    locals().update(fields_of(Person, "kind", "name", "gender", "born_on", "remark"))
    id_number = forms.CharField(label=_("证件号码"), max_length=30, required=False)
    phone = forms.CharField(label=_("电话"), max_length=40, required=False)
    email = forms.EmailField(label=_("邮箱"), max_length=200, required=False)
    drop_email = forms.BooleanField(label=_("删掉登记的邮箱"), required=False)

    def __init__(self, *args: Any, known: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            del self.fields["phone"]
            if known.id_number:
                self.fields["id_number"].help_text = _("已登记，空着就不改。")
            if known.email:
                self.fields["email"].help_text = _("已登记，空着就不改。")
        if not (known and known.email):
            del self.fields["drop_email"]


class ContactEditForm(CleanForm):
    label = forms.CharField(label=_("备注"), max_length=30, required=False)
    primary = forms.BooleanField(label=_("首选"), required=False)


class ContactForm(ContactEditForm):
    number = forms.CharField(label=_("电话"), max_length=40)
    field_order = ("number", "label", "primary")


class OccupancyForm(CleanForm):
    """Somebody moves in: a registered person, found by name or telephone, or a new one."""

    who = forms.CharField(
        label=pgettext_lazy("one person", "住户"),
        max_length=80,
        help_text=_("姓名、电话或拼音；没登记过的写姓名。"),
    )
    phone = forms.CharField(label=_("电话"), max_length=40, required=False, help_text=_("新登记的人才用填。"))
    role = forms.ChoiceField(label=_("身份"), choices=Occupancy.Role.choices)
    share = forms.DecimalField(
        label=_("份额 %"), required=False, min_value=0, max_value=100, decimal_places=2
    )
    since = Day(label=_("入住日期"), initial=clock.today)
    until = Day(label=_("到期日期"), required=False)
    person = forms.TypedChoiceField(label=_("是哪一位"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, candidates: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if candidates:
            new = ("0", _("都不是，新登记一位"))
            self.fields["person"].choices = [*candidates, new]  # type: ignore[attr-defined]
            self.fields["person"].required = True
        else:
            del self.fields["person"]


class OccupancyEditForm(CleanForm):
    role = forms.ChoiceField(label=_("身份"), choices=Occupancy.Role.choices)
    share = forms.DecimalField(
        label=_("份额 %"), required=False, min_value=0, max_value=100, decimal_places=2
    )
    since = Day(label=_("入住日期"))


class DayForm(CleanForm):
    on = Day(label=_("最后一天"), initial=clock.today)


class PurposeForm(CleanForm):
    purpose = forms.ChoiceField(label=_("用途"), choices=list(PURPOSES.items()))


class VehicleForm(CleanForm):
    plate = forms.CharField(label=_("车牌"), max_length=20)
    label = forms.CharField(label=_("车型"), max_length=40, required=False)
    unit = forms.CharField(label=_("房号"), max_length=60, required=False)


class MergePersonForm(CleanForm):
    other = forms.TypedChoiceField(label=_("与这一位是同一个人"), coerce=int)

    def __init__(self, *args: Any, candidates: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = candidates  # type: ignore[attr-defined]


class SpaceForm(CleanForm):
    name = forms.CharField(label=_("公共区域"), max_length=60)
    building = forms.TypedChoiceField(label=_("楼栋"), coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, buildings: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["building"].choices = [("", _("不属于某一栋")), *buildings]  # type: ignore[attr-defined]


class ImportForm(forms.Form):
    source = forms.ChoiceField(label=_("内容"))
    file = forms.FileField(
        label=_("文件"),
        help_text=_("Excel（xlsx、xls）或 CSV，最多 10 万行。先检查，看过变化再决定要不要导入。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )

    def __init__(self, *args: Any, rights: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(s.code, s.label) for s in sources() if rights(s.right)]
        self.fields["source"].choices = known  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > limits.SHEET_BYTES:
            raise forms.ValidationError(_("表格文件超过 50 MB"))
        return file


class ColumnsForm(forms.Form):
    """What the columns of a checked file are to be taken for: those that were not taken first, the others out of the way.

    A field is named by the place of its column; it offers what no other column is taken for.
    """

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns: list[tuple[str, str]] = [(header, field) for header, field in run.columns]
        names = [(field, seeded(head)) for field, head in source_of(run.source).headers()]
        taken = {field for _header, field in self.columns if field}
        for place, (header, field) in enumerate(self.columns):
            free = [(code, head) for code, head in names if code == field or code not in taken]
            chooser = forms.ChoiceField(
                label=called(header), choices=[("", _("不要")), *free], initial=field, required=False
            )
            chooser.sometimes = True  # type: ignore[attr-defined]
            self.fields[f"column-{place}"] = chooser

    @property
    def left(self) -> list[forms.BoundField]:
        return [self[f"column-{n}"] for n, (_header, field) in enumerate(self.columns) if not field]

    @property
    def taken(self) -> list[forms.BoundField]:
        return [self[f"column-{n}"] for n, (_header, field) in enumerate(self.columns) if field]

    def wanted(self) -> dict[str, str]:
        """Fields by header."""
        return {header: self.cleaned_data[f"column-{n}"] for n, (header, _field) in enumerate(self.columns)}


class ModeForm(forms.Form):
    """How a checked file is taken: what is good in it, or nothing as long as one line is bad."""

    mode = forms.ChoiceField(label=_("怎么导入"), widget=forms.RadioSelect, initial=ImportRun.Mode.GOOD)

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mode"].choices = [  # type: ignore[attr-defined]
            (ImportRun.Mode.GOOD, _("只导入没问题的行，问题行（现在 %s 行）改好再导") % run.refused),
            (ImportRun.Mode.ALL, _("有一行不对就一行也不导入")),
        ]
