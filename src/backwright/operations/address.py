"""Where a request came from: the client's address, believed only from proxies we were told to trust. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

Network = IPv4Network | IPv6Network


@lru_cache(maxsize=10_000)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in ``1.2.3.4``, ``1.2.3.4:567``, ``2001:db8::1``, ``[2001:db8::1]:567``; None if there is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


@lru_cache(maxsize=10_000)
def group(address: str) -> str:
    """What an address is counted by: an IPv4 address itself, an IPv6 address by its /64, since one client has a whole one.

    Anything else (a socket's path, nothing) is one group of its own.
    """
    found = _address(address)
    if isinstance(found, IPv6Address):
        return f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found) if found else f"?{address[:64]}"


def is_loopback(address: str) -> bool:
    """Whether the address is this machine's own."""
    found = _address(address)
    return found is not None and found.is_loopback


def forwarded_for(values: Sequence[str]) -> list[str]:
    """The hops of X-Forwarded-For, client first, from all lines of that header."""
    return [hop.strip() for value in values for hop in value.split(",")]


def forwarded(values: Sequence[str]) -> list[str]:
    """The ``for=`` hops of Forwarded (RFC 7239), client first. A hop without one is an empty string."""
    hops: list[str] = []
    for element in (element for value in values for element in value.split(",")):
        pairs = (pair.strip().partition("=") for pair in element.split(";"))
        hops.append(next((value.strip() for name, _, value in pairs if name.strip().lower() == "for"), ""))
    return hops


class Proxies:
    """The proxies whose word about a client's address is taken. Empty by default: then nobody's is."""

    def __init__(self, networks: Sequence[str] = (), header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for") -> None:
        """`networks` are addresses or CIDR ranges. Only one header is read: a proxy that sets one passes the other on unchecked.

        Raises ``ValueError`` for what is neither.
        """
        self.header = header
        self._networks: tuple[Network, ...] = tuple(ip_network(text.strip(), strict=False) for text in networks)
        self._hops = forwarded if header == "forwarded" else forwarded_for

    def trusts(self, address: str) -> bool:
        """Whether `address` is one of the proxies."""
        found = _address(address)
        return found is not None and any(found in network for network in self._networks)

    def client(self, peer: str, values: Sequence[str]) -> str:
        """The client's address: `peer`, or the nearest hop in the header's lines `values` that is no trusted proxy.

        Read from the right, since every proxy adds at the end and a client may have written the rest. What is no address ends the walk.
        """
        if not self._networks or not values or not self.trusts(peer):
            return peer
        nearest = peer
        for hop in reversed(self._hops(values)):
            found = _address(hop)
            if found is None:
                return nearest
            nearest = str(found)
            if not self.trusts(nearest):
                return nearest
        return nearest
