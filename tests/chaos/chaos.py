"""Ingest under kill -9 of replicas, restarts of the broker and the database, and rebalances, against an undisturbed run over
the same topic."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

from replicas import one_that_opens_a_batch
from servers import Failed
from stage import Stage

# How long the topic's end may stay out of reach without anything being recorded, when nothing is disturbed any more.
STALL_SECONDS = 90
# The share of parts of a wave that are sent in a transaction, and of kills that wait for a batch to be opened.
TRANSACTIONS = 0.1
CHASED = 0.6
CHASE_SECONDS = 4
# The program's exit code when the database cannot be reached at the start.
UNREACHABLE = 5


class Chaos:
    def __init__(self, options, folder, kafka, postgres):
        self.options, self.kafka, self.postgres = options, kafka, postgres
        self.stage = Stage(options, folder, kafka, postgres, "chaos", options.partitions)
        self.world, self.replicas = self.stage.world, self.stage.replicas
        self.random = random.Random(options.seed)
        self.gaps = self.records = self.waves = 0
        self.done = {"kill -9 of a replica": 0, "… with a batch open": 0, "… while the broker or the database was away": 0}
        self.left = self.joined = self.starts_again = 0
        self.running = {}
        self.pool = ThreadPoolExecutor(1)

    # ------------------------------------------------------------------ the topic

    def sender(self, wave, is_last=False):
        """Sends a wave of records on a thread of its own, its partitions in any order; now and then in a transaction, whose
        marker takes an offset that never comes."""
        self.waves += 1
        order = [partition for partition in range(self.options.partitions) if wave[partition]]
        self.random.shuffle(order)
        plan = []
        for partition in order:
            self.records += len(wave[partition])
            is_transaction = not is_last and self.random.random() < TRANSACTIONS
            self.gaps += is_transaction
            plan.append((partition, wave[partition], f"chaos-{self.waves}-{partition}" if is_transaction else None))
        return self.pool.submit(lambda: [self.stage.produce(*part) for part in plan])

    # ------------------------------------------------------------------ disturbances

    def start(self, name):
        self.running[name] = self.replicas.start(name, static=self.random.random() < 0.5)

    def supervise(self):
        """Starts those again that could not start while the database was away (exit 5), as a supervisor would."""
        for name, replica in list(self.running.items()):
            if replica.runs():
                continue
            if replica.process.returncode != UNREACHABLE:
                raise Failed(f"{replica.name} has ended by itself with {replica.process.returncode}: {replica.said()[-2000:]}")
            self.starts_again += 1
            self.start(name)

    def kill(self, is_away=False):
        self.supervise()
        name = self.random.choice(sorted(self.running))
        if not is_away and self.random.random() < CHASED:
            at_work = one_that_opens_a_batch(self.running.values(), CHASE_SECONDS)
            name = next((name for name, replica in self.running.items() if replica is at_work), name)
            time.sleep(self.random.uniform(0, 0.1))
        replica = self.running.pop(name)
        replica.kill()
        self.done["kill -9 of a replica"] += 1
        self.done["… with a batch open"] += replica.hit_a_batch()
        self.done["… while the broker or the database was away"] += is_away
        time.sleep(self.random.uniform(0, 1))
        self.start(name)

    def restart(self, server, verb):
        server.tell(verb)
        time.sleep(self.random.uniform(0.2, 2))
        if self.planned_kills > 0 and self.random.random() < 0.5:
            self.planned_kills -= 1
            self.kill(is_away=True)
            time.sleep(self.random.uniform(0.2, 1))
        server.tell("start")
        server.restarts += 1

    def leave(self):
        """A replica goes in an orderly way, and another comes in its place; or a third comes, and goes the next time."""
        self.supervise()
        name = self.random.choice(sorted(self.running))
        if len(self.running) == 2 and self.random.random() < 0.5:
            self.start("third")
            self.joined += 1
            return
        self.running.pop(name).end()
        self.left += 1
        if len(self.running) < 2:
            time.sleep(self.random.uniform(0, 2))
            self.start(name)
            self.joined += 1

    def disturb(self):
        options = self.options
        plan = ["kill"] * options.kills + ["kafka"] * options.broker_restarts
        plan += ["postgres"] * options.database_restarts + ["leave"] * options.rebalances
        self.random.shuffle(plan)
        self.planned_kills = options.kills
        self.start("first")
        self.start("second")
        for what in plan:
            sending = self.sender(self.world.next_wave(options.events // len(plan)))
            time.sleep(self.random.uniform(0, options.pause))
            if what == "kill" and self.planned_kills > 0:
                self.planned_kills -= 1
                self.kill()
            elif what == "leave":
                self.leave()
            # Whoever sends must not be cut off in a transaction: the topic would not be what is expected.
            sending.result()
            if what == "kafka":
                self.restart(self.kafka, "kill")
            elif what == "postgres":
                self.restart(self.postgres, "stop")
        rest = options.events - self.world.leaves["event"]
        self.sender(self.world.next_wave(max(rest, 1))).result()
        self.sender(self.world.last_wave(), is_last=True).result()

    # ------------------------------------------------------------------ the end

    def run(self):
        began = time.monotonic()
        self.disturb()
        disturbed = time.monotonic() - began
        began = time.monotonic()
        self.stage.reach_end(STALL_SECONDS, self.supervise)
        for replica in self.running.values():
            replica.end()
        caught_up = time.monotonic() - began
        comparison, alone, report = self.stage.compare(self.gaps)
        self.print(disturbed, caught_up, alone, report)
        comparison.print()
        return comparison.is_equal() and self.was_done()

    def was_done(self):
        """Whether everything was done that was asked for."""
        options = self.options
        asked = (options.kills, options.broker_restarts, options.database_restarts)
        return (self.done["kill -9 of a replica"], self.kafka.restarts, self.postgres.restarts) == asked

    def print(self, disturbed, caught_up, alone, report):
        count = self.replicas.count
        lines = {
            "new events, declarations of errors included": self.world.leaves["event"],
            "records / partitions": f"{self.records} / {self.options.partitions}",
            "transactions, each a gap": self.gaps,
            **self.done,
            "kill -9 and start of the broker": self.kafka.restarts,
            "immediate stop and start of the database": self.postgres.restarts,
            "replicas that left / came": f"{self.left} / {self.joined}",
            "started again after exit 5: no database at the start": self.starts_again,
            "processes": len(self.replicas.all),
            "assignments / revocations by the group": f"{count(': assigned')} / {count(': revoked')}",
            "claims of shards": sum(self.stage.heads("writer_epoch")),
            "batches opened / committed": f"{count('batch open')} / {count('batch committed')}",
            "lost answers to COMMIT that had happened": count("whose answer was lost has happened"),
            "writers fenced": count("another process writes this shard"),
            "seconds disturbed / then to the end": f"{disturbed:.0f} / {caught_up:.0f}",
            "undisturbed: seconds, recorded": f"{alone:.0f}, {report['recorded']}",
        }
        width = max(map(len, lines))
        print(f"\n{'done':<{width}}  count")
        for what, number in lines.items():
            print(f"{what:<{width}}  {number}")
