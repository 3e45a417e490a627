"""How much one token may ask for in a minute: past it, its partner waits, and no other does (X04)."""

from datetime import datetime, timedelta
from threading import Lock

MINUTE = timedelta(minutes=1)


class Budget:
    """So many requests a minute for each token, in this process. A minute begins with the first request in it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._spent: dict[str, tuple[datetime, int]] = {}
        self._lock = Lock()

    def spend(self, token: str, at: datetime) -> bool:
        """Count one request; False where the token has had all it may in its minute."""
        with self._lock:
            begun, count = self._spent.get(token, (at, 0))
            if not begun <= at < begun + MINUTE:
                begun, count = at, 0
            self._spent[token] = (begun, min(count + 1, self._most + 1))
            return count < self._most

    def wait(self, token: str, at: datetime) -> int:
        """After so many seconds it may ask again."""
        begun, _ = self._spent.get(token, (at, 0))
        return max(1, -(-(begun + MINUTE - at) // timedelta(seconds=1)))
