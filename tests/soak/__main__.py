"""`make soak`: deliveries under every fault, then once more in the sandbox under SIGKILL."""

from __future__ import annotations

import argparse
import secrets
import sys
import time

from tests.soak import killing
from tests.soak.simulation import Soak

SECONDS = 600  # a slow machine delivers fewer, and says so


def main() -> int:
    """Print the seed first, so that a run that hangs can be repeated; 1 if anything is lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--pictures", type=int, default=100, help="in the sandbox; 0 leaves it out")
    given = parser.parse_args()
    print(f"seed {given.seed} (SEED={given.seed} repeats the choices)", flush=True)
    began = time.monotonic()
    count = Soak(given.seed).run(given.deliveries, SECONDS)
    print(f"{count}\n{time.monotonic() - began:.0f} s", flush=True)
    lost = len(count.lost)
    if given.pictures:
        killed = killing.run(given.seed, given.pictures)
        print(f"in the sandbox: {killed}", flush=True)
        lost += killed.lost
    return 1 if lost or count.deliveries < given.deliveries else 0


if __name__ == "__main__":
    sys.exit(main())
