"""Checks what tests/manifests rendered, and the Dockerfile, compose.yaml and the dashboard beside it.

Kinds of Kubernetes itself are held against their schemas. What no schema sees is looked up: that names meet
(`names.py`), that pods keep the rules of the house (`pods.py`), and that what a file says of the program is so
(`program.py`, `files.py`). Every fault is a line: file, object, field, what is wrong.
"""

import sys
from collections import Counter

import kubernetes_validate

import files
import names
import pods
from common import Overlay, fault, faults, name_of
from program import Program

# The oldest and the newest Kubernetes that the manifests are meant for.
VERSIONS = ("1.32", "1.37")

# Kinds of operators, which no schema here knows: only their names are looked at.
CUSTOM = {
    "kafka.strimzi.io/v1": {"Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser"},
    "postgresql.cnpg.io/v1": {"Cluster", "ScheduledBackup"},
    "barmancloud.cnpg.io/v1": {"ObjectStore"},
    "keda.sh/v1alpha1": {"ScaledObject", "TriggerAuthentication"},
    "monitoring.coreos.com/v1": {"ServiceMonitor", "PrometheusRule"},
}


def check_schema(where, resource):
    kind, api = resource.get("kind", "?"), resource.get("apiVersion", "?")
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(resource, version, strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            fault(where, "apiVersion", f"{api} {kind} is nothing that Kubernetes {version} has")
            return
        except kubernetes_validate.ValidationError as error:
            field = ".".join(str(step) for step in error.path)
            fault(where, field, f"Kubernetes {version}: {error.message}")
            return


def check_schemas(overlay):
    validated, custom = Counter(), Counter()
    for resource in overlay.objects:
        kind, where = resource.get("kind", "?"), overlay.where(resource)
        if kind not in CUSTOM.get(resource.get("apiVersion"), ()):
            validated[kind] += 1
            check_schema(where, resource)
            continue
        custom[kind] += 1
        if not isinstance(resource.get("spec"), dict) or name_of(resource) == "?":
            fault(where, "spec", "is needed, and metadata.name")

    def told(kinds):
        return ", ".join(kind if count == 1 else f"{count} {kind}" for kind, count in sorted(kinds.items()))

    print(f"{overlay.name}: against the schemas of Kubernetes {' and '.join(VERSIONS)}: {told(validated)}")
    if custom:
        print(f"{overlay.name}: NOT against a schema, by names only: {told(custom)}")


def main(rendered):
    program = Program()
    for file in rendered:
        overlay = Overlay(file)
        check_schemas(overlay)
        pods.check(overlay, program)
        names.check(overlay, program)
        files.check_alerts(overlay, program)
    files.check_dashboard(program)
    files.check_dockerfile(program)
    files.check_compose(program)
    print("\n".join(faults) if faults else "no faults")
    return 1 if faults else 0


sys.exit(main(sys.argv[1:]))
