"""From which address somebody calls: the peer, or whom a trusted proxy says it speaks for.

X-Forwarded-For is a list to which each proxy adds, at the right, the address that it was called from. What
stands left of what a trusted proxy wrote may be anybody's. (RFC 7239, 8.1, says the same of Forwarded.)
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from infra.settings import Network

Address = IPv4Address | IPv6Address

HEADER = b"x-forwarded-for"
IPV6_BLOCK_BITS = 64
"""What one caller has of IPv6 at least: who has so many addresses has them all."""

# With a port, as some proxies write it: 192.0.2.7:4711, [2001:db8::7]:4711.
_HOP = re.compile(
    r"\[([0-9A-Fa-f:.]{2,45})\](?::[0-9]{1,5})?|([0-9.]{7,15}):[0-9]{1,5}|([0-9A-Fa-f:.]{2,45})"
)


def caller_address(
    peer: str, headers: Iterable[tuple[bytes, bytes]], trusted: Sequence[Network]
) -> Address | str:
    """The address of whoever called. A peer that is no address (a socket, a test) is told as it is.

    Read from the right for as long as who handed it on is trusted. What is no address ends the walk: whoever
    handed that on is then the caller.
    """
    address = _address_of(peer)
    if address is None or not _is_in(address, trusted):
        return peer if address is None else address
    forwarded = b",".join(value for name, value in headers if name == HEADER).decode("latin-1")
    for hop in reversed(forwarded.split(",")):
        before = _address_of(hop.strip(" \t"))
        if before is None:
            break
        address = before
        if not _is_in(address, trusted):
            break
    return address


def counted_as(address: Address | str) -> str:
    """Whose attempts count together: an address, or of IPv6 the block that one caller has."""
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, IPV6_BLOCK_BITS), strict=False))
    return str(address)


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _address_of(text: str) -> Address | None:
    match = _HOP.fullmatch(text)
    if match is None:
        return None
    try:
        address = ip_address(next(filter(None, match.groups())))
    except ValueError:
        return None
    # A server that listens on IPv6 sees callers by IPv4 as ::ffff:192.0.2.7.
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
