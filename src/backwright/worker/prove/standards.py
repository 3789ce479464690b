"""The list of all standards that `backwright prove` knows, in the order in which they are reported."""

from backwright.worker.prove.standard import Standard

STANDARDS: tuple[Standard, ...] = ()
