"""Holds the release against the binary of another commit: `against.py COMMIT BINARY`.

Both desks stand beside each other, each with the same cases, and are asked in turn: what else the machine does, it does to
both. Prints the median of each and what the one is of the other.
"""

import os
import statistics
import sys
from pathlib import Path

import many_cases
from desk import BINARY, Desk, drained
from load import wrk

ROUNDS = 9
SECONDS = 2
CASES = 100_000
# What limits, order and corrections may cost (issue 8).
AIM = "0.97"


def made_ready(binary: Path) -> Desk:
    desk = Desk(None, binary)
    desk.start()
    desk.stop()
    many_cases.fill(desk.folder / "vigia.db", CASES)
    desk.start()
    return desk


def openings(desk: Desk, clients: int, turn: int) -> float:
    told = wrk("open_case.lua", desk.url, clients, SECONDS, f"t{turn}-{clients}-{os.getpid()}")
    drained(desk)
    return told.per_s


def queue(desk: Desk, cookie: dict[str, str]) -> float:
    return wrk("read_page.lua", f"{desk.url}/desk", 8, SECONDS, headers=cookie).per_s


def main(commit: str, other: Path) -> None:
    desks = {"now": made_ready(BINARY), commit: made_ready(other)}
    # Older binaries serve metrics on their public address.
    if desks[commit].get("/metrics")[0] == 200:
        desks[commit].metrics_port = desks[commit].port
    try:
        cookies = {name: desk.sign_in() for name, desk in desks.items()}
        figures: dict[str, dict[str, list[float]]] = {}
        for turn in range(ROUNDS):
            # The order alternates.
            for name in sorted(desks, reverse=bool(turn % 2)):
                def note(what: str, rate: float) -> None:
                    figures.setdefault(what, {}).setdefault(name, []).append(rate)
                note("queue page, 8 clients", queue(desks[name], cookies[name]))
                note("open a case, 8 clients", openings(desks[name], 8, turn))
                note("open a case, 32 clients", openings(desks[name], 32, turn))
        for what, rates in figures.items():
            now, then = (statistics.median(rates[name]) for name in ("now", commit))
            spread = statistics.quantiles([a / b for a, b in zip(rates["now"], rates[commit])], n=4)
            print(f"{'sqlite: ' + what + ', against ' + commit:58} | {now:.0f}/s, was {then:.0f}/s".ljust(93)
                  + f" | {now / then:.3f}, middle half {spread[0]:.3f} to {spread[2]:.3f}".ljust(37) + f" | {AIM}", flush=True)
    finally:
        for desk in desks.values():
            desk.remove()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve())
