"""The socket beneath a connection: greeting, time limits, signs of life, and coming back."""

import socket
import struct
import time
from contextlib import suppress

from . import _wire
from ._wire import UNCHECKED, Error, reporting

READ_AHEAD = 1 << 15
LOST, SHUTTING_DOWN = 5003, 2004
UNKNOWN = "whether the request took effect is unknown"


class Link:
    """Frames to a server and back. A server that owes an answer and says nothing for half of
    `patience` seconds is asked for a sign of life, which a busy one gives; after all of them it is
    given up."""

    def __init__(self, url, address, timeout, patience, name):
        self.url, self._address, self._name = url, address, name
        self._timeout, self._patience = timeout, patience
        self._request, self._socket, self._settings = 0, None, []
        self._open()

    def _open(self):
        """Connects and exchanges greetings, within `timeout` seconds each."""
        self._ahead, self._at, self._limit, self._leaving = b"", 0, _wire.LIMIT, False
        try:
            self._socket = socket.create_connection(self._address, self._timeout)
        except socket.gaierror:
            raise Error(5002, "CANNOT_CONNECT",
                        f"the host {self._address[0]} cannot be found") from None
        except ConnectionRefusedError:
            raise Error(5002, "CANNOT_CONNECT", f"nobody listens at {self.url}",
                        "Is stoad running there?") from None
        except socket.timeout:
            raise Error(5002, "CANNOT_CONNECT", f"{self.url} does not answer") from None
        except OSError as error:
            raise Error(5002, "CANNOT_CONNECT",
                        f"{self.url}: {error.strerror or error}") from None
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        hello = struct.pack("<IHHIQII", _wire.MAGIC, 1, 1, 0, 7, _wire.LIMIT, 0)
        self._is_greeting = True
        name = _wire.option(_wire.CLIENT_NAME, self._name, False)
        self._send(_wire.HELLO, hello, name, request=0)
        fixed, options, _ = _wire.split(self._answer(0, _wire.WELCOME)[1], 64)
        self._is_greeting = False
        self._socket.settimeout(self._patience / 2)
        self.version, self._limit = struct.unpack_from("<H14xI", fixed, 8)
        self.server = options.get(_wire.SERVER_NAME, b"").decode()

    def _drop(self):
        """Lets go of the socket; the next request connects anew."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
        self._socket = None

    # Requests

    def _safely(self, work, repeats):
        """Does `work`, on a new connection if the server went away meanwhile; a second time if the
        connection is lost on the way and `repeats` says that this does nothing twice."""
        if self._is_gone():
            self._drop()
            self._return()
        try:
            return work()
        except Error as error:
            if error.code not in (LOST, SHUTTING_DOWN):
                raise
            self._drop()
            if not repeats:
                raise
            try:
                self._return()
            except Error:
                raise error from None
            return work()

    def _is_gone(self):
        """Whether the server has left while nothing was asked of it; answers its pings."""
        if self._socket is None or self._leaving:
            return True
        try:
            self._socket.settimeout(0)
            data = self._socket.recv(READ_AHEAD)
            if not data:
                return True
            self._ahead, self._at = self._ahead[self._at:] + data, 0
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            return True
        finally:
            self._socket.settimeout(self._patience / 2)
        try:
            while len(self._ahead) - self._at >= _wire.HEADER.size and not self._leaving:
                if _wire.HEADER.unpack_from(self._ahead, self._at)[4] != 0:
                    break  # An answer that nobody waits for any more is skipped by the next.
                self._take(*self._frame(), None)
        except Error:
            return True
        return self._leaving

    def _return(self):
        """Connects anew, for as long as a restart may take, with what was SET before."""
        deadline = time.monotonic() + (5 if self._timeout is None else self._timeout)
        while True:
            try:
                self._open()
                break
            except Error as error:
                self._drop()
                if error.code not in (5002, LOST, SHUTTING_DOWN) or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        for statement in self._settings:
            self._replay(statement)

    # Frames

    def _send(self, kind, fixed=b"\0\0\0\0", options=b"", body=b"", request=None):
        if request is None:
            self._request = request = self._request % 0xFFFFFFFF + 1
        data = _wire.frame(kind, request, fixed, options, body)
        if len(data) - _wire.HEADER.size > self._limit:
            raise Error(1019, "FRAME_TOO_LARGE", f"{len(data)} bytes, not {self._limit}")
        left = memoryview(data)
        try:
            while left:
                left = left[self._socket.send(left):]
        except socket.timeout:
            raise self._silence(self._patience / 2) from None
        except OSError as error:
            raise self._loss(error) from None
        return request

    def _answer(self, request, *kinds):
        """(kind, payload) of the next frame of a request; an ERROR frame is raised."""
        while True:
            found = self._take(*self._frame(), request)
            if found is not None and found[0] in kinds:
                return found

    def _take(self, kind, answered, payload, request):
        """Does what a frame asks for; (kind, payload) if it answers `request`."""
        if kind == _wire.PING:
            self._send(_wire.PONG, body=_wire.split(payload, 8)[2], request=answered)
        elif kind == _wire.GOODBYE:
            self._leaving = True
        elif kind == _wire.ERROR and answered in (0, request):
            raise _wire.parse_error(payload)
        elif answered == request:
            return kind, payload
        return None

    def _frame(self):
        """(kind, request, payload) of the next frame."""
        size, kind, flags, _, answered, crc = _wire.HEADER.unpack(self._read(16))
        if size > _wire.LIMIT:
            raise _wire.malformed("a frame's length")
        payload = self._read(size)
        if not flags & UNCHECKED and size <= _wire.SUMMED and _wire.crc32c(payload) != crc:
            raise _wire.malformed("a frame's checksum")
        return kind, answered, payload

    def _read(self, size):
        """That many bytes, reading ahead: frames come in groups."""
        parts, missing = [], size
        while missing:
            if self._at == len(self._ahead):
                self._ahead, self._at = self._receive(missing), 0
            part = self._ahead[self._at:self._at + missing]
            self._at += len(part)
            missing -= len(part)
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _receive(self, size):
        """Some bytes, `size` or more if they are there."""
        for is_asked in (False, True):
            try:
                data = self._socket.recv(min(max(size, READ_AHEAD), 1 << 20))
            except socket.timeout:
                if is_asked or self._is_greeting:
                    raise self._silence(self._patience) from None
                self._send(_wire.PING, request=0)
                continue
            except OSError as error:
                raise self._loss(error) from None
            if not data:
                raise self._loss(None)
            return data

    # What went wrong

    def _silence(self, seconds):
        if self._is_greeting:
            return Error(5002, "CANNOT_CONNECT", f"{self.url} does not answer the greeting",
                         "Something listens there, but it is stopped, overloaded or no stoad.")
        return Error(LOST, "CONNECTION_LOST", f"{self.url} has said nothing for {seconds:g} s",
                     f"It is stopped or out of reach; {UNKNOWN}.")

    def _loss(self, error):
        what = (error.strerror or str(error)) if error else "the server closed the connection"
        return Error(LOST, "CONNECTION_LOST", f"{self.url}: {what}", f"{UNKNOWN}")
