"""Names that must meet: selectors and pods, ports, Secrets and their keys, routes, topics and clusters."""

from common import at, check_image, fault, labels_of, port_names

# For the cluster alone: no Ingress may show them.
INNER_ROUTES = {"/healthz", "/readyz", "/metrics"}


def check(overlay, program):
    check_workloads(overlay)
    check_services(overlay)
    for policy in overlay.of("NetworkPolicy"):
        check_policy(overlay, policy)
    check_secrets(overlay, program)
    for ingress in overlay.of("Ingress"):
        check_ingress(overlay, ingress, program.routes)
    check_kafka(overlay)
    for scaler in overlay.of("HorizontalPodAutoscaler", "ScaledObject"):
        check_scaler(overlay, scaler)
    check_database(overlay, program)
    check_settings(overlay, program)


def check_workloads(overlay):
    for resource, path, pod in overlay.pods:
        where, labels = overlay.where(resource), labels_of(pod)
        selector = at(resource, "spec.selector.matchLabels", {})
        if resource["kind"] in ("Deployment", "StatefulSet") and not selector.items() <= labels.items():
            fault(where, "spec.selector.matchLabels", f"{selector} is not on the pods: {labels}")
        for spread in at(pod, "spec.topologySpreadConstraints", []):
            if not at(spread, "labelSelector.matchLabels", {"": ""}).items() <= labels.items():
                fault(where, f"{path}.spec.topologySpreadConstraints", "selects other pods than these")
        service = at(resource, "spec.serviceName")
        if service and service not in overlay.named("Service"):
            fault(where, "spec.serviceName", f"there is no Service {service}")
    for budget in overlay.of("PodDisruptionBudget"):
        if not overlay.pods_with(at(budget, "spec.selector.matchLabels", {})):
            fault(overlay.where(budget), "spec.selector", "selects no pod")


def check_ports(overlay, resource, field, pods, wanted):
    for port in wanted:
        if isinstance(port, str) and port not in port_names(pods):
            fault(overlay.where(resource), field, f"no pod it selects has a port {port}")


def check_services(overlay):
    for service in overlay.of("Service"):
        pods = overlay.pods_with(at(service, "spec.selector", {}))
        if not pods:
            fault(overlay.where(service), "spec.selector", "selects no pod")
        targets = [port.get("targetPort") for port in at(service, "spec.ports", [])]
        check_ports(overlay, service, "spec.ports", pods, targets)
    for monitor in overlay.of("ServiceMonitor"):
        wanted = at(monitor, "spec.selector.matchLabels", {})
        services = [service for service in overlay.of("Service") if wanted.items() <= labels_of(service).items()]
        names = {port.get("name") for service in services for port in at(service, "spec.ports", [])}
        for endpoint in at(monitor, "spec.endpoints", []):
            if endpoint.get("port") not in names:
                fault(overlay.where(monitor), "spec.endpoints", f"no Service it selects has a port {endpoint.get('port')}")


def check_policy(overlay, policy):
    where, own = overlay.where(policy), at(policy, "spec.podSelector.matchLabels", {})
    if own and not overlay.pods_with(own) and not overlay.is_operators(own):
        fault(where, "spec.podSelector", "selects no pod")
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for rule in at(policy, f"spec.{direction}", []):
            if direction == "ingress" and not overlay.is_operators(own):
                ports = [port.get("port") for port in rule.get("ports", [])]
                check_ports(overlay, policy, "spec.ingress", overlay.pods_with(own), ports)
            for peer in rule.get(side, []):
                labels = at(peer, "podSelector.matchLabels", {})
                if not {"namespaceSelector", "ipBlock"} & peer.keys() and not overlay.pods_with(labels) and not overlay.is_operators(labels):
                    fault(where, f"spec.{direction}.{side}", f"no pod has {labels}")


def given_secrets(overlay, program):
    """Which Secrets there will be, with their keys: rendered, made by an operator, or made by hand."""
    given = program.secrets_made_by_hand()
    for name, secret in overlay.named("Secret").items():
        given[name] = set(secret.get("data", {})) | set(secret.get("stringData", {}))
    for cluster in overlay.named("Cluster"):
        given[f"{cluster}-app"] = {"username", "password", "dbname", "host", "port", "uri"}
        given[f"{cluster}-ca"] = {"ca.crt", "ca.key"}
    for kafka in overlay.named("Kafka"):
        given[f"{kafka}-cluster-ca-cert"] = {"ca.crt"}
    for user in overlay.named("KafkaUser"):
        given[user] = {"ca.crt", "user.crt", "user.key"}
    return given


def secrets_in(value, field=""):
    """Every Secret that is named somewhere inside: (field, name, keys)."""
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from secrets_in(inner, f"{field}[{index}]")
    if not isinstance(value, dict):
        return
    if "secretName" in value:
        yield field, value["secretName"], {item["key"] for item in value.get("items", [])}
    # So do secretKeyRef and the operators' own references look.
    elif {"name", "key"} <= value.keys() <= {"name", "key", "parameter"} and not field.endswith("configMapKeyRef"):
        yield field, value["name"], {value["key"]}
    for step, inner in value.items():
        yield from secrets_in(inner, f"{field}.{step}".lstrip("."))


