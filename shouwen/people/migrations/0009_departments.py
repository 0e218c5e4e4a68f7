"""Posts stand in departments; those of the manuals get theirs, a house's own that of the post above them."""

from typing import Any

from django.db import migrations, models

from shouwen.people.rights import DEPARTMENTS

CHOICES = [
    ("company", "公司和总部"), ("leaders", "项目负责人"), ("service", "客户服务"), ("works", "工程、安保和环境"),
    ("money", "收费和财务"), ("sales", "售楼"), ("outside", "业委会和外部单位"), ("other", "其他"),
]  # fmt: skip


def fill(apps: Any, _schema_editor: Any) -> None:
    post = apps.get_model("people", "Post")
    for department, codes in DEPARTMENTS.items():
        post.objects.filter(code__in=codes.split()).update(department=department)
    while True:  # one step down at a time: a post of the house may stand below another
        known = post.objects.exclude(department="other").values_list("code", "department")
        moved = [
            post.objects.filter(department="other", reports_to=code).update(department=department)
            for code, department in known
        ]
        if not any(moved):
            return


class Migration(migrations.Migration):
    dependencies = [("people", "0008_absences")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="department",
            field=models.CharField(choices=CHOICES, default="other", max_length=10, verbose_name="部门"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
