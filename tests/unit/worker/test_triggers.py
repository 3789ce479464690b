"""What calls for the backend worker: its words, its six situations, its false friends, and how well they are told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.triggers.classify import classify
from backwright.worker.triggers.measure import Labelled, corpus, measure
from backwright.worker.triggers.words import SITUATIONS


@pytest.mark.parametrize(
    "text",
    [
        "the server crashes on that request", "write the backend", "API implementation for orders", "put the business logic there",
        "add authentication", "the authorization checks", "a logging middleware", "a service that stores orders", "open a WebSocket",
        "real-time updates for users", "a background job for e-mails", "consume the message queue", "a microservice for payments",
        "the integration with our payments provider", "the workflow of an order", "processing of uploads",
    ],
)  # fmt: skip
def test_the_words_of_the_protocol(text: str) -> None:
    """Each of them, used for what it means, brings the worker in."""
    assert classify(text).yes


@pytest.mark.parametrize(
    ("text", "situation"),
    [
        ("implement the endpoints of the shop", "server-side implementation"),
        ("the business rules for discounts", "business logic"),
        ("sign-in with OAuth and roles", "authentication and authorization"),
        ("live prices over a WebSocket", "real-time features"),
        ("a background job every night", "background jobs and tasks"),
        ("a middleware in the service layer", "middleware and service layers"),
    ],
)
def test_the_six_situations(text: str, situation: str) -> None:
    """Each is named by what is asked for."""
    assert situation in classify(text).situations
    assert situation in SITUATIONS and len(SITUATIONS) == 6


@pytest.mark.parametrize(
    "text",
    [
        "the server brought our food", "restaurant service", "front-end animation", "middleware of our organisation",
        "background colour job", "only the CSS; the backend stays as it is", "service", "", "   ",
    ],
)  # fmt: skip
def test_false_friends(text: str) -> None:
    """Words that mean something else here, or nothing by themselves."""
    found = classify(text)

    assert not found.yes and found.reason and found.situations == ()


def test_the_figures() -> None:
    """At least 200 labelled sentences, half held out; precision and recall are what the documentation says, or better."""
    sentences = corpus()
    tuned, held = (measure(one for one in sentences if one.held_out is half) for half in (False, True))

    assert len(sentences) >= 200 and tuned.sentences == held.sentences
    assert tuned.precision >= 0.99 and tuned.recall >= 0.98
    assert held.precision >= 0.97 and held.recall >= 0.85


def test_the_measure_can_fail() -> None:
    """Somebody who always says yes, or no, gets the figures of it."""
    both = [Labelled("a", True, False), Labelled("b", False, False)]

    assert (measure(both, lambda text: True).precision, measure(both, lambda text: True).recall) == (0.5, 1.0)
    assert measure(both, lambda text: False).recall == 0.0


@given(st.text(max_size=3000))
def test_any_text_is_answered(text: str) -> None:
    """With a reason, whatever it is."""
    assert classify(text).reason
