"""A mail server for tests: takes letters over a real socket, or refuses them as it is told."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email import message_from_string
from email.message import Message


class MailServer:
    """What it took, and how it answers the next RCPT."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: list[tuple[str, Message]] = []
        self.answer_to_rcpt = "250 ok"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        to = ""
        say("220 test")
        while line := (await reader.readline()).decode().strip():
            match line.split(":")[0].split(" ")[0].upper():
                case "EHLO" | "HELO" | "MAIL" | "RSET":
                    say("250 ok")
                case "RCPT":
                    to = line.partition("<")[2].rstrip(">")
                    say(self.answer_to_rcpt)
                case "DATA":
                    say("354 go on")
                    text = (await reader.readuntil(b"\r\n.\r\n")).decode()
                    self.taken.append((to, message_from_string(text)))
                    say("250 taken")
                case "QUIT":
                    say("221 bye")
                    break
                case _:
                    say("500 what?")
        writer.close()


@asynccontextmanager
async def mail_server() -> AsyncGenerator[MailServer]:
    """A server on a free port of this machine."""
    server = MailServer()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
