"""A PostgreSQL and an Apache Kafka of our own, through tests/servers, and the few words that a proof says to them."""

import json
import os
import shutil
import socket
import struct
import subprocess
import time
from pathlib import Path

SERVERS = Path(__file__).resolve().parent.parent / "servers"
PATIENCE_SECONDS = 900
SEND_MS = 600_000

CREATE_TOPICS = 19


class Missing(Exception):
    """Something that a proof needs is not on this machine."""


class Failed(Exception):
    """A proof could not be carried through, or failed."""


class Patience:
    """So many seconds in which we look, every now and then; while the whole machine stands still none of them passes."""

    def __init__(self, seconds):
        self.left, self.looked = seconds, time.monotonic()

    def is_over(self):
        now = time.monotonic()
        self.left -= min(now - self.looked, 2)
        self.looked = now
        return self.left < 0


def need(name, *folders):
    found = shutil.which(name) or next((str(path) for path in folders if path.exists()), None)
    if not found:
        raise Missing(f"{name} is not installed")
    return found


def psql_path():
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"), reverse=True)
    return need("psql", *newest)


def run(*command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, stdin=subprocess.DEVNULL, **more)
    if done.returncode != 0:
        raise Failed(f"{' '.join(str(word) for word in command[:4])} …: exit {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done.stdout


class Server:
    """One server in a folder and on a port that stay while it is killed and started again."""

    def __init__(self, kind, folder):
        self.kind, self.folder = kind, folder
        folder.mkdir()
        folder.chmod(0o755)
        self.restarts = 0
        self.address = self.tell("start")

    def tell(self, verb):
        return run(SERVERS, self.kind, verb, self.folder).strip()

    def restart(self, verb, away):
        """Ends it (`kill` or `stop`), and starts it again after so many seconds."""
        self.tell(verb)
        time.sleep(away)
        self.tell("start")
        self.restarts += 1

    def end(self):
        subprocess.run([SERVERS, self.kind, "stop", self.folder], stdin=subprocess.DEVNULL, check=False)


class Postgres(Server):
    def __init__(self, folder):
        self.psql = psql_path()
        super().__init__("postgres", folder)

    def url(self, database):
        return self.address.rsplit("/", 1)[0] + "/" + database

    def ask(self, database, sql):
        """Rows of texts."""
        words = [self.psql, "-X", "-q", "-A", "-t", "-F", "\x1f", "-R", "\x1e", "-v", "ON_ERROR_STOP=1", "-c", sql]
        text = run(*words, self.url(database)).rstrip("\n")
        return [row.split("\x1f") for row in text.split("\x1e")] if text else []

    def create(self, database, template="template0"):
        self.ask("postgres", f"CREATE DATABASE {database} TEMPLATE {template}")


class Kafka(Server):
    def __init__(self, folder):
        self.kcat = need("kcat")
        need("java")
        super().__init__("kafka", folder)
        self.spool = folder / "spool"

    def create_topic(self, name, partitions):
        def text(words):
            return struct.pack(">h", len(words)) + words.encode()

        topic = text(name) + struct.pack(">ihii", partitions, 1, 0, 0)
        request = struct.pack(">hhi", CREATE_TOPICS, 2, 1) + text("chaos") + struct.pack(">i", 1) + topic + struct.pack(">i?", 30_000, False)
        host, port = self.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), 30) as line:
            line.sendall(struct.pack(">i", len(request)) + request)
            stream = line.makefile("rb")
            (length,) = struct.unpack(">i", stream.read(4))
            answer = stream.read(length)
        # Correlation, throttle, count, name, error code.
        (error,) = struct.unpack_from(">h", answer, 12 + 2 + len(name))
        if error != 0:
            raise Failed(f"the topic {name} was not made: error {error} of Kafka's protocol")

    def produce(self, topic, partition, lines, transaction=None):
        """Sends records, a line each; an empty one is a tombstone. In a transaction they are followed by a marker
        that takes an offset."""
        if not lines:
            return
        self.spool.write_text("".join(f"{partition}\t{line}\n" for line in lines), encoding="utf-8")
        more = ["-X", f"transactional.id={transaction}", "-X", f"transaction.timeout.ms={SEND_MS}"] if transaction else ["-X", "enable.idempotence=true"]
        words = [self.kcat, "-q", "-P", "-b", self.address, "-t", topic, "-p", partition, "-K", "\t", "-Z", "-l", self.spool]
        run(*words, "-X", f"message.timeout.ms={SEND_MS}", "-z", "lz4", *more, timeout=PATIENCE_SECONDS)

    def ends(self, topic, partitions):
        """The offset after the last record of each partition."""
        asked = [word for partition in range(partitions) for word in ("-t", f"{topic}:{partition}:-1")]
        found = {}
        for line in run(self.kcat, "-b", self.address, "-Q", *asked, timeout=PATIENCE_SECONDS).splitlines():
            words = line.split()
            found[int(words[1].strip("[]"))] = int(words[3])
        return [found[partition] for partition in range(partitions)]


class Servers:
    """Both, each started when it is asked for, and ended with the block, whatever happens."""

    def __init__(self, folder):
        # PostgreSQL's own user must be able to enter.
        folder.chmod(0o755)
        self.folder, self.started = folder, {}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for server in self.started.values():
            server.end()

    def server(self, kind):
        name = kind.__name__.lower()
        if name not in self.started:
            self.started[name] = kind(self.folder / name)
        return self.started[name]

    @property
    def kafka(self):
        return self.server(Kafka)

    @property
    def postgres(self):
        return self.server(Postgres)


def clean_environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SUYUAN_")}
    return kept | more


class Site:
    """A folder with a configuration in which the program is started, on one database."""

    def __init__(self, suyuan, folder, database, **kafka):
        self.suyuan, self.folder = suyuan, folder
        folder.mkdir()
        text = f'[database]\nurl = "{database}"\ncompact_minutes = 1\n[ledger]\norigin = "suyuan.chaos"\n'
        text += f'[keys]\ndir = "{folder.parent / "keys"}"\n'
        if kafka:
            text += '[kafka]\nsubmitter = "maker"\n' + "".join(f'{key} = "{value}"\n' for key, value in kafka.items())
        (folder / "suyuan.toml").write_text(text, encoding="utf-8")

    def words(self, *words):
        return [str(self.suyuan), "--config", str(self.folder / "suyuan.toml"), *words]

    def run(self, *words, codes=(0,)):
        """Runs the program to its end; the objects that it printed."""
        done = subprocess.run(
            self.words("--json", *words), cwd=self.folder, env=clean_environment(), capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        if done.returncode not in codes:
            told = (done.stdout + done.stderr).strip()[-3000:]
            raise Failed(f"suyuan {' '.join(words)}: exit {done.returncode}: {told}")
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def prepare(self):
        """A schema, keys and the organisation that everything is recorded for."""
        self.run("migrate", "--init-keys")
        parties = self.folder / "parties.csv"
        parties.write_text("id,name,role\nmaker,乳业,producer\n", encoding="utf-8")
        self.run("party", "import", str(parties))
