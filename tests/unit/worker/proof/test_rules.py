"""What access.rules judges where nothing is seeded."""

from datetime import UTC, datetime

from backwright.domain.access import allow
from backwright.domain.entity import Account, Entity
from backwright.domain.fields import Id, Managed
from backwright.domain.model import build_model
from backwright.domain.request import Request
from backwright.worker.prove.checks.rules import blank
from backwright.worker.prove.rig.oracle import Oracle


class User(Account):
    """Somebody who writes."""

    is_staff: Managed[bool] = False


class Topic(Entity):
    """Something said."""

    author: Id[User]


def own_topic_or_staff(topic: Topic, user: User) -> bool:
    """Whose it is, and the staff."""
    return topic.author == user.id or user.is_staff


def test_a_creation_is_judged_without_a_seeded_row() -> None:
    """A rule about the new row is asked of one that has the defaults: it belongs to nobody yet."""
    model = build_model([User, Topic])
    oracle = Oracle([allow(Topic, create=own_topic_or_staff)], model, Request(datetime(2026, 1, 2, tzinfo=UTC), "127.0.0.1", "password"))
    people = [User(email="a@example.org", is_staff=staff, _id=1) for staff in (False, True)]  # type: ignore[call-arg]

    assert [oracle.may(who, Topic, "create", blank(model[Topic]), {}) for who in people] == [False, True]
