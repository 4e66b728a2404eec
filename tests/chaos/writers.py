"""Clients that capture over HTTP at once, while the servers are killed: what was acknowledged must be there afterwards."""

import http.client
import json
import random
import sqlite3
import subprocess
import threading
import time
import uuid
from urllib.parse import urlsplit

from servers import Failed, Site, clean_environment
from world import CONTEXT, PRODUCTS, site

START_SECONDS = 60
ANSWER_SECONDS = 60
# How long a client waits before it sends again what was not acknowledged.
AGAIN_SECONDS = 0.1


class Api:
    """A replica of `suyuan serve` on a port that stays while it is killed and started again."""

    def __init__(self, site, name):
        self.site, self.log = site, site.folder / f"{name}.log"
        self.listen, self.process, self.kills = "127.0.0.1:0", None, 0

    def start(self):
        until = time.monotonic() + START_SECONDS
        while True:
            with self.log.open("ab") as said:
                self.process = subprocess.Popen(
                    self.site.words("--json", "serve", "--listen", self.listen),
                    cwd=self.site.folder,
                    env=clean_environment(SUYUAN_LOG_LEVEL="warn"),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=said,
                )
            line = self.process.stdout.readline()
            if line:
                self.listen = urlsplit(json.loads(line)["url"]).netloc
                return
            code = self.process.wait()
            # 5: the database is not there yet.
            if code != 5 or time.monotonic() > until:
                raise Failed(f"suyuan serve ended with {code}: {self.log.read_text(encoding='utf-8')[-2000:]}")
            time.sleep(0.2)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.kills += 1

    def runs(self):
        return self.process is not None and self.process.poll() is None


class Client(threading.Thread):
    """Captures one document after another; one that is not acknowledged is sent again, as it is, until it is."""

    def __init__(self, proof, number):
        super().__init__(daemon=True)
        self.proof, self.number = proof, number
        self.random = random.Random(f"{proof.options.seed} {proof.name} {number}")
        self.acknowledged = []
        self.taken = []
        self.unclear = []
        self.refused = []
        self.again = 0
        self.line = None

    def document(self):
        ids, events = [], []
        for _ in range(self.proof.options.events_each):
            ids.append(f"urn:uuid:{uuid.UUID(int=self.random.getrandbits(128), version=4)}")
            item = f"https://id.gs1.org/01/{self.random.choice(PRODUCTS)}/21/{self.random.randrange(10_000_000)}"
            event = {"type": "ObjectEvent", "eventID": ids[-1], "eventTime": "2026-03-01T00:00:00Z", "eventTimeZoneOffset": "+00:00"}
            event |= {"action": "OBSERVE", "bizStep": "inspecting", "readPoint": {"id": site("952000100001")}, "epcList": [item]}
            events.append(event)
        document = {"@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0"}
        document |= {"creationDate": "2026-04-01T00:00:00Z", "epcisBody": {"eventList": events}}
        return ids, json.dumps(document)

    def send(self, body):
        """The answer's status, job and text; nothing when there was none."""
        apis = self.proof.apis
        try:
            if self.line is None:
                api = apis[(self.number + self.again) % len(apis)]
                self.line = http.client.HTTPConnection(api.listen, timeout=ANSWER_SECONDS)
            headers = {"Authorization": f"Bearer {self.proof.key}", "Content-Type": "application/json"}
            self.line.request("POST", "/epcis/capture", body, headers)
            answer = self.line.getresponse()
            text = answer.read()
            return answer.status, answer.headers.get("Location", "").rsplit("/", 1)[-1], text
        except (OSError, http.client.HTTPException):
            self.line.close()
            self.line = None
            return None

    def run(self):
        while not self.proof.over.is_set():
            ids, body = self.document()
            self.unclear.append(ids)
            while True:
                began = time.monotonic()
                answer = self.send(body)
                if answer is not None and answer[0] == 202:
                    self.taken.append((began, time.monotonic() - began))
                    self.acknowledged.append((ids, answer[1]))
                    self.unclear.pop()
                    break
                # The database may be away, which is a 503; everything else is an answer that nobody expects.
                if answer is not None and answer[0] != 503:
                    self.refused.append((answer[0], answer[2][:300]))
                    return
                self.again += 1
                if self.proof.over.is_set():
                    return
                time.sleep(AGAIN_SECONDS)


