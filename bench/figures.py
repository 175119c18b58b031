"""The table of a bench, kept as JSON: each figure is compared with the one of the last bench that was committed.

`bench/figures/ENGINE.json` holds the commit, the machine and the figures. `make bench` writes the files anew; git keeps the
former ones. A figure is the ratio to its baseline of the same run where it has one: machines differ, ratios differ less.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent / "figures"
# What got worse by more than this share is said first.
TOLERATED = 0.1


@dataclass(frozen=True)
class Higher:
    """A figure that is better when it is higher, such as a rate."""

    figure: float

    def share_lost(self, before: float) -> float:
        return 1 - self.figure / before if before else 0.0


@dataclass(frozen=True)
class Lower:
    """A figure that is better when it is lower, such as a time or a size."""

    figure: float

    def share_lost(self, before: float) -> float:
        return self.figure / before - 1 if before else 0.0


def machine() -> str:
    """The processor and its cores."""
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown")
    return f"{model}, {os.cpu_count()} cores"


def commit() -> str:
    """The commit that was measured; with a mark when the tree had changes."""
    done = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=HERE.parent, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


class Figures:
    """The figures of one engine, and those of the bench before."""

    def __init__(self, engine: str, folder: Path = HERE):
        self.file = folder / f"{engine}.json"
        self.before = json.loads(self.file.read_text()) if self.file.exists() else None
        self.rows: list[str] = []
        self.now: dict[str, float] = {}
        self.worse: list[str] = []

    def row(self, what: str, value: str, ratio: str = "", aim: str = "", *, figure: Higher | Lower | None = None) -> None:
        """A line of the table. A figure is what is compared with the last bench."""
        line = f"{what:58} | {value:32} | {ratio:34} | {aim}"
        # The progress. The table comes last, below what got worse.
        print(line, file=sys.stderr, flush=True)
        self.rows.append(line)
        if figure is None:
            return
        self.now[what] = round(figure.figure, 6)
        before = (self.before or {}).get("figures", {}).get(what)
        if before is not None and (lost := figure.share_lost(before)) > TOLERATED:
            self.worse.append(f"{what}: {figure.figure:.4g}, was {before:.4g} ({lost:.0%} worse)")

    def close(self) -> None:
        """Says what got worse, then the table, and writes the file."""
        if self.before:
            where = "" if self.before["machine"] == machine() else f", on another machine ({self.before['machine']})"
            print(f"\nAgainst {self.before['commit']}{where}:")
            for line in self.worse or ["nothing is worse by more than a tenth"]:
                print(f"  {line}")
            print()
        print("\n".join(self.rows), flush=True)
        self.file.parent.mkdir(exist_ok=True)
        kept = {"commit": commit(), "machine": machine(), "figures": self.now}
        self.file.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n")
