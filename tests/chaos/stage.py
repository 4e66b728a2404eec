"""What a proof over a topic needs: the topic, two databases alike to read it into, and the comparison at the end."""

import time

from compare import Comparison
from replicas import Replicas
from servers import Failed, Patience, Site
from world import World

IDLE = "3s"


class Stage:
    def __init__(self, options, folder, kafka, postgres, name, partitions):
        self.options, self.kafka, self.postgres, self.partitions = options, kafka, postgres, partitions
        self.topic = f"suyuan.{name}"
        self.databases = (f"{name}_disturbed", f"{name}_undisturbed")
        self.world = World(options.seed, partitions)
        postgres.create(self.databases[0])
        kafka.create_topic(self.topic, partitions)
        self.disturbed, self.undisturbed = (self.site(folder, database) for database in self.databases)
        self.disturbed.prepare()
        # A shard for each partition, in both databases under the same number.
        self.disturbed.run("ingest", "--until-idle", "1s")
        postgres.create(self.databases[1], template=self.databases[0])
        self.replicas = Replicas(self.disturbed)

    def site(self, folder, database):
        kafka = {"brokers": self.kafka.address, "topic": self.topic, "group": database}
        return Site(self.options.suyuan, folder / database, self.postgres.url(database), **kafka)

    def produce(self, partition, lines, transaction=None):
        self.kafka.produce(self.topic, partition, lines, transaction)

    def ends(self):
        return self.kafka.ends(self.topic, self.partitions)

    def heads(self, column):
        sql = f"SELECT h.{column} FROM ledger_heads h JOIN ledger_shards s USING (shard) WHERE s.topic = '{self.topic}' ORDER BY s.kpartition"
        return [int(row[0]) for row in self.postgres.ask(self.databases[0], sql)]

    def reach_end(self, seconds, meanwhile=lambda: None):
        """The replicas that run must read the topic to its end by themselves, recording something every so many seconds."""
        ends = self.ends()
        before, patience = None, Patience(seconds)
        while (now := self.heads("next_offset")) != ends:
            meanwhile()
            if now != before:
                before, patience = now, Patience(seconds)
            if patience.is_over():
                said = "\n".join(f"{replica.name}: {replica.said()[-1500:]}" for replica in self.replicas.all if replica.runs())
                raise Failed(f"nothing was recorded for {seconds} s: the heads are at {now}, the topic ends at {ends}\n{said}")
            time.sleep(0.1)

    def compare(self, gaps):
        """Reads the topic undisturbed, too; the comparison, how long that took, and what the program said of it."""
        began = time.monotonic()
        report = self.undisturbed.run("ingest", "--until-idle", IDLE)[-1]
        took = time.monotonic() - began
        comparison = Comparison(self.postgres, *self.databases, self.topic)
        comparison.shards(self.ends())
        comparison.outcomes(self.world, gaps)
        comparison.tables()
        comparison.checks([self.disturbed, self.undisturbed])
        return comparison, took, report
