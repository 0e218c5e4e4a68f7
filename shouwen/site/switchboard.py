"""The switchboard: the one table of who listens to what. Facts go up here; nothing below imports upward."""

from __future__ import annotations

from shouwen.duties import days, feeds, rulings
from shouwen.duties.absorb import absorb
from shouwen.front import notices
from shouwen.kernel.journal import switchboard
from shouwen.notices import letters, readers
from shouwen.portal import letters as homes
from shouwen.works import actions as works

# In the transaction of the fact, depth one: a reaction's own facts wake no further reaction.
REACTIONS = (
    ("case:registered", works.on_registered),
    ("case:reopened", works.on_reopened),
    ("case:cancelled", works.on_cancelled),
    ("case:merged", works.on_merged),
    ("case:promised", works.on_promised),
    ("case:recast", works.on_recast),
    ("case:refiled", works.on_refiled),
    ("hours:changed", rulings.on_calendar_changed),
    ("days:changed", rulings.on_calendar_changed),
    ("year:published", rulings.on_calendar_changed),
    ("community:added", rulings.on_calendar_changed),
    ("staff:left", feeds.on_left),
)


def connect() -> None:
    """Wire everything once per process."""
    if switchboard.connected:
        return
    for verb, reaction in REACTIONS:
        switchboard.react(verb, reaction)
    switchboard.open(days.before)
    switchboard.absorb(absorb)
    switchboard.deliver("homes", homes.VERBS, homes.write)
    switchboard.deliver("notices", readers.VERBS, readers.tell_of)
    letters.tellers.of, letters.tellers.homes = notices.stories, homes.stories
    switchboard.connected = True
