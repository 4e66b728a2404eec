"""What the sources say the program has: settings, commands with their flags, routes, measurements."""

import re
from pathlib import Path

from common import fault, text, words


class Program:
    def __init__(self):
        self.settings = words(r"^\| `[a-z_.]+` \| `(SUYUAN_\w+)` \|", text("docs/CONFIGURATION.md"))
        self.routes = words(r'^    [A-Z]+ +"(/[^"]*)"', text("src/web/routes.rs"))
        self.metrics = set().union(*(words(r'"(suyuan_[a-z_]+)"', text(path)) for path in Path("src").rglob("*.rs")))
        cargo = text("Cargo.toml")
        self.version = re.search(r'^version = "(.+)"', cargo, re.M)[1]
        self.features = words(r"^(\w+) = \[", cargo.split("[features]")[1])
        self.operations = text("docs/OPERATIONS.md")
        cli = text("src/cli/mod.rs")
        self.flags = {}
        for command, module in words(r"^    (\w+)(?:\((\w+)::\w+\))?,", cli.split("enum Command {")[1].split("\n}")[0]):
            files = [Path(f"src/cli/{module}.rs"), Path(f"src/cli/{module}/mod.rs")] if module else []
            self.flags[command.lower()] = flags(cli).union(*(flags(text(file)) for file in files if file.exists()))

    def secrets_made_by_hand(self):
        """From docs/OPERATIONS.md: rows of | `name` | `key`, `key` | …"""
        rows = words(r"^\| `([a-z-]+)` \| ((?:`[\w.-]+`(?:, )?)+) \|", self.operations)
        return {name: words(r"`([^`]+)`", keys) for name, keys in rows}

    def has_metric(self, name):
        return name in self.metrics or re.sub(r"_(bucket|sum|count)$", "", name) in self.metrics

    def check_setting(self, where, field, name):
        if name.startswith("SUYUAN_") and name not in self.settings:
            fault(where, field, f"{name} is no setting of docs/CONFIGURATION.md")

    def check_command(self, where, field, args):
        command = args[0] if args else ""
        if command not in self.flags:
            fault(where, field, f"suyuan has no command {command!r}")
            return
        for flag in (arg.split("=")[0] for arg in args if arg.startswith("--")):
            if flag not in self.flags[command]:
                fault(where, field, f"suyuan {command} has no {flag}")


def flags(source):
    """`#[arg(long …)] field: …` is --field, unless `long = "name"` says otherwise."""
    found = set()
    for inside, field in words(r"#\[arg\(((?:[^()]|\([^()]*\))*)\)\]\s*(?:pub(?:\([a-z]+\))? )?(\w+):", source):
        named = re.search(r'\blong = "([\w-]+)"', inside)
        if named or re.search(r"\blong\b", inside):
            found.add("--" + (named[1] if named else field.replace("_", "-")))
    return found
