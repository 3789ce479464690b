"""What becomes of people's edits when the design changes: random pairs of both, merged and looked at.

usage: python -m benchmarks.merge [--pairs 1000] [--seed 1] [--apps 0]
"""

import argparse
import time

from tests.support.random_merges import measured, pairs


def main() -> int:
    """Print the figures; 0 only if nothing was lost and nothing broke unreported."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    begun = time.perf_counter()
    found = measured(pairs(asked.pairs, asked.seed))
    print(found.sentence)
    print("edits: " + ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in found.edits.most_common()))
    for line in (*found.lost, *found.broken, *found.wrong)[:40]:
        print(f"  {line}")
    print(f"{time.perf_counter() - begun:.1f} s")
    return 1 if found.lost or found.broken or found.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
