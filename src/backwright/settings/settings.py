"""Typed settings from the environment: everything missing or wrong is reported together, by the variable's name, and secrets are masked."""

import os
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeVar, cast, dataclass_transform

import msgspec

from backwright.domain.fields import Limits, Mark
from backwright.observe.mask import HIDDEN, is_secret


@dataclass(frozen=True, slots=True)
class Variable:
    """The environment variable of a setting, where it is not the prefix and the name: ``url: Annotated[str, Variable("DATABASE_URL")]``."""

    name: str


class SettingsError(Exception):
    """Settings are missing or wrong. `problems` says each one with its variable and how to mend it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass_transform(kw_only_default=True, frozen_default=True)
class SettingsMeta(msgspec.StructMeta):
    """Makes each settings class a frozen, keyword-only Struct and remembers its prefix."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], *, prefix: str | None = None) -> type:
        cls = super().__new__(mcls, name, bases, namespace, kw_only=True, frozen=True)
        if prefix is not None:
            type.__setattr__(cls, "prefix", prefix)
        return cls


class Settings(msgspec.Struct, metaclass=SettingsMeta):
    """Base of an app's own settings::

        class Shop(Settings, prefix="SHOP_"):
            currency: str = "EUR"
            stripe_key: Secret[str]          # SHOP_STRIPE_KEY, or the file that SHOP_STRIPE_KEY_FILE names

    `read` takes them from the environment. Text, numbers, booleans (true, false, 1, 0), enums, dates, paths, and comma-separated
    tuples of them are understood; `Limits` holds. In tests, make one directly: ``Shop(stripe_key="x")``.
    """

    prefix: ClassVar[str] = ""

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, prefix: str | None = None) -> None: ...

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """The settings that `environ` holds. Raises `SettingsError` with every problem."""
        found, problems = _read(cls, environ)
        if found is None:
            raise SettingsError(problems)
        return found

    @classmethod
    def variables(cls) -> dict[str, str]:
        """The environment variable of each setting."""
        return {name: variable for name, variable, _, _ in _fields(cls)}

    def __repr__(self) -> str:
        secret = {name for name, _, _, hidden in _fields(type(self)) if hidden}
        values = ((name, getattr(self, name)) for name in self.__struct_fields__)
        shown = (f"{name}={HIDDEN if name in secret and value is not None else repr(value)}" for name, value in values)
        return f"{type(self).__name__}({', '.join(shown)})"

    __str__ = __repr__

    def secrets(self) -> tuple[str, ...]:
        """The values that must not be shown anywhere: hand them to `observe.mask.Mask`."""
        values = (getattr(self, name) for name, _, _, hidden in _fields(type(self)) if hidden)
        return tuple(text for value in values for text in _texts(value))


S = TypeVar("S", bound=Settings)


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else ()


def read_all(kinds: Iterable[type[Settings]], environ: Mapping[str, str] = os.environ) -> dict[type[Settings], Settings]:
    """Read several settings classes. Raises one `SettingsError` with the problems of all of them."""
    found: dict[type[Settings], Settings] = {}
    problems: list[str] = []
    for kind in kinds:
        settings, wrong = _read(kind, environ)
        problems += wrong
        if settings is not None:
            found[kind] = settings
    if problems:
        raise SettingsError(problems)
    return found


def _read(kind: type[S], environ: Mapping[str, str]) -> tuple[S | None, list[str]]:
    values: dict[str, Any] = {}
    problems: list[str] = []
    required = {field.name for field in msgspec.structs.fields(kind) if field.required}
    for name, variable, hint, hidden in _fields(kind):
        text = None
        try:
            text = _text(variable, environ)
            if text is not None:
                values[name] = _convert(text, hint)
            elif name in required:
                problems.append(f"{variable} is not set. It takes {_shape(hint)}.")
        except msgspec.ValidationError as error:
            shown = HIDDEN if hidden else repr(text)
            problems.append(f"{variable}={shown} does not do: {str(error).replace(' - at `$`', '')}. It takes {_shape(hint)}.")
        except OSError as error:
            problems.append(f"{variable}_FILE cannot be read: {error}.")
    if problems:
        return None, problems
    try:
        return kind(**values), []
    except SettingsError as wrong:  # raised by the class's own __post_init__
        return None, list(wrong.problems)


def _text(variable: str, environ: Mapping[str, str]) -> str | None:
    """The variable's value; an empty one is none. ``X_FILE`` names a file that holds it, as container secrets do."""
    if text := environ.get(variable):
        return text
    if path := environ.get(f"{variable}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return None


def _fields(kind: type[Settings]) -> list[tuple[str, str, Any, bool]]:
    """Of each setting: its name, its variable, its type, and whether it is secret."""
    hints = typing.get_type_hints(kind, include_extras=True)
    found: list[tuple[str, str, Any, bool]] = []
    for name in kind.__struct_fields__:
        marks: tuple[Any, ...] = getattr(hints[name], "__metadata__", ())
        variable = next((m.name for m in marks if isinstance(m, Variable)), f"{kind.prefix}{name.upper()}")
        hidden = any(isinstance(m, Mark) and m.word == "secret" for m in marks) or is_secret(name)
        found.append((name, variable, _msgspec_type(hints[name]), hidden))
    return found


def _msgspec_type(hint: Any) -> Any:
    """The type that msgspec converts to: our marks dropped, `Limits` said in its words."""
    if typing.get_origin(hint) is not Annotated:
        return hint
    for limits in (mark for mark in hint.__metadata__ if isinstance(mark, Limits)):
        words = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")
        said = {word: value for word in words if (value := getattr(limits, word)) is not None}
        return Annotated[hint.__origin__, msgspec.Meta(**said)]
    return hint.__origin__


def _convert(text: str, hint: Any) -> Any:
    bare = hint.__origin__ if typing.get_origin(hint) is Annotated else hint
    if bare is Path:
        return Path(text)
    parts = [part.strip() for part in text.split(",") if part.strip()] if typing.get_origin(bare) is tuple else text
    return msgspec.convert(parts, hint, strict=False)


def _shape(hint: Any) -> str:
    bare = hint.__origin__ if typing.get_origin(hint) is Annotated else hint
    if typing.get_origin(bare) is tuple:
        return f"a comma-separated list ({_shape(typing.get_args(bare)[0])})"
    if typing.get_origin(bare) is typing.Literal:
        return " or ".join(map(str, typing.get_args(bare)))
    if _is_enum(bare):
        return " or ".join(str(member.value) for member in bare)
    words = {str: "text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}
    return words.get(bare, str(bare).removeprefix("<class '").removesuffix("'>"))


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Enum)
