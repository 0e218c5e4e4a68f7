"""Days, weeks and months of a community's wall clock: the stretches that figures are counted in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from shouwen.kernel import clock
from shouwen.kernel.calendar import add_months

KINDS = ("day", "week", "month")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """One day, week (from Monday) or month; ``first`` is its first day in ``zone``."""

    kind: str
    first: date
    zone: str = clock.ZONE

    @classmethod
    def of(cls, kind: str, day: date, zone: str = clock.ZONE) -> Period:
        """The period of this kind that contains the day."""
        if kind == "week":
            day -= timedelta(days=day.weekday())
        elif kind == "month":
            day = day.replace(day=1)
        elif kind != "day":
            raise ValueError(f"no period {kind!r}")
        return cls(kind, day, zone)

    @classmethod
    def now(cls, kind: str, zone: str = clock.ZONE) -> Period:
        """The period of this kind that is running."""
        return cls.of(kind, clock.today(zone), zone)

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.move(1).first - _ONE_DAY

    @property
    def start(self) -> datetime:
        return clock.start_of_day(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first moment after the period."""
        return clock.start_of_day(self.move(1).first, self.zone)

    def move(self, steps: int) -> Period:
        """The period so many later, earlier if negative."""
        if self.kind == "month":
            return Period(self.kind, add_months(self.first, steps), self.zone)
        return Period(
            self.kind, self.first + timedelta(days=steps * (7 if self.kind == "week" else 1)), self.zone
        )

    def back(self, count: int) -> tuple[Period, ...]:
        """So many periods in order, this one the last."""
        return tuple(self.move(n - count + 1) for n in range(count))

    @property
    def words(self) -> str:
        """2026 年 7 月, 07-20 至 07-26, 2026-07-22."""
        if self.kind == "month":
            return _("%(year)d 年 %(month)d 月") % {"year": self.first.year, "month": self.first.month}
        if self.kind == "week":
            return _("%(first)s 至 %(last)s") % {
                "first": self.first.isoformat(),
                "last": f"{self.last:%m-%d}",
            }
        return self.first.isoformat()
