"""Passwords: Argon2id with the parameters that OWASP recommends, a few at a time, in threads.

Source: OWASP Password Storage Cheat Sheet (19 MiB, two passes, one lane); OWASP ASVS 2.1 and NIST SP 800-63B
for what a password may be: long, and nothing about its composition.
"""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from infra.errors import OperatorError

P = ParamSpec("P")
T = TypeVar("T")

MIN_CHARACTERS = 12
MAX_CHARACTERS = 128
LEAST_DIFFERENT = 4
AT_ONCE = 2
"""So many hashes are worked out at a time in a process: 19 MiB and a core each."""
MOST_WAITING = 32
ONE_TIME_BYTES = 15

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=32, type=Type.ID)

# Those of the usual lists that are long enough to be asked for; a long list would refuse little more.
_COMMON = frozenset(
    {
        "123456789012",
        "1234567890123",
        "12345678901234",
        "123456789012345",
        "1234567890123456",
        "123123123123",
        "abcdefghijkl",
        "abcd1234abcd",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiopasdf",
        "qwertyuiop[]",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "zaq12wsxcde3",
        "passwordpassword",
        "password1234",
        "password12345",
        "password123456",
        "passw0rd1234",
        "iloveyou1234",
        "letmein12345",
        "welcome12345",
        "welcome123456",
        "administrator",
        "changemechangeme",
        "adminadminadmin",
        "woaini123456",
        "woaini1314520",
        "woaini5201314",
        "daybookdaybook",
    }
)


class PasswordUnfit(OperatorError):
    """The password is too short, too long or too easy to guess."""


class TooManySignIns(Exception):
    """More passwords wait to be checked than is sensible. Try again a little later."""


def check_new(password: str, sign_in_name: str) -> None:
    """PasswordUnfit unless it may be a person's password."""
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise PasswordUnfit(f"A password has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters.")
    plain = _plain(password).casefold()
    if plain in _COMMON or len(set(plain)) < LEAST_DIFFERENT or plain == sign_in_name.casefold():
        raise PasswordUnfit("The password is too easy to guess. Choose another.")


def one_time_password() -> str:
    """A first password, told once; its person chooses another at the first sign-in."""
    return secrets.token_urlsafe(ONE_TIME_BYTES)


def hash_of(password: str) -> str:
    """The hash in Argon2's own text form, with its parameters and salt. Takes tens of milliseconds."""
    return _HASHER.hash(_plain(password))


class PasswordChecker:
    """Hashes and verifies in threads, few at a time, so that sign-ins starve neither loop nor memory."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        # Verified in place of the hash of somebody who does not exist: it takes as long.
        self._nobody = hash_of(secrets.token_urlsafe())

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether it is the password of this hash. TooManySignIns where too many wait already."""
        known = await self._in_turn(_matches, password, stored or self._nobody)
        return known and stored is not None

    async def hash_of(self, password: str) -> str:
        """As the function of this name, in turn."""
        return await self._in_turn(hash_of, password)

    async def _in_turn(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        if self._waiting >= MOST_WAITING:
            raise TooManySignIns
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work, *given, **named)
        finally:
            self._waiting -= 1


def _matches(password: str, stored: str) -> bool:
    try:
        return _HASHER.verify(stored, _plain(password))
    except (VerificationError, InvalidHashError):
        return False


def _plain(password: str) -> str:
    """The same however the keyboard composes its letters. (NIST SP 800-63B, 5.1.1.2.)"""
    return unicodedata.normalize("NFKC", password)
