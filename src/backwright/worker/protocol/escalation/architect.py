"""What goes to the code-architect. Pure."""

import re
from collections.abc import Iterator

from backwright.worker.protocol.escalation.seen import Raised, Seen

TO = "code-architect"
MOST_OPERATIONS, MOST_ENTITIES, MOST_FILES = 100, 40, 200
"""From here on a design is large."""
_MANIFESTS = (
    "package.json", "pyproject.toml", "go.mod", "pom.xml", "build.gradle", "build.gradle.kts", "Cargo.toml", "Gemfile", "composer.json",
    "requirements.txt", "setup.py",
)  # fmt: skip
_OTHER = re.compile(
    r"\b(django|flask|fastapi|express|nest(?:js)?|fastify|spring(?: ?boot)?|quarkus|micronaut|rails|sinatra|laravel|symfony|asp\.net|"
    r"mysql|mariadb|mongo(?:db)?|oracle|sql server|cassandra|dynamodb|cockroach(?:db)?|kotlin|java|golang|typescript|node(?:\.js)?)\b",
    re.IGNORECASE,
)  # fmt: skip
_MOVE = re.compile(r"\b(migrat\w+|mov\w+|port\w*|rewrit\w+|replac\w+|switch\w*)\b.{0,40}\b(from|to|with|by)\b", re.IGNORECASE)
_SYSTEMS = re.compile(
    r"\b(stripe|paypal|adyen|kafka|rabbitmq|nats|salesforce|sap|twilio|sendgrid|mailgun|elasticsearch|opensearch|keycloak|auth0|okta|"
    r"hubspot|zendesk|slack|shopify|algolia|snowflake|bigquery|[a-z]+[- ](?:micro)?service)\b",
    re.IGNORECASE,
)  # fmt: skip
_NO_SYSTEM = re.compile(r"(?:customer|self|web|this|the|our|a|each|every|room|terms of|in|backend)[- ]service", re.IGNORECASE)


def several_services(seen: Seen) -> Iterator[Raised]:
    """Decisions over several services: two services or more in the repository, or three outside systems or more in the design."""
    services = sorted({file.rpartition("/")[0] for file in seen.files if file.rpartition("/")[2] in _MANIFESTS and "/" in file})
    if len(services) >= 2:
        yield Raised(TO, "several-services", "the repository holds several services", {"services": services[:20]})
    found = {(place, match.group().lower()) for place, text in seen.words.items() for match in _SYSTEMS.finditer(text)}
    named = {name: place for place, name in sorted(found) if not _NO_SYSTEM.fullmatch(name)}
    if len(named) >= 3:
        yield Raised(TO, "several-services", "the design names several outside systems", {"systems": named})


def technology(seen: Seen) -> Iterator[Raised]:
    """Technology selection or migration: other manifests at the root, instructions or a task that name another framework or database."""
    other = sorted(file for file in seen.files if file in _MANIFESTS and file not in ("pyproject.toml", "requirements.txt", "setup.py"))
    if other:
        yield Raised(TO, "technology", "the folder holds a project in another technology", {"files": other})
    asked = {place: text for place, text in seen.instructions.items() if _OTHER.search(text)}
    if asked:
        yield Raised(TO, "technology", "the instructions name another technology", {"instructions": asked})
    if _MOVE.search(seen.task) and _OTHER.search(seen.task):
        yield Raised(TO, "technology", "the task is a migration of technology", {"task": seen.task})


def large_scale(seen: Seen) -> Iterator[Raised]:
    """A large design: more than 100 operations, 40 entities, or 200 files to write."""
    sizes = {
        "operations": (seen.operations, MOST_OPERATIONS), "entities": (seen.entities, MOST_ENTITIES), "files": (seen.written, MOST_FILES),
    }  # fmt: skip
    large = {name: {"number": number, "most": most} for name, (number, most) in sizes.items() if number > most}
    if large:
        yield Raised(TO, "large-scale", "the design is large", large)
