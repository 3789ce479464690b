"""``backwright triggers``: does a text call for the backend worker, and how well is that told?"""

from typing import Annotated

import typer

from backwright.worker.triggers.classify import classify
from backwright.worker.triggers.measure import Figures, corpus, measure


def triggers(
    text: Annotated[str, typer.Argument(help="A task, in a sentence or more.")] = "",
    measured: Annotated[bool, typer.Option("--measure", help="Print precision and recall on the labelled sentences.")] = False,
) -> None:
    """Say whether a text calls for the backend worker, and why. Exit status: 0 it does, 1 it does not, 2 there was nothing to judge."""
    if measured:
        sentences = corpus()
        _say("half it was written with", measure(one for one in sentences if not one.held_out))
        _say("half that was held out", measure(one for one in sentences if one.held_out))
        return
    if not text.strip():
        typer.echo("give it a text, or --measure", err=True)
        raise typer.Exit(2)
    found = classify(text)
    typer.echo(f"{'yes' if found.yes else 'no'}: {found.reason}")
    for name, listed in (("words", found.words), ("situations", found.situations)):
        if listed:
            typer.echo(f"  {name}: {', '.join(listed)}")
    raise typer.Exit(0 if found.yes else 1)


def _say(half: str, found: Figures) -> None:
    counted = f"{found.true_yes} of {found.true_yes + found.false_no} found, {found.false_yes} too many"
    typer.echo(f"{half}: {found.sentences} sentences, precision {found.precision:.3f}, recall {found.recall:.3f} ({counted})")