class Writers:
    """One database: `replicas` servers, and the database itself, are killed under load and come back."""

    def __init__(self, options, folder, name, url, replicas, ask, restart_database=None):
        self.options, self.name, self.ask, self.restart_database = options, name, ask, restart_database
        self.random = random.Random(options.seed)
        self.over = threading.Event()
        self.site = Site(options.suyuan, folder / f"captures-{name}", url)
        self.site.prepare()
        self.key = self.site.run("key", "create", "--org", "maker", "--role", "producer")[-1]["key"]
        self.apis = [Api(self.site, f"api{number}") for number in range(replicas)]
        self.lines = {}

    def end_all(self):
        self.over.set()
        for api in self.apis:
            if api.runs():
                api.kill()

    def percentile(self, sorted_times, share):
        return sorted_times[min(len(sorted_times) - 1, int(len(sorted_times) * share))] * 1_000

    def measure(self, title, clients, began, ended):
        times = sorted(took for client in clients for start, took in list(client.taken) if began <= start and start + took <= ended)
        if not times:
            raise Failed(f"{title}: nothing was acknowledged")
        rate = len(times) / (ended - began)
        self.lines[f"{title}: captures/s, events/s"] = f"{rate:.0f}, {rate * self.options.events_each:.0f}"
        self.lines[f"{title}: acknowledged after, p50 / p99 / longest"] = (
            f"{self.percentile(times, 0.5):.0f} / {self.percentile(times, 0.99):.0f} / {times[-1] * 1_000:.0f} ms"
        )

    def disturb(self):
        """Kills servers, one after the other, and once the database; each comes back."""
        plan = ["server"] * self.options.server_kills + (["database"] if self.restart_database else [])
        self.random.shuffle(plan)
        for what in plan:
            time.sleep(self.random.uniform(0.3, 2))
            if what == "database":
                self.restart_database()
            else:
                api = self.random.choice(self.apis)
                api.kill()
                time.sleep(self.random.uniform(0, 1))
                api.start()
        time.sleep(self.random.uniform(0.3, 2))

    def run(self):
        for api in self.apis:
            api.start()
        clients = [Client(self, number) for number in range(self.options.clients)]
        for client in clients:
            client.start()
        # Connections and caches are there after the first second.
        time.sleep(1)
        began = time.monotonic()
        time.sleep(self.options.seconds)
        self.measure("undisturbed", clients, began, time.monotonic())
        began = time.monotonic()
        self.disturb()
        self.measure("disturbed", clients, began, time.monotonic())
        # The last ones are killed under load, too.
        for api in self.apis:
            api.kill()
        self.over.set()
        for client in clients:
            client.join(ANSWER_SECONDS + 30)
        for api in self.apis:
            api.start()
        return self.check(clients)

    def check(self, clients):
        refused = [answer for client in clients for answer in client.refused]
        acknowledged = [done for client in clients for done in client.acknowledged]
        unclear = {id for client in clients for ids in client.unclear for id in ids}
        found = [row[0] for row in self.ask("SELECT id FROM events")]
        there = set(found)
        firsts = int(self.ask("SELECT count(*) FROM verdicts WHERE verdict = 1")[0][0])
        jobs = {row[0] for row in self.ask("SELECT id FROM capture_jobs WHERE success AND NOT running")}
        ids = {id for sent, _ in acknowledged for id in sent}
        verified = self.site.run("verify", codes=(0, 1))[-1]
        rebuilt = self.site.run("rebuild", "--check", codes=(0, 1))[-1]
        missing = {
            "acknowledged events that are missing": len(ids - there),
            "events that are there twice": len(found) - len(there),
            "events there that nobody sent": len(there - ids - unclear),
            "events counted as first, less those there": firsts - len(there),
            "acknowledged jobs that are missing or failed": sum(job not in jobs for _, job in acknowledged),
            "unexpected answers": len(refused),
            "rows that verify names": len(verified["bad"]),
            "projections that rebuild --check finds different": sum(t["digest_before"] != t["digest_after"] for t in rebuilt["tables"]),
        }
        self.lines |= {
            "clients, events a capture": f"{len(clients)}, {self.options.events_each}",
            "servers, kill -9 of them": f"{len(self.apis)}, {sum(api.kills for api in self.apis)}",
            "restarts of the database": int(self.restart_database is not None),
            "captures acknowledged": len(acknowledged),
            "sent again, without an acknowledgement": sum(client.again for client in clients),
            "events acknowledged": len(ids),
            "events in flight at the end: there / not": f"{len(unclear & there)} / {len(unclear - there)}",
            **missing,
        }
        width = max(map(len, self.lines))
        print(f"\n{self.name:<{width}}  count")
        for what, number in self.lines.items():
            print(f"{what:<{width}}  {number}{'  WRONG' if missing.get(what) else ''}")
        for answer in refused[:3]:
            print(f"  unexpected: {answer}")
        return not any(missing.values())


def on_postgres(options, folder, postgres):
    postgres.create("captures")
    ask = lambda sql: postgres.ask("captures", sql)
    restart = lambda: postgres.restart("stop", 0.5)
    return Writers(options, folder, "postgres", postgres.url("captures"), 2, ask, restart)


def on_sqlite(options, folder):
    file = folder / "sqlite.db"

    def ask(sql):
        connection = sqlite3.connect(file, timeout=30)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    return Writers(options, folder, "sqlite", f"sqlite:{file}", 1, ask)
