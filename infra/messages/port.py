"""The port through which messages leave, and the adapter that sends none: then the inbox alone has them."""

from typing import Protocol

import msgspec


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it leaves. `message_id` is the same however often it is tried."""

    message_id: str
    subject: str
    text: str


class NotDelivered(Exception):
    """It can't be delivered and never will be. The text holds a code, and no address."""


class Messenger(Protocol):
    """Sends letters. What is raised besides NotDelivered is tried again."""

    @property
    def sends(self) -> bool:
        """Whether letters leave at all; if not no address is opened."""
        ...

    async def send(self, letter: Letter, address: str) -> None:
        """Sends a letter to an address, which is kept nowhere."""
        ...


class Recording:
    """Sends nothing and keeps the ids of what it was given. The default: the inbox has the messages."""

    sends = False

    def __init__(self) -> None:
        self.given: list[str] = []

    async def send(self, letter: Letter, address: str) -> None:
        """Notes the letter's id."""
        self.given.append(letter.message_id)
