"""Two databases that were filled from one topic, held against each other and against what was sent.

Equal must be every row of every table, but for

- `ledger_heads.writer_epoch`, `.owner` and the seal over them: how often a shard was claimed, and by which process;
- `trace_log`: its rows are as batches and compaction left them; compared are the records in them, by the digest that
  `rebuild --check` makes of them;
- `api_keys`, `capture_jobs`: daily business, empty here.

Both databases begin as copies of one that has schema, keys, master data and a shard for each partition, so that numbers of
shards and the orders in control/0 are the same.
"""

import hashlib

from world import KINDS

APART = {"ledger_heads": ["writer_epoch", "owner", "seal"]}
NOT_BY_ROWS = {"trace_log", "__diesel_schema_migrations"}
SHOWN = 3


def merkle_root(leaves):
    """RFC 6962, from the hashes of the leaves."""
    if not leaves:
        return hashlib.sha256(b"")
    stack = []
    for number, leaf in enumerate(leaves):
        stack.append(leaf)
        while number & 1:
            right, left = stack.pop(), stack.pop()
            stack.append(hashlib.sha256(b"\x01" + left + right).digest())
            number >>= 1
    while len(stack) > 1:
        right, left = stack.pop(), stack.pop()
        stack.append(hashlib.sha256(b"\x01" + left + right).digest())
    return stack[0]


