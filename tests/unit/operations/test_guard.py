"""The guard before authentication."""

from backwright.operations.guard import AddressGuard


def test_a_flood_from_one_address_is_refused() -> None:
    """More requests than allowed from one address are refused; another address goes on."""
    guard = AddressGuard(requests=2, seconds=10)
    assert [guard.admit("192.0.2.1", 0.0) is None for _ in range(3)] == [True, True, False]

    assert guard.admit("192.0.2.2", 0.0) is None


def test_an_address_recovers() -> None:
    """After the window the address is let in again."""
    guard = AddressGuard(requests=1, seconds=10)
    guard.admit("192.0.2.1", 0.0)

    assert guard.admit("192.0.2.1", 10.0) is None


def test_ipv6_is_counted_by_its_network() -> None:
    """Addresses of one /64 share a count: one client has them all."""
    guard = AddressGuard(requests=1)
    guard.admit("2001:db8::1", 0.0)

    assert guard.admit("2001:db8::2", 0.0) is not None and guard.admit("2001:db8:0:1::1", 0.0) is None


def test_loopback_is_not_counted() -> None:
    """Behind a local proxy, one address stands for all clients."""
    guard = AddressGuard(requests=1)

    assert all(guard.admit(address, 0.0) is None for address in ["127.0.0.1", "::1"] * 5)


def test_failed_sign_ins_are_bounded_even_side_by_side() -> None:
    """Tries count when they begin, so many at once do not slip through; loopback counts too."""
    guard = AddressGuard(failures=3)

    assert [guard.admit_sign_in("127.0.0.1", 0.0) is None for _ in range(5)] == [True, True, True, False, False]


def test_a_successful_sign_in_does_not_count() -> None:
    """Whoever signs in rightly may do so again and again, but clears no failures."""
    guard = AddressGuard(failures=2)
    guard.admit_sign_in("192.0.2.1", 0.0)
    for _ in range(5):
        assert guard.admit_sign_in("192.0.2.1", 1.0) is None
        guard.forgive("192.0.2.1")

    assert guard.admit_sign_in("192.0.2.1", 1.0) is None
    assert guard.admit_sign_in("192.0.2.1", 1.0) is not None
