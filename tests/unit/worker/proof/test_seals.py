"""Seals: what they cover, and that they do not fit anything else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.prove import seal

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)
RECORDS = st.dictionaries(st.text().filter(lambda name: name not in ("seal", "signature")), VALUES)


@given(RECORDS, st.text())
def test_a_seal_does_not_cover_itself(record: dict[str, Any], other: str) -> None:
    """Adding the seal and the signature to the record leaves the seal as it is."""
    assert seal.of_record(record | {"seal": other, "signature": other}) == seal.of_record(record)


@given(RECORDS, st.text().filter(lambda name: name not in ("seal", "signature")), VALUES)
def test_every_change_breaks_the_seal(record: dict[str, Any], name: str, value: object) -> None:
    """A record with another key or value has another seal."""
    changed = record | {name: value}

    assert (seal.of_record(changed) == seal.of_record(record)) == (
        repr(sorted(changed.items(), key=repr)) == repr(sorted(record.items(), key=repr))
    )


@given(st.text(), st.text(min_size=1, max_size=16))
def test_a_signature_fits_one_key_and_one_seal(text: str, key: str) -> None:
    """Only the key that signed finds the signature good, and only for that seal."""
    signature = seal.sign(text, key)

    assert seal.signed(text, signature, key)
    assert not seal.signed(text, signature, key + "x")
    assert not seal.signed(text + "x", signature, key)


def test_the_kit_has_one_digest() -> None:
    """The kit's own code is sealed too."""
    assert seal.kit() == seal.kit()
    assert len(seal.kit()) == 64
