"""The rules that every pod is held to."""

import json
import re

from common import at, check_image, fault, name_of

# Their images write into their own folders when they start.
WRITES_ITS_ROOT = {"apache/kafka"}


def check(overlay, program):
    for resource, path, pod in overlay.pods:
        where, spec = overlay.where(resource), pod.get("spec", {})
        check_pod(where, f"{path}.spec", spec)
        volumes = {volume["name"] for volume in spec.get("volumes", [])}
        volumes |= {name_of(claim) for claim in at(resource, "spec.volumeClaimTemplates", [])}
        goes_on = resource["kind"] in ("Deployment", "StatefulSet")
        for group in ("initContainers", "containers"):
            for container in spec.get(group, []):
                field = f"{path}.spec.{group}[{container.get('name')}]"
                check_container(where, field, container, volumes, program)
                check_environment(overlay, where, field, container, program)
                is_ours = container.get("name") == "suyuan"
                if is_ours:
                    check_command(overlay, where, field, container, program)
                if goes_on and group == "containers":
                    check_probes(where, field, container, program.routes if is_ours else None)
                if goes_on and is_ours:
                    for needed in ("terminationGracePeriodSeconds", "topologySpreadConstraints"):
                        if not spec.get(needed):
                            fault(where, f"{path}.spec.{needed}", "is needed")
    check_keys_are_copied_alike(overlay)


def must(where, field, value, rule, expected):
    found = at(value, rule)
    if found != expected:
        fault(where, f"{field}.{rule}", f"must be {json.dumps(expected)}, is {json.dumps(found)}")


def check_pod(where, field, spec):
    must(where, field, spec, "securityContext.runAsNonRoot", True)
    must(where, field, spec, "securityContext.seccompProfile.type", "RuntimeDefault")
    must(where, field, spec, "automountServiceAccountToken", False)
    # Kubernetes would hand in SUYUAN_KAFKA_BOOTSTRAP_SERVICE_HOST and its like, which the program refuses.
    must(where, field, spec, "enableServiceLinks", False)


def check_container(where, field, container, volumes, program):
    image = container.get("image", "")
    check_image(where, f"{field}.image", image, program)
    for what in ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory"):
        if at(container, f"resources.{what}") is None:
            fault(where, f"{field}.resources.{what}", "is needed")
    must(where, field, container, "securityContext.allowPrivilegeEscalation", False)
    must(where, field, container, "securityContext.capabilities.drop", ["ALL"])
    if image.rsplit(":", 1)[0] not in WRITES_ITS_ROOT:
        must(where, field, container, "securityContext.readOnlyRootFilesystem", True)
    for mount in container.get("volumeMounts", []):
        if mount["name"] not in volumes:
            fault(where, f"{field}.volumeMounts", f"there is no volume {mount['name']}")


def check_environment(overlay, where, field, container, program):
    """Settings are known, keys of ConfigMaps are there, and $(NAME) stands after NAME."""
    configs, known = overlay.named("ConfigMap"), set()
    for source in container.get("envFrom", []):
        name = at(source, "configMapRef.name")
        if name and name not in configs:
            fault(where, f"{field}.envFrom", f"there is no ConfigMap {name}")
        known |= set(at(configs.get(name), "data", {}))
    for variable in container.get("env", []):
        name = variable["name"]
        program.check_setting(where, f"{field}.env", name)
        for used in re.findall(r"\$\((\w+)\)", str(variable.get("value", ""))):
            if used not in known:
                fault(where, f"{field}.env[{name}]", f"$({used}) is not set before it")
        known.add(name)
        reference = at(variable, "valueFrom.configMapKeyRef")
        if reference and reference["key"] not in at(configs.get(reference["name"]), "data", {}):
            fault(where, f"{field}.env[{name}]", f"there is no {reference['name']}.{reference['key']}")


def check_command(overlay, where, field, container, program):
    """The command exists, and the port is the one it listens on."""
    args = container.get("args", [])
    program.check_command(where, f"{field}.args", args)
    listen = re.search(r"--listen[= ](\S+)", " ".join(args))
    address = listen[1] if listen else overlay.setting("SUYUAN_HTTP_LISTEN")
    for port in container.get("ports", []):
        if str(port["containerPort"]) != address.rpartition(":")[2]:
            fault(where, f"{field}.ports", f"{port['containerPort']} is not where it listens, {address}")


def check_probes(where, field, container, routes):
    ports = {port.get("name") for port in container.get("ports", [])}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        if probe not in container:
            fault(where, f"{field}.{probe}", "is needed")
            continue
        for way in ("httpGet", "tcpSocket"):
            port = at(container, f"{probe}.{way}.port")
            if isinstance(port, str) and port not in ports:
                fault(where, f"{field}.{probe}.{way}.port", f"there is no port {port}")
        # Alive must not hang on the database: a pod would be restarted for what others have.
        due = {"livenessProbe": ["/healthz"], "readinessProbe": ["/readyz"]}.get(probe, ["/healthz", "/readyz"])
        path = at(container, f"{probe}.httpGet.path")
        if routes is not None and (path not in due or path not in routes):
            fault(where, f"{field}.{probe}.httpGet.path", f"must be the route {' or '.join(due)}")


def check_keys_are_copied_alike(overlay):
    """Three pods copy the keys, each written in its own file."""
    copies = [(r, c) for r, _, pod in overlay.pods for c in at(pod, "spec.initContainers", []) if c["name"] == "keys"]
    for resource, copy in copies[1:]:
        if copy != copies[0][1]:
            fault(overlay.where(resource), "initContainers[keys]", f"differs from that of {name_of(copies[0][0])}")
