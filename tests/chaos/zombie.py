"""A replica that stands still (SIGSTOP) past its session while another takes its partitions, and goes on (SIGCONT)."""

import random
import signal
import subprocess
import time

from replicas import one_that_opens_a_batch
from servers import Failed, Patience
from stage import Stage

PARTITIONS = 2
# Where a replica is stopped, as the database sees it.
IN_TRANSACTION, IN_ROWS, BETWEEN, IN_CLAIM = "in a transaction", "in the middle of its rows", "between transactions", "in its claim"
WAITING_FOR_ROWS = "waiting for rows"
STOPS_MAX = 300
SESSION_SECONDS = 6
# The next writer waits for the session, for a transaction that stands still (20 s, in the middle of a statement 60 s), and for the group.
TAKE_OVER_SECONDS = 120
MEMBER_SECONDS = 90
FENCED = "another process writes this shard"


def place(seen):
    """Where it stands, when the database sees this."""
    if WAITING_FOR_ROWS in seen:
        return IN_ROWS
    return IN_TRANSACTION if seen else BETWEEN


class Zombie:
    def __init__(self, options, folder, kafka, postgres):
        self.options, self.postgres = options, postgres
        self.stage = Stage(options, folder, kafka, postgres, "zombie", PARTITIONS)
        self.replicas = self.stage.replicas
        self.random = random.Random(options.seed)
        self.rounds = []
        self.reports = []

    def send(self, events):
        for partition, lines in enumerate(self.stage.world.next_wave(events)):
            self.stage.produce(partition, lines)

    def sessions(self):
        """What the database sees of the program's transactions."""
        database = self.stage.databases[0]
        state = f"CASE WHEN state = 'active' AND wait_event = 'ClientRead' THEN '{WAITING_FOR_ROWS}' ELSE state END"
        sql = f"SELECT {state} FROM pg_stat_activity WHERE datname = '{database}' AND application_name LIKE 'suyuan%' AND xact_start IS NOT NULL"
        return [row[0] for row in self.postgres.ask("postgres", sql)]

    # ------------------------------------------------------------------ where it is stopped

    def stop_at_work(self, replica, where):
        """Stops it again and again until it stands where it is wanted."""
        for _ in range(STOPS_MAX):
            one_that_opens_a_batch([replica], 2)
            time.sleep(self.random.uniform(0, 0.3))
            replica.tell(signal.SIGSTOP)
            time.sleep(0.1)
            seen = self.sessions()
            if where == place(seen):
                return ", ".join(seen) or "nothing open"
            replica.tell(signal.SIGCONT)
            if not seen:
                # It has nothing to do, or is between two batches.
                self.send(self.options.wave)
        raise Failed(f"{replica.name} was never met {where}")

    def stop_in_claim(self, name):
        """Starts a replica while the heads are locked, stops it when it waits for one, and unlocks them."""
        words = [self.postgres.psql, "-X", "-q", "-c", "BEGIN; SELECT 1 FROM ledger_heads FOR UPDATE; SELECT pg_sleep(600)", self.postgres.url(self.stage.databases[0])]
        holder = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        replica = self.replicas.start(name)
        replica.wait_for("assigned", 60)
        time.sleep(1)
        replica.tell(signal.SIGSTOP)
        self.postgres.ask("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()")
        holder.wait()
        time.sleep(0.5)
        return replica, ", ".join(self.sessions()) or "nothing open"

    # ------------------------------------------------------------------ rounds

    def round(self, number, where):
        """One replica alone, at work; stopped; another takes over; the first goes on and is a member again."""
        self.send(self.options.wave)
        if where == IN_CLAIM:
            first, seen = self.stop_in_claim(f"still{number}")
        else:
            first = self.replicas.start(f"still{number}")
            seen = self.stop_at_work(first, where)
        stopped = time.monotonic()
        self.send(self.options.wave)
        second = self.replicas.start(f"next{number}")
        second.wait_for("batch committed", TAKE_OVER_SECONDS)
        took_over = time.monotonic() - stopped
        time.sleep(max(0, SESSION_SECONDS + 1 - took_over))
        self.stage.reach_end(TAKE_OVER_SECONDS)
        self.send(self.options.wave)
        before = {words: first.count(words) for words in (FENCED, ": revoked", "batch committed", "the database failed")}
        first.tell(signal.SIGCONT)
        resumed, patience = time.monotonic(), Patience(MEMBER_SECONDS)
        while first.count("batch committed") == before["batch committed"]:
            if not first.runs():
                raise Failed(f"{first.name} ended with {first.process.returncode}: {first.said()[-2000:]}")
            if patience.is_over():
                raise Failed(f"{first.name} recorded nothing for {MEMBER_SECONDS} s after it went on: {first.said()[-3000:]}")
            self.send(100)
        again = time.monotonic() - resumed
        told = [words.strip(": ") for words in (FENCED, ": revoked", "the database failed") if first.count(words) > before[words]]
        self.stage.reach_end(TAKE_OVER_SECONDS)
        self.reports += [second.end(), first.end()]
        self.rounds.append((where, seen, f"{took_over:.1f}", "; ".join(told) or "NOTHING", f"a member again after {again:.1f} s"))

    def fenced_aloud(self):
        """Stopped when it has taken a batch; after it went on it is asked to end, and tries that batch."""
        self.send(self.options.wave)
        first = self.replicas.start("taken", "--pause-at", "batch-taken:2")
        first.wait_for("standing at", 60)
        first.tell(signal.SIGSTOP)
        stopped = time.monotonic()
        second = self.replicas.start("taker")
        second.wait_for("batch committed", TAKE_OVER_SECONDS)
        took_over = time.monotonic() - stopped
        self.stage.reach_end(TAKE_OVER_SECONDS)
        before = first.count("batch committed")
        first.tell(signal.SIGCONT)
        report = first.end()
        if first.count(FENCED) == 0 or first.count("batch committed") != before:
            raise Failed(f"{first.name} was not fenced: {first.said()[-2000:]}")
        self.reports += [second.end(), report]
        self.rounds.append(("with a batch taken", "nothing open", f"{took_over:.1f}", FENCED, "ended with 0, as it was asked to"))

    def run(self):
        for number in range(self.options.rounds):
            for where in (IN_TRANSACTION, IN_ROWS, BETWEEN, IN_CLAIM):
                self.round(number, where)
        self.fenced_aloud()
        for partition, lines in enumerate(self.stage.world.last_wave()):
            self.stage.produce(partition, lines)
        self.reports.append(self.stage.disturbed.run("ingest", "--until-idle", "2s")[-1])
        comparison, _, _ = self.stage.compare(0)
        self.print()
        comparison.print()
        return comparison.is_equal() and all(row[3] != "NOTHING" for row in self.rounds)

    def print(self):
        titles = ("stopped", "the database saw", "taken over, s", "when it went on it said", "and then")
        rows = [titles, *self.rounds]
        widths = [max(len(row[column]) for row in rows) for column in range(len(titles))]
        print()
        for row in rows:
            print("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths)).rstrip())
        recorded = sum(report["recorded"] for report in self.reports)
        print(f"all replicas together say that they recorded {recorded} events; sent were {self.stage.world.leaves['event']}")
