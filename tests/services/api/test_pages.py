"""Pages: templates escape what they are given, and fail loudly where a value is missing."""

from pathlib import Path

import jinja2
import pytest

from backwright.api.http.html import Pages
from backwright.operations.answers import Html


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "hello.txt").write_text("<p title='{{ name }}'>{{ name }}</p>")
    return Pages(tmp_path)


def test_values_are_escaped_whatever_the_template_is_called(pages: Pages) -> None:
    """Markup and quotes in a value cannot leave their place, in a template of any ending."""
    assert pages.render(Html(template="hello.txt", values={"name": "'><b>"})) == b"<p title='&#39;&gt;&lt;b&gt;'>&#39;&gt;&lt;b&gt;</p>"


def test_markup_is_sent_as_it_is() -> None:
    """A page without a template is its own markup, in UTF-8."""
    assert Pages().render(Html("<h1>é</h1>")) == "<h1>é</h1>".encode()


def test_a_missing_value_is_a_fault(pages: Pages) -> None:
    """An undefined name raises instead of vanishing from the page."""
    with pytest.raises(jinja2.UndefinedError):
        pages.render(Html(template="hello.txt"))


def test_templates_cannot_be_taken_from_outside(pages: Pages, tmp_path: Path) -> None:
    """A name that leaves the directory is not found."""
    with pytest.raises(jinja2.TemplateNotFound):
        pages.render(Html(template="../" + tmp_path.name + "/hello.txt"))
