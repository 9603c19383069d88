"""Seats of a lake on AWS, on any number of machines, a lease for each: of its queries on Athena, of a source.

A lease is a small object in the bucket, and S3 takes the first of two who write it. Whoever holds one writes it again
while it is used; one that nobody has written for a minute was that of a process that died, and is taken. Afterwards its
process keeps the lease for a moment: a build's next query, or the next request to an API, needs one.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import choice, random, sample
from threading import BoundedSemaphore, Event, Lock, Timer

from connectors.aws.bucket import NOTES, Bucket
from connectors.seats import Seat
from transforms.errors import OutsideError, Stopped

FOLDER = f"{NOTES}/_slots"
LEASE = timedelta(seconds=60)
RENEWAL_S = 20.0
KEPT_S = 1.0
"""How long a slot waits for the next query of its process."""
PAUSE_S = 1.0
"""Between two looks for a free one, on average."""
TRIES = 3
"""Of the free ones that were seen; others may be as quick."""


@dataclass
class Lease:
    """A slot that is held. `tag` is what S3 calls the object as it was written last; None when it is another's."""

    bucket: Bucket
    name: str
    tag: str | None
    written: float
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def renew(self) -> None:
        """To be called now and then while it is held."""
        with self._lock, suppress(OutsideError):  # who took it had reason to: for a minute nobody heard of this process
            if self.tag is not None and time.monotonic() - self.written > RENEWAL_S:
                self._write()

    def give_back(self) -> None:
        """Not when it may be another's by now: it is looked at after half the time that it is good for."""
        with self._lock, suppress(OutsideError):
            if self.tag is not None and time.monotonic() - self.written > LEASE.total_seconds() / 2:
                self._write()
            if self.tag is not None:
                self.bucket.delete([self.name])

    def _write(self) -> None:
        self.tag, self.written = self.bucket.replace(self.name, secrets.token_bytes(16), self.tag), time.monotonic()


class Slots:
    """At most `count` at once. Safe to use from several threads. `stopped` ends the waits of `taken`."""

    def __init__(self, bucket: Bucket, count: int, stopped: Event, folder: str = FOLDER) -> None:
        self._bucket, self._stopped, self._folder = bucket, stopped, folder
        self._names = [f"{folder}/{number}" for number in range(count)]
        self._here = BoundedSemaphore(count)
        self._lock = Lock()
        self._kept: list[tuple[float, Lease]] = []
        self._seats: list[Lease] = []
        self._timer: Timer | None = None

    @contextmanager
    def taken(self) -> Iterator[Lease]:
        """Waits until there is a slot. Raises Stopped when the wait is."""
        lease = self._waited(self._stopped)
        try:
            yield lease
        finally:
            self._leave(lease)

    def take(self, stopped: Event) -> Seat:
        """See Seats. A thread writes its lease again for as long as it is held."""
        return self._seat(self._waited(stopped))

    def free(self) -> Seat | None:
        """See Seats."""
        if not self._here.acquire(blocking=False):
            return None
        lease = None
        try:
            lease = self._kept_one() or self._of(self._bucket.dated_tags(self._folder))
        finally:
            if lease is None:
                self._here.release()
        return self._seat(lease) if lease else None

    def give_back(self, unused_s: float = 0.0) -> None:
        """The leases that no query has had for so long."""
        until = time.monotonic() - unused_s
        with self._lock:
            old = [lease for since, lease in self._kept if since <= until]
            self._kept = [(since, lease) for since, lease in self._kept if since > until]
        for lease in old:
            lease.give_back()

    def _seat(self, lease: Lease) -> Seat:
        with self._lock:
            self._seats.append(lease)
            self._look_again()
        return Seat(partial(self._leave, lease))

    def _leave(self, lease: Lease) -> None:
        try:
            with self._lock:
                self._seats = [each for each in self._seats if each is not lease]
            self._keep(lease)
        finally:
            self._here.release()

    def _keep(self, lease: Lease) -> None:
        if self._stopped.is_set():
            lease.give_back()
            return
        with self._lock:
            self._kept.append((time.monotonic(), lease))
            self._look_again()

    def _look_again(self) -> None:
        if self._timer is None and (self._kept or self._seats):
            self._timer = Timer(KEPT_S, self._look)
            self._timer.daemon = True
            self._timer.start()

    def _look(self) -> None:
        self.give_back(KEPT_S)
        with self._lock:
            held = list(self._seats)
        for lease in held:
            lease.renew()
        with self._lock:
            self._timer = None
            self._look_again()

    def _waited(self, stopped: Event) -> Lease:
        while not self._here.acquire(timeout=PAUSE_S / 2):
            _go_on(stopped)
        try:
            return self._lease(stopped)
        except BaseException:
            self._here.release()
            raise

    def _lease(self, stopped: Event) -> Lease:
        found = self._kept_one() or self._written(choice(self._names), None)
        while found is None:
            _go_on(stopped)
            held = self._bucket.dated_tags(self._folder)
            found = self._kept_one() or self._of(held)
            if found is None and stopped.wait(PAUSE_S * (0.5 + random())):
                _go_on(stopped)
        return found

    def _kept_one(self) -> Lease | None:
        """One that an earlier query of this process had, and nobody has taken since."""
        while True:
            with self._lock:
                if not self._kept:
                    return None
                _, lease = self._kept.pop()
            lease.renew()
            if lease.tag is not None:
                return lease

    def _of(self, held: Mapping[str, tuple[str, timedelta]]) -> Lease | None:
        """One that is free, or that of a process which died."""
        free: list[tuple[str, str | None]] = [(name, None) for name in self._names if name not in held]
        dead: list[tuple[str, str | None]] = [
            (name, held[name][0]) for name in self._names if name in held and held[name][1] > LEASE
        ]
        open_ = free + dead
        for name, tag in sample(open_, min(TRIES, len(open_))):
            if (found := self._written(name, tag)) is not None:
                return found
        return None

    def _written(self, name: str, tag: str | None) -> Lease | None:
        new = self._bucket.replace(name, secrets.token_bytes(16), tag)
        return Lease(self._bucket, name, new, time.monotonic()) if new else None


def _go_on(stopped: Event) -> None:
    if stopped.is_set():
        raise Stopped("stopped")
