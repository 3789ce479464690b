"""Who needs whom: services, systems and containers, as data, as Mermaid and as DOT. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from backwright.worker.survey.catalogue import catalogue
from backwright.worker.survey.connections import connections
from backwright.worker.survey.containers import ComposeService
from backwright.worker.survey.repository import Edge, Evidence, Graph, Node, Service
from backwright.worker.survey.signals import Connected

_SHOWN = 4


@dataclass(slots=True)
class _Making:
    nodes: dict[str, Node] = field(default_factory=dict[str, Node])
    edges: dict[tuple[str, str], list[Evidence]] = field(default_factory=dict[tuple[str, str], list[Evidence]])

    def system(self, name: str) -> str:
        return self.node(catalogue().system_kind(name), name)

    def node(self, kind: str, name: str, key: str = "") -> str:
        id = _id(key or name)
        self.nodes.setdefault(id, Node(id, kind, name))
        return id

    def edge(self, source: str, target: str, evidence: Iterable[Evidence]) -> None:
        if source != target:
            known = self.edges.setdefault((source, target), [])
            known += [e for e in evidence if e not in known]


def graph(services: Sequence[Service], composed: Sequence[ComposeService], connected: Iterable[Connected]) -> Graph:
    """The graph: from Compose files, connection strings and client libraries that are declared for more than development."""
    made = _Making()
    ids = {service.folder: made.node("service", service.name, f"service {service.folder} {service.name}") for service in services}
    for service in services:
        _libraries(made, ids[service.folder], service)
    folders = sorted(ids, key=len, reverse=True)
    for one in connected:
        owner = next((f for f in folders if f == "." or one.folder == f or one.folder.startswith(f + "/")), None)
        if owner is not None and one.connection.system:
            made.edge(ids[owner], made.system(one.connection.system), [one.at])
    _compose(made, ids, composed)
    _addresses(made, ids, folders, composed, connected)
    edges = tuple(Edge(s, t, tuple(sorted(set(evidence))[:_SHOWN])) for (s, t), evidence in sorted(made.edges.items()))
    return Graph(tuple(sorted(made.nodes.values(), key=lambda n: (n.kind != "service", n.kind, n.id))), edges)


def _libraries(made: _Making, id: str, service: Service) -> None:
    for technology in service.technologies:
        if technology.development:
            continue
        for library in catalogue().declared(service.ecosystem, technology.package):
            if library.system and library.name == technology.name:
                made.edge(id, made.system(library.system), technology.declared[:1] + technology.used[:1])


def _compose(made: _Making, ids: dict[str, str], composed: Sequence[ComposeService]) -> None:
    names = _compose_names(made, ids, composed)
    for one in composed:
        source = names[one.name]
        for needed, at in one.needs:
            made.edge(source, names.get(needed) or made.node("container", needed), [at])
        for key, value in one.environment:
            for connection in connections(value):
                target = names.get(connection.host) or (made.system(connection.system) if connection.system else "")
                if target:
                    text = f"{key}: {connection.text.rpartition(': ')[2]}"
                    made.edge(source, target, [Evidence(one.file, one.at.line, text)])


def _compose_names(made: _Making, ids: dict[str, str], composed: Sequence[ComposeService]) -> dict[str, str]:
    names: dict[str, str] = {}
    for one in composed:
        own = ids.get(one.folder or ".") if one.folder is not None else None
        names[one.name] = own or (made.system(one.system) if one.system else made.node("container", one.name))
    return names


def _addresses(
    made: _Making, ids: dict[str, str], folders: Sequence[str], composed: Sequence[ComposeService], connected: Iterable[Connected]
) -> None:
    """HTTP addresses in configuration whose host is a service of a Compose file."""
    names = _compose_names(made, ids, composed) | {service.rpartition("/")[2]: id for service, id in ids.items() if service != "."}
    for one in connected:
        owner = next((f for f in folders if f == "." or one.folder == f or one.folder.startswith(f + "/")), None)
        target = names.get(one.connection.host)
        if owner is not None and target and not one.connection.system:
            made.edge(ids[owner], target, [one.at])


def _id(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "root"


def mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flow chart."""
    shapes = {"service": '["{}"]', "database": '[("{}")]', "broker": '{{{{"{}"}}}}', "external": '(["{}"])', "container": '["{}"]'}
    lines = [f"  {n.id}{shapes[n.kind].format(_quoted(n.name))}" for n in graph.nodes]
    return "\n".join(["flowchart LR", *lines, *(f"  {e.source} --> {e.target}" for e in graph.edges)]) + "\n"


def dot(graph: Graph) -> str:
    """The graph in the DOT language."""
    shapes = {"service": "box", "database": "cylinder", "broker": "hexagon", "external": "ellipse", "container": "box"}
    lines = [f'  {n.id} [label="{_quoted(n.name)}", shape={shapes[n.kind]}];' for n in graph.nodes]
    return "\n".join(["digraph services {", "  rankdir=LR;", *lines, *(f"  {e.source} -> {e.target};" for e in graph.edges), "}"]) + "\n"


def _quoted(text: str) -> str:
    return re.sub(r"[\"\\\[\]{}\n]", "'", text)
