"""What lies in the topic: a stream for each partition, decided by a seed alone, with an account of what an ingest
must make of it.

Events are spread over the partitions by chance, so that what happens to one thing is told on several of them, in no
order. A copy of an event lies in the partition of the first, later. Identifiers that are interned at first sight stay in one
partition: their addresses follow from the order there, all others from themselves.
"""

import heapq
import json
import random
import uuid
from collections import Counter

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
PARTIES = ["https://id.gs1.org/417/9520001000003", "https://id.gs1.org/417/9520001000010"]
PRODUCTS = ["09520001000010", "09520001000027", "09520001000034"]

# How serials begin that are interned at first sight.
STRANGER = "Z"

# Shares of what is sent beside new events, of their number.
DUPLICATES = 0.055
MALFORMED = 0.01
CONFLICTS = 0.002
TOMBSTONES = 0.001
DECLARATIONS = 0.002
DOCUMENTS = 0.02
NAMELESS = 0.03
FOREIGN = 0.05

# How many records later a copy comes, on average.
LATER = 400

KINDS = {1: "event", 2: "duplicate", 3: "conflict", 4: "refused", 5: "tombstone", 7: "gap", 8: "envelope"}


def check_digit(digits):
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def site(gln_body):
    return f"https://id.gs1.org/414/{gln_body}{check_digit(gln_body)}"


