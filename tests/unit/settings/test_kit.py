"""The kit's own settings, and what production refuses."""

import secrets
from pathlib import Path

import pytest

from backwright.settings.kit import Environment, KitSettings
from backwright.settings.secret_key import derived, development_key, weakness
from backwright.settings.settings import SettingsError

STRONG = "Zq3v9w-Lk2Jx8Rf5Tn1Yb7Gm4Hd6Sc0Pa_EuIoWvQzXr"


def problems(**environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as error:
        KitSettings.read(environ)
    return error.value.problems


def test_development_needs_nothing() -> None:
    """Without any variable: development, on this machine only, one process, nobody's proxy believed."""
    kit = KitSettings.read({})

    assert (kit.environment, kit.host, kit.port, kit.workers, kit.trusted_proxies) == (Environment.DEVELOPMENT, "127.0.0.1", 8000, 1, ())
    assert kit.human_logs and not kit.production


def test_production_with_a_strong_key() -> None:
    """A strong key is all that production needs; its logs are JSON."""
    kit = KitSettings.read({"BACKWRIGHT_ENV": "production", "BACKWRIGHT_SECRET_KEY": STRONG})

    assert kit.production and not kit.human_logs and STRONG not in repr(kit) and kit.secrets() == (STRONG,)


def test_production_without_a_key_is_refused() -> None:
    """Production makes no key up, and says how to make one."""
    [problem] = problems(BACKWRIGHT_ENV="production")

    assert problem.startswith("BACKWRIGHT_SECRET_KEY is not set") and "token_urlsafe" in problem


@pytest.mark.parametrize(
    "key",
    ["short", "k" * 64, "abc" * 20, "changeme-changeme-please-change-me", "this-is-my-secret-key-for-the-server-1", "0123456789abcdef" * 4],
)
def test_production_refuses_weak_keys(key: str) -> None:
    """Short, repeating, or with the words that placeholders have; the key itself is not shown."""
    [problem] = problems(BACKWRIGHT_ENV="production", BACKWRIGHT_SECRET_KEY=key)

    assert problem.startswith("BACKWRIGHT_SECRET_KEY ") and key not in problem


def test_production_refuses_weak_old_keys_too() -> None:
    """A former key still signs people in."""
    [problem] = problems(BACKWRIGHT_ENV="production", BACKWRIGHT_SECRET_KEY=STRONG, BACKWRIGHT_OLD_SECRET_KEYS=f"{STRONG}x,short")

    assert problem.startswith("BACKWRIGHT_OLD_SECRET_KEYS has fewer than 32 bytes")


@pytest.mark.parametrize("make", [lambda: secrets.token_hex(32), lambda: secrets.token_urlsafe(48), lambda: secrets.token_urlsafe(32)])
def test_random_keys_are_strong(make: object) -> None:
    """No key that was really drawn at random is refused (200 tries of each form)."""
    assert [weakness(make()) for _ in range(200)] == [None] * 200  # type: ignore[operator]


def test_all_problems_together() -> None:
    """Tiers, proxies and the environment's name are checked with the rest."""
    assert [text.split(":")[0] for text in problems(BACKWRIGHT_TIERS="x", BACKWRIGHT_TRUSTED_PROXIES="proxy.local")] == [
        "BACKWRIGHT_TIERS", "BACKWRIGHT_TRUSTED_PROXIES",
    ]  # fmt: skip
    assert "development or production" in problems(BACKWRIGHT_ENV="prod")[0]


def test_tiers_and_proxies() -> None:
    """The environment changes the app's tiers and names the proxies."""
    kit = KitSettings.read({"BACKWRIGHT_TIERS": "anonymous=7/h", "BACKWRIGHT_TRUSTED_PROXIES": "10.0.0.0/8"})

    assert {tier.name: tier.per_hour for tier in kit.tiers_over()}["anonymous"] == 7
    assert kit.proxies().client("10.0.0.1", ["203.0.113.9"]) == "203.0.113.9"


def test_keys_are_made_for_each_purpose(tmp_path: Path) -> None:
    """No purpose shares its key with another; former keys come behind the current one."""
    kit = KitSettings(secret_key=STRONG, old_secret_keys=("old" * 20,))

    assert kit.keys("access", tmp_path) == [derived(STRONG, "access"), derived("old" * 20, "access")]
    assert len({*kit.keys("access", tmp_path), *kit.keys("refresh", tmp_path)}) == 4


def test_development_keeps_its_key(tmp_path: Path) -> None:
    """Made once, strong, readable by its owner only, the same for every worker and after a reload."""
    key = development_key(tmp_path / "data")

    assert development_key(tmp_path / "data") == key and weakness(key) is None
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret_key"]


def test_a_made_up_key_lies_beside_the_database(tmp_path: Path) -> None:
    """Without a key, development's lies in the app's data folder, where no repository takes it up."""
    assert KitSettings().keys("access", tmp_path) == [derived(development_key(tmp_path / "data"), "access")]
