"""The review of sign-in, rules and secrets: what changed, and whether it let somebody in."""

import pytest

from backwright.worker.protocol.gates.security_review import Surface, changes, markdown, review, surface, watched

ACCESS = """
def own(book: Book, who: User) -> bool:
    '''The owner.'''
    return book.owner == who.id

access = [allow(Book, read=anyone, write=own), allow(buy, call=signed_in)]
"""
APP = "app = App(access=access, sign_in=[Password(User)], database=x)"
MODEL = "class User(Account):\n    ssn: Secret[str]\n    name: str\n"
FILES = {"access.py": ACCESS, "app.py": APP, "model.py": MODEL}


def after(**changed: str) -> list[str]:
    """What the review says about changed files."""
    now = surface(FILES | {f"{name}.py": text for name, text in changed.items()})
    return [str(one) for one in changes(surface(FILES), now)]


def test_what_is_read() -> None:
    """The access table, rules, settings of sign-in and secrets."""
    found = surface(FILES)

    assert found.access == {"Book.read": "anyone", "Book.write": "own", "buy.call": "signed_in"}
    assert found.rules == {"access.py:own": "(book: Book, who: User) return book.owner == who.id"}
    assert found.settings == {"sign_in": "[Password(User)]"}
    assert found.secrets == {"User.ssn": "Secret[str]"}


def test_comments_and_docstrings_are_no_change() -> None:
    """Only what decides counts."""
    assert after(access=ACCESS.replace("'''The owner.'''", "'''Other.'''\n    # because")) == []


@pytest.mark.parametrize(
    ("file", "was", "now", "said"),
    [
        ("access", "write=own", "write=anyone", "anybody may do it without signing in"),
        ("access", "call=signed_in", "call=anyone", "anybody may do it without signing in"),
        ("access", "write=own", "write=signed_in", "a rule fell away"),
        ("model", "Secret[str]", "str", "it is no secret any more"),
        ("app", "sign_in=[Password(User)], ", "", "nobody signs in any more"),
    ],
)
def test_what_became_wider(file: str, was: str, now: str, said: str) -> None:
    """Each way to let somebody in who was kept out is named, and has to be answered for on a project in use."""
    texts = FILES | {f"{file}.py": FILES[f"{file}.py"].replace(was, now)}
    found = review(surface(FILES), surface(texts), {})

    assert [one.wider for one in found.wider if said in one.wider]
    assert found.verdict == "open"


def test_what_became_narrower_passes() -> None:
    """It is a change, and no concern."""
    found = review(surface(FILES), surface(FILES | {"access.py": ACCESS.replace("read=anyone", "read=own")}), {})

    assert (len(found.changes), found.wider, found.verdict) == (1, (), "passed")


def test_a_rule_with_another_body_is_shown() -> None:
    """Whether it is wider nobody can tell from the text: people see both."""
    assert after(access=ACCESS.replace("book.owner == who.id", "True")) == [
        "rule access.py:own: (book: Book, who: User) return book.owner == who.id → (book: Book, who: User) return True"
    ]


def test_a_new_project_was_agreed_to() -> None:
    """What a design opens on an empty folder is not wider than before."""
    found = review(Surface(), surface(FILES), {})

    assert found.new and found.needed and found.wider == () and found.verdict == "passed"


def test_claims_that_do_not_hold_are_part_of_it() -> None:
    """Access and secrets only."""
    found = review(surface(FILES), surface(FILES), {"access.rules": (False, "3 rows too many"), "run.latency": (False, "slow")})

    assert found.failing == ("access.rules: 3 rows too many",)
    assert (found.verdict, "3 rows too many" in markdown(found)) == ("open", True)


def test_nothing_touched() -> None:
    """Then the review is not needed, and says so."""
    found = review(surface(FILES), surface(FILES), {"access.rules": (True, "")})

    assert not found.needed and "were not touched" in markdown(found)


def test_a_file_that_does_not_parse_takes_its_rules_away() -> None:
    """They are shown as gone."""
    assert "access Book.read: anyone → nothing" in after(access="def (")


def test_which_files_matter() -> None:
    """The access table, sign-in, the app, the model and rules."""
    paths = ["access.py", "rules/a.py", "tests/access.py", "rules/a.md", "views.py"]

    assert list(filter(watched, paths)) == ["access.py", "rules/a.py"]
