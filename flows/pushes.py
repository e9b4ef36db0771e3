"""The application of the intake: takes what partners push over HTTPS, and lands it before it answers.

    POST /push/<feed>     the delivery as the body, signed as Standard Webhooks say (signatures.py)
    201  landed           200  landed before: the same id with the same body
    400  the headers or the body are missing or misshapen       401  not signed by a key of the feed, or not lately
    404  no such address  405  another method than POST          408  the body did not come within its time
    409  the id was used for another body                        413  too large     415  packed or encoded
    429  too many         500, 503, 507  ours: busy, or no room on the disk; nothing landed, push again

The answer holds one line and no word of what was sent.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flows.arrivals import Untold
from flows.intake_settings import IntakeFault, intake_file, read_intake
from flows.signatures import NotSigned, message_id, refuse_unsigned
from flows.store import Run, Store
from warehouse.landing import Landed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

#: The largest guard export seen in the wild is 5 MB; this is ten years of them in one. Held in memory, so
#: BODIES × BODY_BYTES is the most an intake takes: 256 MB.
BODY_BYTES = 64_000_000
BODIES = 4
#: Seconds for the body of a request.
BODY_S = 120.0
#: Signed pushes a minute and feed. A night's hand-over is one or two.
PUSHES_A_MINUTE = 30

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")


class Refusal(Exception):
    """An answer other than "landed": its status, its line, and when to come again."""

    def __init__(self, status: int, line: str, retry_after_s: int | None = None) -> None:
        super().__init__(line)
        self.status, self.line, self.retry_after_s = status, line, retry_after_s


def land_push(store: Store, feed: str, identity: str, body: bytes, media_type: str | None, run: Run) -> Landed | bool:
    """Land one push; the delivery, or True where the same body landed under the same id before.

    Raises Refusal(409) where the id stands for another body. What is durable on return cannot be lost by a kill, so
    the sender may forget it. Which ids were used is known from the journal alone.
    """
    name = f"push {identity}"
    with store.landing.alone():
        for earlier in store.landing.named(feed, name):
            if earlier.sender_mtime is None:  # a dropped file may have any name
                if earlier.size == len(body) and _is_same(earlier, body):
                    return True
                raise Refusal(
                    409, "this webhook-id was used for another body; nothing landed: give a new push a new id"
                )
        at = run.now()
        landed = store.landing.land(
            feed, body, received_at=at, landed_at=at, name=name, run_id=run.run_id, media_type=media_type
        )
        if landed is None:
            return True
        store.landing.note_attempt(
            feed, run_id=run.run_id, started_at=at, ended_at=run.now(), status="ok", delivery_count=1
        )
    return landed


def _is_same(earlier: Landed, body: bytes) -> bool:
    return earlier.sha256 == hashlib.sha256(body).hexdigest()


class Intake:
    """The application: one store, and the settings of its intake, read anew when their file changes."""

    def __init__(self, store: Store, feeds: dict[str, Any], say: Callable[[str], None], untold: Untold) -> None:
        self.store, self.feeds, self.say, self.untold = store, feeds, say, untold
        self.has_come = threading.Event()
        self.path = intake_file(store)
        self.settings = read_intake(self.path, feeds)
        self._read_at = self._mark()
        self._bodies = 0
        self._lately: dict[str, deque[float]] = defaultdict(deque)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.requests import Request

        if scope["type"] != "http":
            return
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        from starlette.responses import Response

        headers = {"Connection": "close"}
        try:
            status, line = await self._push(request)
        except Refusal as refusal:
            status, line = refusal.status, refusal.line
            if refusal.retry_after_s is not None:
                headers["Retry-After"] = str(refusal.retry_after_s)
            if status == 405:
                headers["Allow"] = "POST"
        except Exception as error:  # a fault of ours: the sender learns that, the log which
            self.say(f"a push was refused: {type(error).__name__}")
            status, line = 500, "a fault on our side; nothing landed: push again later"
        return Response(json.dumps({"status": line}) + "\n", status, headers, "application/json")

    async def _push(self, request: Request) -> tuple[int, str]:
        match = re.fullmatch(r"/push/([a-z][a-z0-9_]{0,60})", request.scope["path"])
        if request.scope["path"] == "/health" and request.method == "GET":
            return 200, "up"
        if match is None:
            raise Refusal(404, "no such address; deliveries are pushed to /push/FEED")
        if request.method != "POST":
            raise Refusal(405, "only POST is answered here")
        feed = match[1]
        try:
            identity, _ = message_id(request.headers)
        except NotSigned as fault:
            raise Refusal(400, str(fault)) from None
        if request.headers.get("content-encoding", "identity") != "identity":
            raise Refusal(415, "content-encoding is not understood; send the file as it is")
        body = await self._body(request)
        try:
            refuse_unsigned(self._keys(feed), request.headers, body, time.time())
        except NotSigned as fault:
            raise Refusal(401, f"{fault}; nothing landed") from None
        self._refuse_flood(feed)
        if not body:
            raise Refusal(400, "the body is empty; nothing landed")
        return await self._land(feed, identity, body, request.headers.get("content-type", ""))

    async def _land(self, feed: str, identity: str, body: bytes, content_type: str) -> tuple[int, str]:
        named = content_type.partition(";")[0].strip().lower()
        media_type = named if _MEDIA_TYPE.fullmatch(named) else None
        try:
            landed = await asyncio.to_thread(land_push, self.store, feed, identity, body, media_type, Run.start())
        except OSError as error:
            self.say(f"{feed}: a push could not be landed: {error.strerror}")
            if error.errno in NO_ROOM:
                raise Refusal(507, "no room on our disk; nothing landed: push again later", 300) from None
            raise Refusal(500, "our disk is at fault; nothing landed: push again later", 300) from None
        if landed is True:
            return 200, "landed before"
        self.say(f"{feed}: 1 pushed, {len(body)} bytes")
        self.untold.add(feed, 1)
        self.has_come.set()
        return 201, "landed"

    async def _body(self, request: Request) -> bytes:
        """The whole body, never more of it than BODY_BYTES. Raises Refusal."""
        from starlette.requests import ClientDisconnect

        too_large = Refusal(413, f"larger than {BODY_BYTES} bytes; nothing landed: split it")
        stated = request.headers.get("content-length", "0")
        if not stated.isascii() or not stated.isdigit():
            raise Refusal(400, "content-length is no number")
        if int(stated) > BODY_BYTES:
            raise too_large
        if self._bodies >= BODIES:
            raise Refusal(503, "busy with other pushes; nothing landed: push again", 5)
        self._bodies += 1
        try:
            async with asyncio.timeout(BODY_S):
                parts, size = [], 0
                async for part in request.stream():
                    size += len(part)
                    if size > BODY_BYTES:
                        raise too_large
                    parts.append(part)
                return b"".join(parts)
        except TimeoutError:
            raise Refusal(408, f"the body did not come within {BODY_S:g} s; nothing landed") from None
        except ClientDisconnect:
            raise Refusal(400, "the body broke off; nothing landed") from None
        finally:
            self._bodies -= 1

    def _refuse_flood(self, feed: str) -> None:
        lately, now = self._lately[feed], time.monotonic()
        while lately and now - lately[0] > 60:
            lately.popleft()
        if len(lately) >= PUSHES_A_MINUTE:
            raise Refusal(429, f"more than {PUSHES_A_MINUTE} pushes a minute; nothing landed", 60)
        lately.append(now)

    def _keys(self, feed: str) -> tuple[bytes, ...]:
        """The feed's keys as they stand in the file now; those of before where it has faults."""
        if (mark := self._mark()) != self._read_at:
            self._read_at = mark
            try:
                self.settings = read_intake(self.path, self.feeds)
                self.say("intake.toml changed: its keys count from now on")
            except IntakeFault as fault:
                self.say(f"{fault}; the keys of before count")
        return self.settings.keys.get(feed, ())

    def _mark(self) -> tuple[int, int]:
        try:
            status = self.path.stat()
        except OSError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_ino)
