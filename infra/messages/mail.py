"""Letters by SMTP. The standard library's client blocks, so it runs in a thread: letters are few."""

import asyncio
import smtplib
from email.message import EmailMessage
from email.utils import formatdate
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from infra.errors import OperatorError
from infra.messages.port import Letter, NotDelivered

TIMEOUT_S = 30.0
PERMANENT = 500
"""Replies from here on are for good (RFC 5321, 4.2.1)."""
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class MailUnusable(OperatorError):
    """The server's address can't be used."""


class MailFailed(Exception):
    """The server did not take the letter this time. The text holds its reply's code, and no address."""


class Server(NamedTuple):
    """A mail server as DAYBOOK_SMTP_URL names it."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None

    @classmethod
    def of_url(cls, url: str) -> "Server":
        """`smtp://`, `smtps://` or `smtp+starttls://user:password@host:port`; MailUnusable for others."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise MailUnusable(f"DAYBOOK_SMTP_URL begins with {', '.join(_PORTS)} and names a host.")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            user=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
        )


class Mail:
    """Sends letters through a mail server."""

    sends = True

    def __init__(self, url: str, sender: str) -> None:
        self._server = Server.of_url(url)
        self._sender = sender

    async def send(self, letter: Letter, address: str) -> None:
        """Sends a letter. NotDelivered where it is refused for good, MailFailed where a try may help."""
        mail = EmailMessage()
        mail["From"] = self._sender
        _address(mail, address)
        mail["Subject"] = letter.subject
        mail["Date"] = formatdate(usegmt=True)
        # The same for each try, so that whoever gets it twice can tell.
        mail["Message-ID"] = f"<{letter.message_id}@daybook>"
        mail.set_content(letter.text)
        try:
            await asyncio.to_thread(self._send, mail)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            kind = NotDelivered if min(codes, default=0) >= PERMANENT else MailFailed
            raise kind(f"refused with {codes}") from None
        except smtplib.SMTPResponseException as error:
            # What the server says may repeat the address.
            raise MailFailed(f"the server answered {error.smtp_code}") from None
        except smtplib.SMTPNotSupportedError:
            raise NotDelivered("the server takes no such address") from None
        except (OSError, smtplib.SMTPException) as error:
            raise MailFailed(f"no letter could be sent: {type(error).__name__}") from None

    def _send(self, mail: EmailMessage) -> None:
        server = self._server
        client = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
        with client(server.host, server.port, timeout=TIMEOUT_S) as session:
            if server.scheme == "smtp+starttls":
                session.starttls()
            if server.user is not None:
                session.login(server.user, server.password or "")
            session.send_message(mail)


def _address(mail: EmailMessage, address: str) -> None:
    """Addresses the letter, or NotDelivered: what is read as two addresses would tell a stranger."""
    try:
        mail["To"] = address
        addresses = [each.addr_spec for each in mail["To"].addresses]
    except ValueError:
        addresses = []
    if addresses != [address] or not address.isprintable():
        raise NotDelivered("no usable address")