class Comparison:
    """Lines of a table: what was compared, how many, on both sides, and whether they are equal."""

    def __init__(self, postgres, disturbed, undisturbed, topic):
        self.postgres, self.sides, self.topic = postgres, (disturbed, undisturbed), topic
        self.lines = []

    def line(self, what, left, right, expected=None, note=""):
        is_equal = left == right and (expected is None or left == expected)
        self.lines.append((what, left, right, expected, is_equal, note))
        return is_equal

    def ask(self, sql):
        return [self.postgres.ask(side, sql) for side in self.sides]

    def is_equal(self):
        return all(line[4] for line in self.lines)

    # ------------------------------------------------------------------ the ledger

    def shards(self, ends):
        found = self.ask(f"SELECT s.kpartition, s.shard, h.next_offset, h.size FROM ledger_shards s JOIN ledger_heads h USING (shard) WHERE s.topic = '{self.topic}' ORDER BY 1")
        for partition, end in enumerate(ends):
            left, right = (rows[partition] if partition < len(rows) else ["missing"] * 4 for rows in found)
            self.line(f"partition {partition}: next offset", left[2], right[2], str(end))
            self.line(f"partition {partition}: leaves", left[3], right[3])
            self.tree(partition, left[1], right[1])

    def tree(self, partition, left, right):
        """Leaf hashes in their order, the root over them, and the end of the chain."""
        sides = []
        for side, shard in zip(self.sides, (left, right)):
            rows = self.postgres.ask(side, f"SELECT encode(leaf_hash, 'hex') FROM ledger_entries WHERE shard = {shard} ORDER BY seq")
            hashes = [bytes.fromhex(row[0]) for row in rows]
            chain = self.postgres.ask(side, f"SELECT encode(chain_hash, 'hex') FROM ledger_heads WHERE shard = {shard}")[0][0]
            sides.append((hashlib.sha256(b"".join(hashes)).hexdigest()[:12], merkle_root(hashes).hex()[:12], chain[:12]))
        for what, one, other in zip(("leaf hashes in order", "root of the tree", "end of the chain"), *sides):
            self.line(f"partition {partition}: {what}", one, other)

    # ------------------------------------------------------------------ what became of the events

    def outcomes(self, world, gaps):
        expected = dict(world.leaves) | {"gap": gaps}
        sides = [dict(rows) for rows in self.ask("SELECT e.kind, count(*) FROM ledger_entries e JOIN ledger_shards s USING (shard)" f" WHERE s.topic = '{self.topic}' GROUP BY 1")]
        for number, kind in KINDS.items():
            left, right = (int(side.get(str(number), 0)) for side in sides)
            self.line(f"leaves: {kind}", left, right, expected.get(kind, 0))
        sides = [{row[0] for row in rows} for rows in self.ask("SELECT id FROM events WHERE NOT is_declaration")]
        named = [{id for id in side if id.startswith("urn:uuid:")} for side in sides]
        self.line("accepted events: ids", len(sides[0]), len(sides[1]), len(world.ids) + world.nameless)
        missing = [len(world.ids - side) for side in named]
        extra = [len(side - world.ids) for side in named]
        self.line("… sent and missing", missing[0], missing[1], 0)
        self.line("… there and never sent", extra[0], extra[1], 0)
        twice = [rows[0][0] for rows in self.ask("SELECT count(*) FROM (SELECT id FROM events GROUP BY id, is_declaration HAVING count(*) > 1) t")]
        self.line("… there more than once", twice[0], twice[1], "0")
        letters = [rows[0][0] for rows in self.ask("SELECT count(*) FROM dead_letters")]
        self.line("dead letters", letters[0], letters[1], str(expected["refused"]))

    # ------------------------------------------------------------------ everything else

    def tables(self):
        names = [row[0] for row in self.postgres.ask(self.sides[0], "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
        for name in names:
            if name in NOT_BY_ROWS:
                continue
            apart = APART.get(name, [])
            row = "to_jsonb(t)" + "".join(f" - '{column}'" for column in apart)
            digest = f"SELECT count(*), coalesce(md5(string_agg(md5(({row})::text), '' ORDER BY md5(({row})::text) COLLATE \"C\")), '-') FROM {name} t"
            left, right = (f"{rows[0][0]} rows, {rows[0][1][:12]}" for rows in self.ask(digest))
            if left.startswith("0 ") and right.startswith("0 "):
                continue
            if not self.line(f"table {name}", left, right, note=f"without {', '.join(apart)}" if apart else ""):
                self.show(name, row)

    def show(self, name, row):
        """Some rows that only one side has."""
        sides = [{line[0] for line in rows} for rows in self.ask(f"SELECT left(({row})::text, 400) FROM {name} t")]
        for title, rows in (("disturbed", sides[0] - sides[1]), ("undisturbed", sides[1] - sides[0])):
            for text in sorted(rows)[:SHOWN]:
                print(f"  only in the {title} {name}: {text}")

    def checks(self, sites):
        """`verify` and `rebuild --check` on both, and their digests against each other."""
        verified = [site.run("verify", codes=(0, 1))[-1] for site in sites]
        self.line("verify: ok", *(report["ok"] for report in verified), True)
        self.line("verify: leaves", *(report["entries"] for report in verified))
        chains = [sorted((shard["shard"], shard["chain_hash"]) for shard in report["shards"]) for report in verified]
        self.line("verify: chain hashes of all shards", *(hashlib.sha256(repr(chain).encode()).hexdigest()[:12] for chain in chains))
        rebuilt = [site.run("rebuild", "--check", codes=(0, 1))[-1] for site in sites]
        self.line("rebuild --check: equal", *(report["equal"] for report in rebuilt), True)
        digests = [{table["table"]: (table["rows"], table["digest_before"]) for table in report["tables"]} for report in rebuilt]
        log = [digest.pop("trace_log") for digest in digests]
        # The records are the same; in how many rows they lie is up to batches and compaction.
        self.line("table trace_log, its records", *(digest[:12] for _, digest in log))
        self.line("digests of the other projections", *(hashlib.sha256(repr(sorted(digest.items())).encode()).hexdigest()[:12] for digest in digests))

    def print(self):
        width = max(len(line[0]) for line in self.lines)
        print(f"\n{'compared':<{width}}  {'disturbed':>26}  {'undisturbed':>26}  {'sent':>8}  equal")
        for what, left, right, expected, is_equal, note in self.lines:
            wanted = "" if expected is None else str(expected)
            print(f"{what:<{width}}  {left!s:>26}  {right!s:>26}  {wanted:>8}  {'yes' if is_equal else 'NO'}{f' ({note})' if note else ''}")
        wrong = sum(not line[4] for line in self.lines)
        print(f"{len(self.lines)} comparisons, {wrong} differ" if wrong else f"{len(self.lines)} comparisons, all equal")
