"""What somebody took the columns of a file for, remembered for the next file with the same head.

The same program writes the same head month after month: the choice holds in the whole company, for one kind of list, until
it is made otherwise or forgotten. Only headers and the names of our fields are kept, nothing that stands in a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db.models import QuerySet

from shouwen.estate.imports.heads import plain
from shouwen.estate.models import ColumnChoice, ImportRun
from shouwen.kernel import clock


def remembered(run: ImportRun, source: str, headers: Iterable[str]) -> dict[str, str]:
    """What was chosen for a file with this head: fields by header; nothing where nobody chose."""
    return dict(_of(run, source, headers).values_list("chosen", flat=True).first() or {})


def remember(run: ImportRun) -> None:
    """Keep what was chosen for this file; the run's columns tell its head."""
    ColumnChoice.objects.update_or_create(
        company_id=run.community.branch.company_id,
        source=run.source,
        head=_head(_headers(run)),
        defaults={"chosen": run.chosen, "at": clock.now()},
    )


def forget(run: ImportRun) -> None:
    """From now on a file with this head is taken as if nobody had chosen."""
    _of(run, run.source, _headers(run)).delete()


def _of(run: ImportRun, source: str, headers: Iterable[str]) -> QuerySet[ColumnChoice]:
    company = run.community.branch.company_id
    return ColumnChoice.objects.filter(company_id=company, source=source, head=_head(headers))


def _headers(run: ImportRun) -> Iterable[str]:
    return (header for header, _field in run.columns)


def _head(headers: Iterable[str]) -> str:
    """The same for files of the same columns, whatever their order."""
    return hashlib.sha256("\n".join(sorted(map(plain, headers))).encode()).hexdigest()