class World:
    """Records by partition, and what is expected of them."""

    def __init__(self, seed, partitions):
        self.random = random.Random(seed)
        self.partitions = partitions
        self.serial = 0
        self.recent = []
        self.later = [[] for _ in range(partitions)]
        self.sent = [0] * partitions
        self.leaves = Counter()
        self.ids = set()
        self.declared = set()
        self.nameless = 0
        self.sites = [site(f"95200010{n:04d}") for n in range(1, 41)]

    # ------------------------------------------------------------------ events

    def identifier(self):
        drawn = self.random.getrandbits(128)
        return f"urn:uuid:{uuid.UUID(int=drawn, version=4)}"

    def items(self, count, foreign_to):
        """New single items, or some that were seen; those that are interned are of one partition."""
        product = self.random.choice(PRODUCTS)
        if foreign_to is not None:
            drawn = [f"{STRANGER}{foreign_to}-{self.random.getrandbits(40):010x}" for _ in range(count)]
        else:
            first = self.serial if self.random.random() < 0.5 else self.random.randrange(self.serial + 1)
            self.serial = max(self.serial, first + count)
            drawn = range(first, first + count)
        return [f"https://id.gs1.org/01/{product}/21/{serial}" for serial in drawn]

    def container(self):
        body = f"0952000100{self.random.randrange(5_000):07d}"
        return f"https://id.gs1.org/00/{body}{check_digit(body)}"

    def event(self, partition):
        draw = self.random
        foreign_to = partition if draw.random() < FOREIGN else None
        minute = draw.randrange(60 * 24 * 28)
        time = f"2026-03-{1 + minute // 1440:02d}T{minute // 60 % 24:02d}:{minute % 60:02d}:{draw.randrange(60):02d}Z"
        event = {"type": "ObjectEvent", "eventID": self.identifier(), "eventTime": time, "eventTimeZoneOffset": "+00:00"}
        kind = draw.random()
        where = {"id": draw.choice(self.sites)}
        if kind < 0.3:
            event |= {"action": "ADD", "bizStep": "commissioning", "readPoint": where, "bizLocation": where}
            event["epcList"] = self.items(draw.randrange(1, 13), foreign_to)
            event["ilmd"] = {"cbvmda:lotNumber": f"L{draw.randrange(200):04d}"}
        elif kind < 0.5:
            event |= {"type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "readPoint": where}
            event |= {"parentID": self.container(), "childEPCs": self.items(draw.randrange(2, 13), foreign_to)}
        elif kind < 0.6:
            lot = f"https://id.gs1.org/01/{draw.choice(PRODUCTS)}/10/L{draw.randrange(200):04d}"
            event |= {"action": "OBSERVE", "bizStep": "storing", "bizLocation": where, "epcList": []}
            event["quantityList"] = [{"epcClass": lot, "quantity": draw.randrange(1, 500)}]
        elif kind < 0.8:
            event |= {"action": "OBSERVE", "bizStep": draw.choice(("shipping", "receiving")), "readPoint": where}
            event["epcList"] = [self.container()]
            event["sourceList"] = [{"type": "possessing_party", "source": PARTIES[0]}]
            event["destinationList"] = [{"type": "possessing_party", "destination": PARTIES[1]}]
        else:
            event |= {"action": "OBSERVE", "bizStep": "inspecting", "readPoint": where}
            event["epcList"] = self.items(draw.randrange(1, 4), foreign_to)
        return event

    # ------------------------------------------------------------------ records

    def bare(self, event):
        return json.dumps({"@context": CONTEXT} | event, separators=(",", ":"))

    def shuffled(self, event):
        """The same event in other words: members in another order, with blanks."""
        members = list(({"@context": CONTEXT} | event).items())
        self.random.shuffle(members)
        return json.dumps(dict(members))

    def document(self, events):
        document = {"@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0"}
        document |= {"creationDate": "2026-04-01T00:00:00Z", "epcisBody": {"eventList": events}}
        return json.dumps(document, separators=(",", ":"))

    def malformed(self, partition):
        event = self.event(partition)
        whole = self.bare(event)
        wrong = self.random.randrange(7)
        if wrong == 0:
            return whole[: self.random.randrange(2, len(whole))]
        if wrong == 1:
            return "not a document"
        if wrong == 2:
            del event["eventTime"]
        elif wrong == 3:
            event["eventTime"] = "yesterday"
        elif wrong == 4:
            event["action"] = "ERASE"
        elif wrong == 5:
            return whole.replace('"type":', '"type":"ObjectEvent","type":', 1)
        else:
            return "[" * 2_000 + "]" * 2_000
        return self.bare(event)

    def accept(self, event):
        self.leaves["event"] += 1
        self.ids.add(event["eventID"])

    def put(self, partition, line, leaves):
        """A record, and the leaves that it must make."""
        self.leaves.update(leaves)
        self.sent[partition] += 1
        self.wave[partition].append(line)
        due = self.later[partition]
        while due and due[0][0] <= self.sent[partition]:
            _, _, copy, kind = heapq.heappop(due)
            self.sent[partition] += 1
            self.leaves[kind] += 1
            self.wave[partition].append(copy)

    def put_later(self, partition, line, kind):
        due = self.sent[partition] + 1 + int(self.random.expovariate(1 / LATER))
        heapq.heappush(self.later[partition], (due, self.random.random(), line, kind))

    def step(self):
        """One new event, alone or with others, and now and then what does not belong there. How many events."""
        draw = self.random
        partition = draw.randrange(self.partitions)
        if draw.random() < MALFORMED:
            self.put(partition, self.malformed(partition), ["refused"])
        if draw.random() < TOMBSTONES:
            self.put(partition, "", ["tombstone"])
        if self.recent and draw.random() < DECLARATIONS:
            event = draw.choice(self.recent)
            if event["eventID"] not in self.declared:
                self.declared.add(event["eventID"])
                error = {"declarationTime": "2026-04-01T00:00:00Z", "reason": "did_not_occur"}
                self.put(partition, self.bare(event | {"errorDeclaration": error}), ["event"])
        if draw.random() < DOCUMENTS:
            events = [self.event(partition) for _ in range(draw.randrange(2, 7))]
            leaves = ["envelope"]
            said = list(events)
            if draw.random() < 0.3:
                wrong = self.event(partition) | {"eventTime": "never"}
                said.insert(draw.randrange(len(said) + 1), wrong)
                leaves.append("refused")
            for event in events:
                self.accept(event)
            self.put(partition, self.document(said), leaves)
            return len(events)
        event = self.event(partition)
        if draw.random() < NAMELESS:
            del event["eventID"]
            event["certificationInfo"] = f"https://example.org/certificates/{self.nameless}"
            self.nameless += 1
            self.leaves["event"] += 1
        else:
            self.accept(event)
            # A declaration lies in any partition, and names what its event names.
            if f"/21/{STRANGER}" not in json.dumps(event):
                self.recent = self.recent[-500:] + [event]
        line = self.bare(event)
        self.put(partition, line, [])
        if draw.random() < DUPLICATES:
            self.put_later(partition, draw.choice((line, self.shuffled(event))), "duplicate")
        if "eventID" in event and draw.random() < CONFLICTS:
            other = event | {"disposition": "destroyed"}
            self.put_later(partition, self.bare(other), "conflict")
        return 1

    def next_wave(self, events):
        """The records of the next so many events, by partition."""
        self.wave = [[] for _ in range(self.partitions)]
        made = 0
        while made < events:
            made += self.step()
        return self.wave

    def last_wave(self):
        """The copies that have not come yet."""
        self.wave = [[] for _ in range(self.partitions)]
        for partition, due in enumerate(self.later):
            while due:
                _, _, copy, kind = heapq.heappop(due)
                self.sent[partition] += 1
                self.leaves[kind] += 1
                self.wave[partition].append(copy)
        return self.wave
