"""The sentences of reports."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwen.kernel.journal import Verb

VERBS = (Verb("figures:frozen", _("{actor} 冻结 {figures} 个指标值"), ("figures",), "lock"),)
