"""Text formats: e-mail addresses, phone numbers, URIs. Each returns the text in its one normal form, or raises `Wrong`."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

_URI = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]*):(?://(?:[^\s/?#@]*@)?(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]*)(?::([0-9]{1,5}))?(?=[/?#]|$))?([^\s]*)"
)
_NOT_IN_URI = re.compile(r"[\x00-\x20\x7f<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})")
_LONGEST = 2048


class Wrong(Exception):
    """A value is not acceptable: a sentence that follows the field's name ("must be ..."), and a stable code."""

    def __init__(self, detail: str, code: str) -> None:
        self.detail, self.code = detail, code
        super().__init__(detail)


def email(text: str) -> str:
    """An e-mail address (RFC 5322 as used in practice, RFC 6531), its domain in lower case. DNS is not asked."""
    validate, refused = _email_library()
    try:
        if len(text) > 254:
            raise ValueError
        return validate(text)
    except (refused, ValueError):
        raise Wrong("must be an e-mail address", "format") from None


def phone(text: str) -> str:
    """A telephone number with its country code, in E.164: ``+442079460018``."""
    parse, is_possible, e164, refused = _phone_library()
    try:
        if not text.startswith("+") or len(text) > 40:
            raise ValueError
        number = parse(text)
        if number.extension or not is_possible(number):
            raise ValueError
        return e164(number)
    except (refused, ValueError):
        raise Wrong("must be a phone number with its country code, for example +442079460018", "format") from None


def uri(text: str) -> str:
    """An absolute URI (RFC 3986), unchanged; at most 2048 characters; http and https need a host."""
    match = _URI.fullmatch(text) if len(text) <= _LONGEST and not _NOT_IN_URI.search(text) else None
    if match is None or (match[3] and int(match[3]) > 65535) or (match[1].lower() in ("http", "https") and not match[2]):
        raise Wrong("must be an absolute URI, for example https://example.org/page", "format")
    return text


FORMATS: dict[str, Callable[[str], str]] = {"email": email, "phone": phone, "uri": uri}


@cache
def _email_library() -> tuple[Callable[[str], str], type[Exception]]:
    from email_validator import EmailNotValidError, validate_email

    def validate(text: str) -> str:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized

    return validate, EmailNotValidError


@cache
def _phone_library() -> tuple[Callable[[str], Any], Callable[[Any], bool], Callable[[Any], str], type[Exception]]:
    import phonenumbers

    def e164(number: Any) -> str:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    return lambda text: phonenumbers.parse(text, None), phonenumbers.is_possible_number, e164, phonenumbers.NumberParseException
