"""How well the classifier does on labelled sentences, half of which were held out while it was written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from backwright.worker.triggers.classify import classify

CORPUS = Path(__file__).parent / "corpus.tsv"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence and whether it calls for the worker."""

    text: str
    yes: bool
    held_out: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one half, and what follows from them."""

    true_yes: int
    false_yes: int
    true_no: int
    false_no: int
    wrong: tuple[str, ...]

    @property
    def sentences(self) -> int:
        """How many there are."""
        return self.true_yes + self.false_yes + self.true_no + self.false_no

    @property
    def precision(self) -> float:
        """Of those it calls for the worker, the share that is right."""
        return self.true_yes / max(self.true_yes + self.false_yes, 1)

    @property
    def recall(self) -> float:
        """Of those that call for the worker, the share it finds."""
        return self.true_yes / max(self.true_yes + self.false_no, 1)


def corpus(file: Path = CORPUS) -> list[Labelled]:
    """The sentences. Of each four lines, the last two are held out: nothing was changed because of them."""
    lines = [line.split("\t", 1) for line in file.read_text(encoding="utf-8").splitlines() if line]
    return [Labelled(text, label == "yes", number % 4 >= 2) for number, (label, text) in enumerate(lines)]


def measure(sentences: Iterable[Labelled], says: Callable[[str], bool] = lambda text: classify(text).yes) -> Figures:
    """Compare what it says with the labels."""
    judged = [(one, says(one.text)) for one in sentences]
    wrong = tuple(one.text for one, said in judged if said != one.yes)

    def count(label: bool, said: bool) -> int:
        return sum(one.yes is label and answer is said for one, answer in judged)

    return Figures(count(True, True), count(False, True), count(False, False), count(True, False), wrong)
