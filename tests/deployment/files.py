"""What stands beside the manifests: measurements in alerts and the dashboard, the Dockerfile, compose.yaml."""

import json
import re
from pathlib import Path

import promql_parser
import yaml

from common import at, check_image, fault, text

# Measured by others: Prometheus itself and kube-state-metrics.
FOREIGN_METRICS = {"up", "kube_job_status_failed", "kube_cronjob_status_last_successful_time"}


def check_expression(where, field, expression, program):
    """It can be read, and whatever it asks for is measured."""
    # Grafana's own variables, replaced by what they could be.
    plain = expression.replace("$__rate_interval", "5m").replace("$namespace", "suyuan")
    try:
        promql_parser.parse(plain)
    except ValueError as error:
        fault(where, field, f"{error}: {' '.join(expression.split())}")
    bare = re.sub(r"\{[^{}]*\}|\[[^\[\]]*\]", "", plain)
    for name in re.findall(r"\b(?:suyuan_[a-z_]+|kube_[a-z_]+|up)\b", bare):
        if name not in FOREIGN_METRICS and not program.has_metric(name):
            fault(where, field, f"{name} is measured nowhere in src/")


def check_dashboard(program):
    where = "k8s/grafana/suyuan.json"
    panels = json.loads(text(where))["panels"]
    for panel in panels:
        for target in panel.get("targets", []):
            check_expression(where, panel["title"], target["expr"], program)
    if len({panel["id"] for panel in panels}) != len(panels):
        fault(where, "panels.id", "two panels have one id")


def check_alerts(overlay, program):
    for rules in overlay.of("PrometheusRule"):
        for rule in (rule for group in at(rules, "spec.groups", []) for rule in group["rules"]):
            check_expression(overlay.where(rules), rule["alert"], rule["expr"], program)
            if f"| `{rule['alert']}` |" not in program.operations:
                fault(overlay.where(rules), rule["alert"], "docs/OPERATIONS.md does not say what to do")


def check_dockerfile(program):
    where, stages, user = "Dockerfile", set(), "root"
    plain = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text(where), flags=re.M))
    for word, _, rest in (line.strip().partition(" ") for line in plain.splitlines()):
        if word == "FROM":
            image, _, stage = rest.partition(" AS ")
            if image not in stages:
                check_image(where, "FROM", image, program)
            stages.add(stage)
            user = "root"
        elif word == "USER":
            user = rest.split(":")[0]
        elif word == "ENV":
            for name in re.findall(r"(\w+)=", rest):
                program.check_setting(where, "ENV", name)
        for feature in re.findall(r"--features (\S+)", rest):
            if not set(feature.split(",")) <= program.features:
                fault(where, word, f"Cargo.toml has no feature {feature}")
    if not user.isdigit() or user == "0":
        fault(where, "USER", f"ends as {user}: must be a number that is not 0")
    for path in (line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")):
        if not Path(path).exists():
            fault(".dockerignore", path, "is not there")


def check_compose(program):
    where = "compose.yaml"
    services = yaml.safe_load(text(where))["services"]
    for name, service in services.items():
        check_image(where, f"{name}.image", service.get("image", ""), program)
        for variable in service.get("environment", {}):
            program.check_setting(where, f"{name}.environment", variable)
        for other in service.get("depends_on", {}):
            if other not in services:
                fault(where, f"{name}.depends_on", f"there is no {other}")
        if service.get("image", "").startswith("suyuan:"):
            program.check_command(where, f"{name}.command", service.get("command", []))
            for rule, expected in (("read_only", True), ("cap_drop", ["ALL"])):
                if service.get(rule) != expected:
                    fault(where, f"{name}.{rule}", f"must be {json.dumps(expected)}")
