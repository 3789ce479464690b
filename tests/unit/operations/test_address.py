"""Where a request came from, and whose word is taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.operations.address import Proxies, forwarded, group, is_loopback


def test_nobody_is_believed_by_default() -> None:
    """Without trusted proxies the peer is the client, whatever a header says."""
    assert Proxies().client("192.0.2.1", ["203.0.113.9"]) == "192.0.2.1"


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        (["203.0.113.9"], "203.0.113.9"),
        (["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
        (["6.6.6.6", "203.0.113.9, 10.0.0.7"], "203.0.113.9"),
        (["10.0.0.8, 10.0.0.7"], "10.0.0.8"),
        (["203.0.113.9:4711"], "203.0.113.9"),
        (["[2001:db8::1]:443"], "2001:db8::1"),
        (["203.0.113.9, nonsense"], "10.0.0.1"),
        (["203.0.113.9, nonsense, 10.0.0.7"], "10.0.0.7"),
        ([""], "10.0.0.1"),
        ([], "10.0.0.1"),
    ],
)
def test_the_nearest_hop_that_is_no_proxy(lines: list[str], client: str) -> None:
    """The header is read from the right over trusted proxies; what a client wrote before is not believed; nonsense ends the walk."""
    assert Proxies(["10.0.0.0/8"]).client("10.0.0.1", lines) == client


def test_only_trusted_peers_are_believed() -> None:
    """A header from an address that is no proxy is ignored."""
    assert Proxies(["10.0.0.0/8"]).client("192.0.2.1", ["203.0.113.9"]) == "192.0.2.1"


def test_forwarded_is_read_when_it_is_the_header() -> None:
    """RFC 7239: quoted IPv6 with port, other parameters, several elements."""
    lines = ['for=6.6.6.6;proto=https, For="[2001:db8:cafe::17]:4711";by=10.0.0.9']

    assert Proxies(["10.0.0.1"], "forwarded").client("10.0.0.1", lines) == "2001:db8:cafe::17"
    assert forwarded(["proto=http"]) == [""]


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=4))
def test_anything_may_stand_in_the_header(peer: str, lines: list[str]) -> None:
    """No header makes it fail, and the answer is the peer or a real address."""
    client = Proxies(["10.0.0.0/8"]).client("10.0.0.1", lines)

    assert client == "10.0.0.1" or not group(client).startswith("?")
    assert Proxies().client(peer, lines) == peer


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("::ffff:192.0.2.1", "192.0.2.1"),
        ("/run/app.sock", "?/run/app.sock"), ("", "?"), ("fe80::1%eth0", "fe80::/64"),
    ],
)  # fmt: skip
def test_what_an_address_is_counted_by(address: str, counted: str) -> None:
    """IPv4 whole (mapped or not), IPv6 by /64, anything else as it is."""
    assert group(address) == counted


def test_loopback() -> None:
    """127.0.0.0/8 and ::1 are this machine; nothing else is."""
    assert [is_loopback(a) for a in ("127.0.0.5", "::1", "::ffff:127.0.0.1", "10.0.0.1", "x")] == [True, True, True, False, False]


def test_a_proxy_that_is_no_address_is_refused() -> None:
    """A typing error in the list of proxies is found at start."""
    with pytest.raises(ValueError, match="proxy"):
        Proxies(["proxy.local"])
