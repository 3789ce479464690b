"""What goes to the security-auditor. Pure."""

import re
from collections.abc import Iterator

from backwright.worker.protocol.escalation.seen import Raised, Seen

TO = "security-auditor"
_STATUTES = re.compile(
    r"\b(gdpr|dsgvo|hipaa|soc ?2|pci[- ]?dss|iso ?27001|ccpa|cpra|lgpd|ferpa|coppa|fedramp|personal data|"
    r"data protection|right to be forgotten|"
    r"health record|data residency)\b",
    re.IGNORECASE,
)  # fmt: skip
_SENSITIVE = re.compile(
    r"(^|_)(ssn|social_security\w*|passport\w*|iban|tax_id|national_id|date_of_birth|birth_?date|dob|diagnos\w+|medical\w*|health\w*|"
    r"ethnicity|religion|sexual\w*|biometric\w*|fingerprint|card_number|cvv|cvc|pan|salary|bank_account\w*)(_|$)",
    re.IGNORECASE,
)  # fmt: skip
_THREATS = re.compile(
    r"\b(ddos|denial of service|credential stuffing|brute[- ]force|account takeover|fraud\w*|money launder\w*|zero[- ]trust|mtls|"
    r"mutual tls|threat model|penetration test\w*|bot(?:s|net)?|sandbox(?:ed|ing)? escape|supply chain|ransomware|exfiltrat\w+)\b",
    re.IGNORECASE,
)  # fmt: skip


def vulnerability(seen: Seen) -> Iterator[Raised]:
    """A vulnerability that needs attention: a standard of access, secrets or dependencies fails, or access became wider. It blocks."""
    if found := {**seen.failing("access.", "code.secrets", "code.dependencies")}:
        about = " ".join(sorted(found))
        yield Raised(TO, "vulnerability", "standards of security do not hold", {"claims": found}, blocks=True, about=about)
    if seen.widened:
        yield Raised(TO, "vulnerability", "access became wider than it was", {"changes": list(seen.widened)}, blocks=True)


def compliance(seen: Seen) -> Iterator[Raised]:
    """Compliance: a law or standard is named, or fields hold what laws protect."""
    prose = {**seen.words, **seen.instructions, "task": seen.task}
    named = {place: match.group() for place, text in prose.items() if (match := _STATUTES.search(text))}
    fields = [name for name in seen.fields if _SENSITIVE.search(name.rpartition(".")[2])]
    if named or fields:
        yield Raised(TO, "compliance", "the data or the task fall under compliance rules", {"named": named, "fields": fields})


def threats(seen: Seen) -> Iterator[Raised]:
    """Advanced threats: they are named, a wanted way to sign in is not built, or the limits do not hold."""
    named = {place: match.group() for place, text in {**seen.words, "task": seen.task}.items() if (match := _THREATS.search(text))}
    if named:
        yield Raised(TO, "threats", "advanced threats are named", {"named": named})
    if seen.refused_security:
        yield Raised(TO, "threats", "a way to sign in is not built as the design says", {"elements": list(seen.refused_security)})
    if found := seen.failing("api.limited", "run.available"):
        yield Raised(TO, "threats", "the service can be overwhelmed", {"claims": found}, about=" ".join(sorted(found)))
