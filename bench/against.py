"""Holds the release against the binary of another commit: `against.py COMMIT BINARY`.

Both desks stand beside each other, each with the same cases, and are asked in turn: what else the machine does, it does to
both. Prints the median of each and what the one is of the other.
"""

import json
import os
import shutil
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import many_cases
from desk import BINARY, ROOT, Desk, drained
from load import Figures, wrk

ROUNDS = 9
SECONDS = 2
CASES = 100_000
# What limits, order and corrections may cost (issue 8).
AIM = "0.97"
AIM_CPU = "1.03"


def former_site() -> Path:
    """The browser's files for a binary before decision 0050: its list of files is flat."""
    site = ROOT / "target" / "former-site"
    shutil.rmtree(site, ignore_errors=True)
    shutil.copytree(ROOT / "dist", site)
    listed = site / "pkg" / "manifest.json"
    told = json.loads(listed.read_text())
    listed.write_text(json.dumps(told.get("files", told)))
    return site


def made_ready(binary: Path) -> Desk:
    desk = Desk(None, binary)
    if binary != BINARY:
        desk.site = former_site()
    desk.start()
    desk.stop()
    many_cases.fill(desk.folder / "vigia.db", CASES)
    desk.start()
    return desk


@dataclass(frozen=True)
class Cost:
    """What one request costs: the rate says it with the disk and the load, the server's own processor time without them."""

    per_s: float
    cpu_us: float


def measured(desk: Desk, load: Callable[[], Figures]) -> Cost:
    before = desk.cpu_s()
    told = load()
    return Cost(told.per_s, (desk.cpu_s() - before) / (told.per_s * SECONDS) * 1e6)


def openings(desk: Desk, clients: int, turn: int) -> Cost:
    def load() -> Figures:
        told = wrk("open_case.lua", desk.url, clients, SECONDS, f"t{turn}-{clients}-{os.getpid()}")
        # The mails are part of what an opening costs.
        drained(desk)
        return told
    return measured(desk, load)


def queue(desk: Desk, cookie: dict[str, str]) -> Cost:
    return measured(desk, lambda: wrk("read_page.lua", f"{desk.url}/desk", 8, SECONDS, headers=cookie))


def told(what: str, now: list[float], then: list[float], unit: str, aim: str) -> None:
    spread = statistics.quantiles([a / b for a, b in zip(now, then)], n=4)
    print(f"{what:58} | {statistics.median(now):.0f} {unit}, was {statistics.median(then):.0f}".ljust(93)
          + f" | {statistics.median(now) / statistics.median(then):.3f}, middle half {spread[0]:.3f} to {spread[2]:.3f}".ljust(37)
          + f" | {aim}", flush=True)


def main(commit: str, other: Path) -> None:
    desks = {"now": made_ready(BINARY), commit: made_ready(other)}
    # Older binaries serve metrics on their public address.
    if desks[commit].get("/metrics")[0] == 200:
        desks[commit].metrics_port = desks[commit].port
    try:
        cookies = {name: desk.sign_in() for name, desk in desks.items()}
        figures: dict[str, dict[str, list[Cost]]] = {}
        for turn in range(ROUNDS):
            # The order alternates.
            for name in sorted(desks, reverse=bool(turn % 2)):
                def note(what: str, cost: Cost) -> None:
                    figures.setdefault(what, {}).setdefault(name, []).append(cost)
                note("queue page, 8 clients", queue(desks[name], cookies[name]))
                note("open a case, 8 clients", openings(desks[name], 8, turn))
                note("open a case, 32 clients", openings(desks[name], 32, turn))
        for what, costs in figures.items():
            now, then = costs["now"], costs[commit]
            told(f"sqlite: {what}, against {commit}", [c.per_s for c in now], [c.per_s for c in then], "/s", AIM)
            told(f"sqlite: {what}, processor time", [c.cpu_us for c in now], [c.cpu_us for c in then], "us", AIM_CPU)
    finally:
        for desk in desks.values():
            desk.remove()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve())
