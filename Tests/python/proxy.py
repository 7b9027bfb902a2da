"""A proxy between a client and a daemon that ends a connection where a test wants it ended."""

import socket
import struct
import threading

HEADER = struct.Struct("<IB11x")
BULK_BATCH, BULK_COMMIT, BULK_COMMITTED = 50, 52, 53


class CommitProxy:
    """Passes frames on between one client and the daemon until a bulk load is committed.

    `ends` says what happens then: `before` ends the connection without passing the commit on,
    `after` when the daemon has answered and the client does not have the answer, `never` keeps
    the answer back until `close`; `batch` ends it at the first batch of rows.
    """

    def __init__(self, port, ends):
        self.port, self.ends = port, ends
        self.committed = threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"stoa://127.0.0.1:{self.server.getsockname()[1]}"
        self.sockets = []
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        self.server.settimeout(60)
        client, _ = self.server.accept()
        daemon = socket.create_connection(("127.0.0.1", self.port))
        self.sockets = [client, daemon]
        for one in self.sockets:
            one.settimeout(60)
        answers = threading.Thread(
            target=self._pass, args=(daemon, client, self._ends_at_answer), daemon=True)
        answers.start()
        self._pass(client, daemon, self._ends_at_request)
        answers.join(60)

    def _ends_at_request(self, kind):
        return kind == {"before": BULK_COMMIT, "batch": BULK_BATCH}.get(self.ends)

    def _ends_at_answer(self, kind):
        if kind != BULK_COMMITTED:
            return False
        self.committed.set()
        return self.ends == "after"

    def _pass(self, source, target, ends):
        try:
            while frame := self._frame(source):
                if ends(frame[4]):
                    self._end()
                    return
                if not (self.ends == "never" and frame[4] == BULK_COMMITTED):
                    target.sendall(frame)
        except OSError:
            pass  # The other direction ended the connection.
        self._end()

    @staticmethod
    def _frame(source):
        def read(count):
            data = b""
            while len(data) < count and (more := source.recv(count - len(data))):
                data += more
            return data
        head = read(HEADER.size)
        return head + read(HEADER.unpack(head)[0]) if len(head) == HEADER.size else b""

    def _end(self):
        for one in self.sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # It is ended already.

    def close(self):
        self._end()
        self.thread.join(60)
        for one in [self.server, *self.sockets]:
            one.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
