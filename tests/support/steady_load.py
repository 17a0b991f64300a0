"""People who ask an API, or a balancer before several, at a steady rate: reads, and drafts in between."""
import http.client
import json
import threading
import time
from collections import Counter

CLIENTS, A_SECOND, POST_EVERY = 20, 200, 4


class Load:
    """Clients that ask at a steady rate, each on one connection, and never ask twice."""

    def __init__(self, port, user, room):
        self.port, self.room = port, room
        self.headers = {"Authorization": f"Bearer {user.token}", "Content-Type": "application/json"}
        self.draft = json.dumps({"persona_id": user.persona(daily_draft_quota=10_000).id})
        self.sent, self.failed, self.posted = 0, [], []
        self._ended, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._client, args=(i,)) for i in range(CLIENTS)]

    def _client(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        began, asked = time.monotonic() + number / A_SECOND, 0
        while not self._ended.wait(max(began + asked * CLIENTS / A_SECOND - time.monotonic(), 0)):
            asked += 1
            self._ask(connection, is_post=asked % POST_EVERY == 0)
        connection.close()

    def _ask(self, connection, is_post):
        method, path = ("POST", f"/rooms/{self.room.id}/posts/draft") if is_post else ("GET", "/rooms")
        try:
            connection.request(method, path, self.draft if is_post else None, self.headers)
            answer = connection.getresponse()
            told, fine = answer.read(), answer.status == (201 if is_post else 200)
        except (OSError, http.client.HTTPException) as error:
            told, fine = repr(error), False
            connection.close()
        with self._lock:
            self.sent += 1
            if not fine:
                self.failed.append((method, told))
            elif is_post:
                self.posted.append(json.loads(told)["id"])

    def is_stored_once(self, database):
        """What was acknowledged, and nothing else."""
        stored = database.rows("SELECT id::text FROM posts WHERE room_id = %s AND status = 'DRAFT'", self.room.id)
        return Counter(row["id"] for row in stored) == Counter(self.posted)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join()
