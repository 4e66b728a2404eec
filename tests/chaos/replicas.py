"""Replicas of `suyuan ingest`: started, killed, stopped still, and what they said."""

import json
import os
import signal
import subprocess
import time
from contextlib import ExitStack

from servers import Failed, Patience, clean_environment

LEAVE_SECONDS = 600


class Replica:
    """One process. What it says goes into a file."""

    def __init__(self, site, name, *more, static=False):
        self.name = name
        client = "heartbeat.interval.ms=500;session.timeout.ms=6000"
        if static:
            client += f";group.instance.id={name.split('-')[0]}"
        self.log = site.folder / f"{name}.log"
        self.report = site.folder / f"{name}.json"
        with self.log.open("wb") as said, self.report.open("wb") as told:
            self.process = subprocess.Popen(
                site.words("-v", "--json", "ingest", *more),
                cwd=site.folder,
                env=clean_environment(SUYUAN_KAFKA_CLIENT=client),
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=said,
            )

    def said(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def count(self, words):
        return self.said().count(words)

    def wait_for(self, words, seconds, times=1):
        """Waits until it has said so; how long that took."""
        began, patience = time.monotonic(), Patience(seconds)
        while self.count(words) < times:
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended with {self.process.returncode} before it said {words!r}: {self.said()[-2000:]}")
            if patience.is_over():
                raise Failed(f"{self.name} did not say {words!r} within {seconds} s: {self.said()[-2000:]}")
            time.sleep(0.01)
        return time.monotonic() - began

    def runs(self):
        return self.process.poll() is None

    def tell(self, which):
        self.process.send_signal(which)

    def kill(self):
        self.tell(signal.SIGKILL)
        self.process.wait()

    def hit_a_batch(self):
        """Whether it was ended between the opening of a batch and its end."""
        return self.count("batch committed") < self.count("batch open")

    def end(self):
        """Asks it to end; its report."""
        self.tell(signal.SIGTERM)
        try:
            code = self.process.wait(LEAVE_SECONDS)
        except subprocess.TimeoutExpired as late:
            raise Failed(f"{self.name} does not end: {self.said()[-2000:]}") from late
        if code == -signal.SIGTERM and not self.said():
            # It was told before it listened, and had not begun.
            return None
        if code != 0:
            raise Failed(f"{self.name} ended with {code}: {self.said()[-2000:]}")
        return json.loads(self.report.read_text(encoding="utf-8").splitlines()[-1])


def one_that_opens_a_batch(replicas, seconds):
    """Waits until one of them opens another batch, and tells which; none when nothing comes in that time."""
    with ExitStack() as files:
        logs = [(replica, files.enter_context(replica.log.open("rb"))) for replica in replicas]
        for _, said in logs:
            said.seek(0, os.SEEK_END)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for replica, said in logs:
                if b"batch open" in said.read():
                    return replica
            time.sleep(0.005)
    return None


class Replicas:
    """All replicas that were ever started, by their name and how often it was started."""

    def __init__(self, site):
        self.site = site
        self.all = []

    def start(self, name, *more, static=False):
        """A replica; a static one has a name in the group that outlives its death."""
        replica = Replica(self.site, f"{name}-{len(self.all)}", *more, static=static)
        self.all.append(replica)
        return replica

    def count(self, words):
        return sum(replica.count(words) for replica in self.all)

    def end_all(self):
        for replica in self.all:
            if replica.runs():
                replica.tell(signal.SIGCONT)
                replica.kill()
