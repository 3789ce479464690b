"""Typed settings: read, checked together, masked."""

from datetime import timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.domain.fields import Limits, Secret
from backwright.settings.settings import Settings, SettingsError, Variable, read_all


class Mode(Enum):
    """How."""

    FAST, SAFE = "fast", "safe"


class Shop(Settings, prefix="SHOP_"):
    """A shop's settings."""

    stripe_key: Secret[str]
    currency: str = "EUR"
    port: Annotated[int, Limits(ge=1, le=65535)] = 80
    mode: Mode = Mode.FAST
    level: Literal["low", "high"] = "low"
    hosts: tuple[str, ...] = ()
    rounds: tuple[int, ...] = ()
    debug: bool = False
    rate: float = 1.0
    price: Decimal = Decimal(1)
    data: Path = Path("data")
    database: Annotated[str | None, Variable("DATABASE_URL")] = None


class Mail(Settings, prefix="MAIL_"):
    """A mailer's settings."""

    host: str


GIVEN = {"SHOP_STRIPE_KEY": "sk_live_1234"}


def problems(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as error:
        Shop.read(environ)
    return error.value.problems


def test_values_are_read_by_their_types() -> None:
    """Numbers, booleans, enums, lists, paths and decimals, each from its variable."""
    shop = Shop.read(
        GIVEN | {"SHOP_PORT": "8080", "SHOP_MODE": "safe", "SHOP_HOSTS": "a, b,", "SHOP_ROUNDS": "1,2", "SHOP_DEBUG": "true",
                 "SHOP_RATE": "2.5", "SHOP_PRICE": "9.90", "SHOP_DATA": "/srv", "DATABASE_URL": "sqlite:///x.db", "SHOP_LEVEL": "high"}
    )  # fmt: skip

    assert shop == Shop(
        stripe_key="sk_live_1234", port=8080, mode=Mode.SAFE, hosts=("a", "b"), rounds=(1, 2), debug=True, rate=2.5, price=Decimal("9.90"),
        data=Path("/srv"), database="sqlite:///x.db", level="high",
    )  # fmt: skip


@given(st.integers(1, 65535), st.booleans(), st.sampled_from(Mode), st.lists(st.integers(), max_size=5))
def test_what_is_written_is_read(port: int, debug: bool, mode: Mode, rounds: list[int]) -> None:
    """Values written as text come back as they were."""
    written = {"SHOP_PORT": str(port), "SHOP_DEBUG": str(debug), "SHOP_MODE": mode.value, "SHOP_ROUNDS": ",".join(map(str, rounds))}
    shop = Shop.read(GIVEN | written)

    assert (shop.port, shop.debug, shop.mode, shop.rounds) == (port, debug, mode, tuple(rounds))


def test_everything_wrong_is_reported_together() -> None:
    """Each problem names its variable and says what it takes."""
    found = problems({"SHOP_PORT": "70000", "SHOP_MODE": "slow", "SHOP_ROUNDS": "1,x", "SHOP_DEBUG": "maybe"})

    assert [text.split()[0].partition("=")[0] for text in found] == [
        "SHOP_STRIPE_KEY",
        "SHOP_PORT",
        "SHOP_MODE",
        "SHOP_ROUNDS",
        "SHOP_DEBUG",
    ]
    assert "is not set" in found[0] and "<= 65535" in found[1] and "fast or safe" in found[2]


def test_several_classes_are_reported_together() -> None:
    """An app with several settings classes learns everything at once."""
    with pytest.raises(SettingsError) as error:
        read_all([Shop, Mail], {})
    assert len(error.value.problems) == 2

    assert read_all([Shop, Mail], GIVEN | {"MAIL_HOST": "h"})[Mail] == Mail(host="h")


def test_an_empty_variable_is_not_set() -> None:
    """``SHOP_PORT=`` means the default."""
    assert Shop.read(GIVEN | {"SHOP_PORT": ""}).port == 80


def test_secrets_may_come_from_a_file(tmp_path: Path) -> None:
    """``X_FILE`` names a file with the value, as container secrets do; a missing file is a problem."""
    (tmp_path / "key").write_text("sk_from_file\n")

    assert Shop.read({"SHOP_STRIPE_KEY_FILE": str(tmp_path / "key")}).stripe_key == "sk_from_file"
    assert "SHOP_STRIPE_KEY_FILE cannot be read" in problems({"SHOP_STRIPE_KEY_FILE": str(tmp_path / "none")})[0]


def test_secrets_are_not_shown() -> None:
    """Neither repr nor str nor a problem shows a secret; the mask can be told of it."""
    shop = Shop.read(GIVEN)

    assert "sk_live" not in f"{shop!r}{shop}" and "stripe_key=***" in repr(shop) and shop.secrets() == ("sk_live_1234",)


def test_a_wrong_secret_is_not_shown() -> None:
    """A problem with a secret does not quote it."""

    class Wrong(Settings, prefix="W_"):
        key: Annotated[Secret[str], Limits(min_length=9)]

    with pytest.raises(SettingsError) as error:
        Wrong.read({"W_KEY": "hunter2"})
    assert "hunter2" not in str(error.value)


def test_settings_cannot_be_changed() -> None:
    """They are read once."""
    with pytest.raises(AttributeError):
        Shop.read(GIVEN).port = 1  # type: ignore[misc]


def test_the_variables_of_a_class() -> None:
    """For documentation: which variable each setting has."""
    assert Shop.variables()["port"] == "SHOP_PORT" and Shop.variables()["database"] == "DATABASE_URL"


def test_durations() -> None:
    """Whatever msgspec converts from text works, e.g. ISO 8601 durations."""

    class Slow(Settings):
        pause: timedelta

    assert Slow.read({"PAUSE": "PT90S"}).pause == timedelta(seconds=90)
