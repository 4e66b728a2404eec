"""What every check uses: a place for faults, ways into nested values, and one overlay's objects."""

import re
from pathlib import Path

import yaml

faults: list[str] = []


def fault(where, field, text):
    """A line each: file, object, field, what is wrong."""
    line = f"{where}: {field}: {text}"
    if line not in faults:
        faults.append(line)


def text(name):
    return Path(name).read_text(encoding="utf-8")


def at(value, path, default=None):
    """`at(pod, "spec.containers")`, or the default where a step is not there."""
    for step in path.split("."):
        if not isinstance(value, dict) or step not in value:
            return default
        value = value[step]
    return value


def name_of(resource):
    return at(resource, "metadata.name", "?")


def labels_of(resource):
    return at(resource, "metadata.labels", {})


def check_image(where, field, image, program):
    """Pinned by a tag or a digest; ours by the version that is built here."""
    name, _, tag = image.rpartition(":") if ":" in image.rsplit("/", 1)[-1] else (image, "", "")
    if "@sha256:" not in image and tag in ("", "latest"):
        fault(where, field, f"{image or 'an image'} is not pinned")
    elif name.rsplit("/", 1)[-1] == "suyuan" and tag != program.version:
        fault(where, field, f"{image} is not the version of Cargo.toml, {program.version}")


POD_PATHS = {
    "Deployment": "spec.template",
    "StatefulSet": "spec.template",
    "Job": "spec.template",
    "CronJob": "spec.jobTemplate.spec.template",
}


class Overlay:
    """The objects that one overlay renders to."""

    def __init__(self, file):
        self.name = Path(file).stem
        self.objects = [document for document in yaml.safe_load_all(text(file)) if document]
        self.sources = {}
        for folder in ("k8s/base", f"k8s/overlays/{self.name}"):
            for path in sorted(Path(folder).glob("*.yaml")):
                for document in yaml.safe_load_all(text(path)):
                    self.sources.setdefault((at(document, "kind"), name_of(document)), path)
        # Workload, where its pod stands in it, and the pod.
        self.pods = [(r, path, at(r, path, {})) for r in self.objects if (path := POD_PATHS.get(r.get("kind")))]

    def where(self, resource):
        """The file an object is written in, the overlay, and the object."""
        kind, name = resource.get("kind"), name_of(resource)
        file = self.sources.get((kind, name), f"k8s/overlays/{self.name}/kustomization.yaml")
        return f"{file} ({self.name}): {kind}/{name}"

    def of(self, *kinds):
        return [resource for resource in self.objects if resource.get("kind") in kinds]

    def named(self, kind):
        return {name_of(resource): resource for resource in self.of(kind)}

    def setting(self, name):
        values = [at(config, "data", {}).get(name) for config in self.of("ConfigMap")]
        return next((value for value in values if value is not None), "")

    def pods_with(self, labels):
        return [pod for _, _, pod in self.pods if labels and labels.items() <= labels_of(pod).items()]

    def is_operators(self, labels):
        """Whether an operator puts these labels on pods of its own, which are not among the objects."""
        clusters = {"cnpg.io/cluster": "Cluster", "strimzi.io/cluster": "Kafka"}
        return any(labels.get(label) in self.named(kind) for label, kind in clusters.items())


def port_names(pods):
    containers = [container for pod in pods for container in at(pod, "spec.containers", [])]
    return {port.get("name") for container in containers for port in container.get("ports", [])}


def words(pattern, source):
    return set(re.findall(pattern, source, re.M))
