"""Tests import the example's modules as `backwright serve` does: from its own folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
