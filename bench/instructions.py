"""Counts instructions of the release and of another commit's binary: `instructions.py COMMIT BINARY`.

valgrind counts what the program executes, not time: neither the disk nor what else the machine does changes it. Includes what
follows an answer: mails that are sent, documents that are indexed. Time in the kernel is not in it.
"""

import http.client
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Callable

from against import made_ready
from desk import BINARY, Desk, drained

# A batch is short, and a page comes before it: a queue that was not asked for in ten seconds is counted anew (0.1 s of one core).
PAGES = 5
# The median leaves out what happens in some of them beside the pages.
BATCHES = 25
OPENING_BATCHES = 5
OPENINGS = 60
# What limits, order and corrections may cost (issue 8).
AIM = "1.03"
# Seconds until the indexer, which looks every second, has indexed what was opened.
INDEXED_S = 5
# Seconds until nothing goes on behind the answers.
SETTLED_S = 15

FAULT = "&fault=El+conmutador+del+piso+12+se+apaga+y+se+enciende+solo.&severity=critical&urgency=critical"
REPORT = "&reporter=Ana+Teresa+Rivas&contract=CPS-VE-004213-58&serial=FOC2614A1B2&platform=network&country=VE" \
    "&location=Torre+Avila%2C+piso+12&contact_same=yes&contact_name=&contact_phone=0212+555+0142"


def asked(desk: Desk, method: str, path: str, expected: int, bodies: list[tuple[str | None, dict[str, str]]]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=300)
    for body, headers in bodies:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != expected:
            raise SystemExit(f"{path} answered {answer.status}")


def opening(at: int) -> tuple[str, dict[str, str]]:
    own = f"counted-{at:08d}"
    body = f"key={own}-0123456789abcdef{REPORT}&contact_mail={own}%40cumbre.example{FAULT}"
    return body, {"content-type": "application/x-www-form-urlencoded", "x-forwarded-for": f"10.1.{at // 250}.{at % 250 + 1}"}


def control(desk: Desk, *arguments: str) -> str:
    command = ["callgrind_control", *arguments, str(desk.process.pid)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def counted(desk: Desk, requests: int, load: Callable[[], None], first: Callable[[], None] = lambda: None) -> float:
    """Instructions for each request. What `first` does is not counted."""
    control(desk, "--instr=on")
    first()
    control(desk, "--zero")
    load()
    control(desk, "--instr=off")
    control(desk, "--dump")
    newest = max(desk.folder.glob("callgrind.out.*"), key=lambda file: file.stat().st_mtime_ns)
    total = next(line for line in newest.read_text().splitlines() if line.startswith("totals:"))
    return int(total.split()[1]) / requests


def figures(binary: Path, has_metrics: bool) -> dict[str, float]:
    desk = made_ready(binary)
    try:
        desk.stop()
        # Nothing comes due: a change of the order by time has the queue counted anew, for as many pages as the machine is slow.
        with closing(sqlite3.connect(desk.folder / "vigia.db")) as database, database:
            database.execute("UPDATE cases SET alarm_utc_s = NULL")
        desk.before = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={desk.folder}/callgrind.out"]
        desk.start()
        if not has_metrics:
            desk.metrics_port = desk.port
        cookie = desk.sign_in()
        pages = [(None, cookie)] * PAGES
        asked(desk, "POST", "/", 303, [opening(at) for at in range(5)])
        # Counts of the queue are made anew in the background, for the first page after an entry of a history.
        for _ in range(2):
            drained(desk)
            time.sleep(SETTLED_S)
            asked(desk, "GET", "/desk", 200, pages[:5])
        time.sleep(SETTLED_S)

        batches = iter(range(100, 100 + OPENINGS * OPENING_BATCHES, OPENINGS))

        def openings() -> None:
            begun = next(batches)
            asked(desk, "POST", "/", 303, [opening(at) for at in range(begun, begun + OPENINGS)])
            drained(desk)
            time.sleep(INDEXED_S)

        return {
            "queue page": statistics.median(
                counted(desk, PAGES, lambda: asked(desk, "GET", "/desk", 200, pages),
                        first=lambda: asked(desk, "GET", "/desk", 200, pages[:1])) for _ in range(BATCHES)),
            "open a case": statistics.median(counted(desk, OPENINGS, openings) for _ in range(OPENING_BATCHES)),
        }
    finally:
        desk.remove()


def main(commit: str, other: Path) -> None:
    if not shutil.which("valgrind"):
        print("sqlite: instructions | skipped: valgrind is not here")
        return
    now, then = figures(BINARY, True), figures(other, False)
    for what, count in now.items():
        print(f"sqlite: {what}, instructions, against {commit}".ljust(58)
              + f" | {count / 1e6:.2f} M, was {then[what] / 1e6:.2f} M".ljust(37) + f" | {count / then[what]:.3f} | {AIM}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve())
