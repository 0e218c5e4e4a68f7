"""The first real community: company, branch, community, first account and fallback owner, all or none."""

from __future__ import annotations

from dataclasses import dataclass

from shouwen.estate import actions as estate
from shouwen.estate.models import Branch, Community, Company
from shouwen.kernel.actors import System
from shouwen.kernel.journal import frame
from shouwen.people import actions as people
from shouwen.people.models import Staff
from shouwen.people.posts import keep_on
from shouwen.people.rights import SMALL

FEW, ALL = "small", "all"


@dataclass(frozen=True)
class Answers:
    """What the wizard asks for; ``posts`` are those in use from the beginning: a small office's, or all."""

    company: str
    branch: str
    community: str
    code: str
    username: str
    name: str
    post: str = "cs_supervisor"
    posts: str = ALL


def set_up(answers: Answers) -> tuple[Community, Staff, str]:
    """Make what is not there yet; returns the community, the first account and its one-time password.

    The first account holds its post in the whole company, so that the next communities can be set up from the screen,
    and is the fallback owner: nothing is ever owned by nobody, from the first minute on.
    """
    house = System.of()
    with frame(house):
        company = Company.objects.filter(name=answers.company).first() or estate.add_company(
            actor=house, name=answers.company
        )
        branch = Branch.objects.filter(company=company, name=answers.branch).first() or estate.add_branch(
            company, actor=house, name=answers.branch
        )
        community = estate.add_community(branch, actor=house, name=answers.community, code=answers.code)
        here = System.of(community.pk)
        staff, password = people.add_staff(
            actor=here, username=answers.username, name=answers.name, post=answers.post, place=company
        )
        people.set_fallback(community.pk, actor=here, staff_id=staff.pk)
        if answers.posts == FEW:
            keep_on(SMALL, actor=house)
    return community, staff, password
