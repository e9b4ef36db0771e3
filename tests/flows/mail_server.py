"""A small mail server that keeps what it was given: plain, STARTTLS or TLS from the first byte, and its refusals."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
import time
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer:
    """Use as ``with MailServer(tls) as server:``; ``server.mails`` holds what came, ``server.was_in_clear`` how.

    ``starttls`` offers it, ``implicit`` speaks TLS at once, ``login`` is the (user, password) it asks for,
    ``refuses`` maps a command ("RCPT", "DATA" …) to the answer it gets, ``drips_s`` lets each byte take as long.
    """

    def __init__(self, tls=None, *, starttls=False, implicit=False, login=None, refuses=None, drips_s=0.0):
        self.mails: list[EmailMessage] = []
        self.receivers: list[list[str]] = []
        self.commands: list[str] = []
        self.refuses = dict(refuses or {})
        talk = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    if implicit:
                        self._secure()
                    self._talk()
                except (OSError, ssl.SSLError):
                    return

            def _secure(self):
                self.request = tls.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)

            def _say(self, line):
                for byte in line.encode() + b"\r\n":
                    self.wfile.write(bytes([byte]))
                    if drips_s:
                        time.sleep(drips_s)

            def _talk(self):
                is_secure, to = implicit, []
                self._say("220 mail.example ESMTP")
                while line := self.rfile.readline():
                    word, _, rest = line.decode().strip().partition(" ")
                    word = word.upper()
                    talk.commands.append(word)
                    if word in talk.refuses:
                        self._say(talk.refuses[word])
                        continue
                    if word == "EHLO":
                        offers = ["mail.example", "8BITMIME"]
                        offers += ["STARTTLS"] if starttls and not is_secure else []
                        offers += ["AUTH PLAIN"] if login else []
                        for offer in offers[:-1]:
                            self._say(f"250-{offer}")
                        self._say(f"250 {offers[-1]}")
                    elif word == "STARTTLS":
                        self._say("220 go ahead")
                        self._secure()
                        is_secure = True
                    elif word == "AUTH":
                        given = base64.b64decode(rest.split()[-1]).decode().split("\0")[1:]
                        talk.logged_in_over_tls = is_secure
                        self._say("235 welcome" if tuple(given) == login else f"535 {given[1]} is wrong")
                    elif word in ("MAIL", "RSET", "NOOP"):
                        to = []
                        self._say("250 ok")
                    elif word == "RCPT":
                        to.append(rest)
                        self._say("250 ok")
                    elif word == "DATA":
                        self._say("354 go ahead")
                        body = b""
                        while (part := self.rfile.readline()) != b".\r\n":
                            body += part
                        talk.mails.append(message_from_bytes(body, policy=policy.default))
                        talk.receivers.append(to)
                        self._say("250 taken")
                    elif word == "QUIT":
                        self._say("221 bye")
                        return
                    else:
                        self._say("502 unknown")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads, allow_reuse_address = True, True

            def handle_error(self, *_):
                """Nothing: clients that break off are what is being tested."""

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
