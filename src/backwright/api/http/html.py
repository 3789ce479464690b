"""Pages: jinja2 templates that always escape, loaded when the first page is asked for."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from backwright.operations.answers import Html

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment


class Pages:
    """Renders `Html` answers from the templates of one directory."""

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory

    @cached_property
    def _environment(self) -> "ImmutableSandboxedEnvironment":
        from jinja2 import FileSystemLoader, StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        loader = FileSystemLoader(self.directory) if self.directory is not None else None
        return ImmutableSandboxedEnvironment(loader=loader, autoescape=True, undefined=StrictUndefined, auto_reload=False)

    def render(self, page: Html) -> bytes:
        """The page in UTF-8. Raises ``jinja2.TemplateError`` (a fault) for a missing template or an undefined value."""
        if page.template is None:
            return page.markup.encode()
        return self._environment.get_template(page.template).render(page.values).encode()
