"""Backwright: declare entities, rules and operations; get a running backend and the proof that it does what is said.

Every name that users write, from one door.
"""

from backwright.api.http.problems import ErrorShape, Fault, ProblemJson, protocol_headers
from backwright.api.http.security import Cors
from backwright.api.rest.contract import Filter, Paging, Rest, resource, route
from backwright.app.app import App, Load
from backwright.data.database import Database
from backwright.domain.access import allow, anyone, signed_in
from backwright.domain.entity import Account, Entity, index, unique
from backwright.domain.events import Event
from backwright.domain.exists import exists
from backwright.domain.fields import (
    Column,
    CountedIn,
    Doc,
    Id,
    Limits,
    Managed,
    Many,
    Maybe,
    Owner,
    PartOf,
    Point,
    Range,
    Secret,
    Unique,
    Wire,
)
from backwright.domain.mistakes import DeclarationError
from backwright.domain.refusals import (
    AlreadyExists,
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    NotImplementedYet,
    Problem,
    Refusal,
    Unauthenticated,
)  # fmt: skip
from backwright.domain.request import Request
from backwright.identity.declare import Password
from backwright.identity.passwords import PasswordPolicy
from backwright.identity.sign_in import SignIn
from backwright.operations.answers import File, Html, Json, Redirect, Stream, Text
from backwright.operations.given_inputs import Body, Form, Upload
from backwright.operations.limits import Tier
from backwright.operations.transaction import Transaction

__all__ = [
    "Account", "AlreadyExists", "App", "Body", "Column", "Conflict", "Cors", "CountedIn", "Database", "DeclarationError", "Doc",
    "Entity", "ErrorShape", "Event", "Fault", "File", "Filter", "Forbidden", "Form", "Html", "Id", "Invalid", "Json", "Limits",
    "Load", "Malformed", "Managed", "Many", "Maybe", "NotFound", "NotImplementedYet", "Owner", "Paging", "PartOf", "Password",
    "PasswordPolicy", "Point", "Problem", "ProblemJson", "Range", "Redirect", "Refusal", "Request", "Rest", "Secret", "SignIn",
    "Stream", "Text", "Tier", "Transaction", "Unauthenticated", "Unique", "Upload", "Wire", "allow", "anyone", "exists", "index",
    "protocol_headers", "resource", "route", "signed_in", "unique",
]  # fmt: skip