def check_secrets(overlay, program):
    given = given_secrets(overlay, program)
    for resource in overlay.objects:
        for field, name, keys in secrets_in(resource):
            if name not in given:
                fault(overlay.where(resource), field, f"nobody makes the Secret {name}")
            elif not keys <= given[name]:
                missing = ", ".join(sorted(keys - given[name]))
                fault(overlay.where(resource), field, f"the Secret {name} has no {missing}")


def covers(path, route):
    begins = path["path"].rstrip("/")
    return route == begins or (path["pathType"] == "Prefix" and route.startswith(begins + "/"))


def check_ingress(overlay, ingress, routes):
    """Every route of the program can be reached, but for the inner ones; and every path leads to one."""
    where = overlay.where(ingress)
    paths = [path for rule in at(ingress, "spec.rules", []) for path in at(rule, "http.paths", [])]
    for path in paths:
        service = overlay.named("Service").get(at(path, "backend.service.name"))
        if at(path, "backend.service.port.name") not in {port.get("name") for port in at(service, "spec.ports", [])}:
            fault(where, path["path"], "leads to no port of a Service")
        if not any(covers(path, route) for route in routes):
            fault(where, path["path"], "leads to no route of src/web/routes.rs")
    for route in sorted(routes):
        is_covered = any(covers(path, route) for path in paths)
        if is_covered == (route in INNER_ROUTES):
            fault(where, "spec.rules", f"{route} {'must not' if is_covered else 'cannot'} be reached")


def check_kafka(overlay):
    for resource in overlay.of("KafkaNodePool", "KafkaTopic", "KafkaUser"):
        if labels_of(resource).get("strimzi.io/cluster") not in overlay.named("Kafka"):
            fault(overlay.where(resource), "metadata.labels", "strimzi.io/cluster names no Kafka")
    if not overlay.named("Kafka"):
        return
    topics = overlay.named("KafkaTopic")
    name = overlay.setting("SUYUAN_KAFKA_TOPIC")
    if at(topics.get(name), "spec.config", {}).get("message.timestamp.type") != "LogAppendTime":
        resource = topics.get(name, overlay.of("Kafka")[0])
        fault(overlay.where(resource), "spec.config", f"{name} must have message.timestamp.type LogAppendTime")
    known = {"topic": set(topics), "group": {overlay.setting("SUYUAN_KAFKA_GROUP")}}
    for user in overlay.of("KafkaUser"):
        for acl in at(user, "spec.authorization.acls", []):
            kind, name = at(acl, "resource.type"), at(acl, "resource.name")
            if name not in known.get(kind, ()):
                fault(overlay.where(user), "spec.authorization.acls", f"there is no {kind} {name}")


def check_scaler(overlay, scaler):
    where, target = overlay.where(scaler), at(scaler, "spec.scaleTargetRef", {})
    resource = overlay.named(target.get("kind", "Deployment")).get(target.get("name"))
    if not resource:
        fault(where, "spec.scaleTargetRef", "there is no such workload")
    elif "replicas" in resource["spec"]:
        fault(overlay.where(resource), "spec.replicas", f"is for the {scaler['kind']} to say")
    for trigger in at(scaler, "spec.triggers", []):
        data = trigger.get("metadata", {})
        for key, setting in (("topic", "SUYUAN_KAFKA_TOPIC"), ("consumerGroup", "SUYUAN_KAFKA_GROUP")):
            if data.get(key) != overlay.setting(setting):
                fault(where, f"spec.triggers.{key}", f"is not {setting}")
        partitions = at(overlay.named("KafkaTopic").get(data.get("topic")), "spec.partitions", 0)
        if partitions < at(scaler, "spec.maxReplicaCount", 0):
            fault(where, "spec.maxReplicaCount", f"the topic has {partitions} partitions")
        if at(trigger, "authenticationRef.name") not in overlay.named("TriggerAuthentication"):
            fault(where, "spec.triggers.authenticationRef", "there is no such TriggerAuthentication")


def check_database(overlay, program):
    for cluster in overlay.of("Cluster"):
        check_image(overlay.where(cluster), "spec.imageName", at(cluster, "spec.imageName", ""), program)
        for plugin in at(cluster, "spec.plugins", []):
            if at(plugin, "parameters.barmanObjectName") not in overlay.named("ObjectStore"):
                fault(overlay.where(cluster), "spec.plugins", "barmanObjectName names no ObjectStore")
    for backup in overlay.of("ScheduledBackup"):
        if at(backup, "spec.cluster.name") not in overlay.named("Cluster"):
            fault(overlay.where(backup), "spec.cluster.name", "there is no such Cluster")


def check_settings(overlay, program):
    for config in overlay.of("ConfigMap"):
        for key in at(config, "data", {}):
            program.check_setting(overlay.where(config), "data", key)
    hosts = set(overlay.named("Service")) | {f"{kafka}-kafka-bootstrap" for kafka in overlay.named("Kafka")}
    for broker in overlay.setting("SUYUAN_KAFKA_BROKERS").split(","):
        if broker.rpartition(":")[0] not in hosts:
            fault(f"k8s/overlays/{overlay.name}/kustomization.yaml", "SUYUAN_KAFKA_BROKERS", f"there is no {broker}")
