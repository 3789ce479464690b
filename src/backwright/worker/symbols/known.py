"""The languages that are read, by the names of files."""

from pathlib import PurePosixPath

from backwright.worker.symbols.language import Language
from backwright.worker.symbols.languages.csharp import CSHARP
from backwright.worker.symbols.languages.go import GO
from backwright.worker.symbols.languages.java import JAVA
from backwright.worker.symbols.languages.javascript import JAVASCRIPT
from backwright.worker.symbols.languages.kotlin import KOTLIN
from backwright.worker.symbols.languages.php import PHP
from backwright.worker.symbols.languages.python import PYTHON
from backwright.worker.symbols.languages.ruby import RUBY
from backwright.worker.symbols.languages.typescript import TSX, TYPESCRIPT

LANGUAGES = (PYTHON, JAVASCRIPT, TYPESCRIPT, TSX, JAVA, KOTLIN, GO, CSHARP, RUBY, PHP)
_BY_SUFFIX = {suffix: language for language in LANGUAGES for suffix in language.suffixes}


def language_of(file: str) -> Language | None:
    """The language of a file, by its suffix; None for one that is not read."""
    return _BY_SUFFIX.get(PurePosixPath(file).suffix.lower())
