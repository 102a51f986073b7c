"""Ids made by the server: UUIDs of version 7, which sort by time and so fill indexes at their end."""

import os
import time


def uuid7() -> str:
    """A new UUID of version 7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value &= ~(0xF << 76) & ~(0x3 << 62)
    digits = f"{value | (0x7 << 76) | (0x2 << 62):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
