"""What is hidden, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.observe.mask import HIDDEN, Mask, is_secret


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "new_password",
        "accessToken",
        "refresh_token",
        "Set-Cookie",
        "Authorization",
        "API_KEY",
        "x-api-key",
        "DBPassword",
        "jwt",
    ],
)
def test_telling_keys(key: str) -> None:
    """A value under such a key is hidden, however the key is written."""
    assert is_secret(key)


@pytest.mark.parametrize("key", ["author", "monkey", "compass", "passenger", "keyboard", "email", "tokenizer"])
def test_harmless_keys(key: str) -> None:
    """Words that only look like one are shown."""
    assert not is_secret(key)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ann:SECRET@db/shop", "Authorization: Bearer SECRET", '{"password": "SECRET", "a": 1}', "password=SECRET&x=1",
        "client_secret: 'SECRET'", "cookie=SECRET; path=/", "eyJhbGciOiJIUzI1NiJ9.SECRET.SECRET", "$argon2id$v=19$m=8$SECRET",
    ],
)  # fmt: skip
def test_secrets_in_text(text: str) -> None:
    """Secrets are found in text by their look."""
    assert "SECRET" not in Mask().text(text) and HIDDEN in Mask().text(text)


def test_harmless_text_is_left_alone() -> None:
    """A sentence without a secret stays as it is."""
    assert Mask().text("KeyError: 'title' in https://example.org/books?page=2") == "KeyError: 'title' in https://example.org/books?page=2"


def test_nested_values() -> None:
    """Values in mappings and sequences are searched, and keep their shape."""
    masked = Mask("s3cr3t-value").value({"user": {"password": 5, "name": "ann"}, "notes": ["is s3cr3t-value", 7]})

    assert masked == {"user": {"password": HIDDEN, "name": "ann"}, "notes": [f"is {HIDDEN}", 7]}


@given(st.text(min_size=6), st.text(), st.text())
def test_a_known_value_is_hidden_wherever_it_stands(secret: str, before: str, after: str) -> None:
    """A value handed in does not come through, unless the mask itself spells it."""
    assert secret not in Mask(secret).text(before + secret + after) or secret in HIDDEN * 9 or set(secret) <= set(HIDDEN)
