"""What a project's tests use: ``from backwright.testing import open_app``. No server, no port, no waiting."""

from backwright.testing.answer import Answer
from backwright.testing.client import Client, ServerFault
from backwright.testing.clock import Clock
from backwright.testing.database import OpenApp, Somebody, open_app
from backwright.testing.rules import both_ways

__all__ = ["Answer", "Client", "Clock", "OpenApp", "ServerFault", "Somebody", "both_ways", "open_app"]
