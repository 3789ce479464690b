"""Time-ordered ids (UUID version 7, RFC 9562). Pure: time and randomness are arguments."""

from uuid import UUID


def uuid7(milliseconds: int, random: int) -> UUID:
    """The UUIDv7 of a Unix time in milliseconds and 74 random bits."""
    high = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    version = 0x7 << 76 | ((random >> 62) & 0xFFF) << 64
    variant = 0b10 << 62 | (random & 0x3FFF_FFFF_FFFF_FFFF)
    return UUID(int=high | version | variant)
