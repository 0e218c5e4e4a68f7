"""Workers that read the same facts and empty the same outbox at the same moment."""

from __future__ import annotations

import pytest

from shouwen.kernel.deliveries import fact_of
from shouwen.kernel.models import Entry
from shouwen.notices import outbox
from shouwen.portal import letters
from tests.cast import make_cast
from tests.notices.mailroom import mail_server, mailbox
from tests.portal.test_letters import ADDRESS, repair
from tests.threads import at_once


@pytest.mark.django_db(transaction=True)
def test_everybody_is_told_once(transactional_db: None) -> None:
    cast = make_cast()
    cast.mei.email = ADDRESS
    cast.mei.save()
    cases = [repair(cast) for _ in range(4)]

    def work(_turn: int) -> int:
        for case in cases:
            fact = fact_of(Entry.objects.get(matter_id=case.pk, verb="case:registered").pk)
            assert fact
            letters.write(fact)
        return outbox.send().sent

    with mail_server() as (postman, port):
        mailbox(port)
        sent = at_once(4, work)
    assert [n for n in sent if not isinstance(n, int)] == []
    assert len(postman.taken) == 4
    assert len({m["Message-ID"] for m in postman.taken}) == 4
