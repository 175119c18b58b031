"""Measures the release binary: `main.py sqlite` or `main.py postgres` (which needs VIGIA_TEST_POSTGRES_URL).

Prints a table: what, value, ratio to, aim. What cannot be measured here is said to be skipped, and why. In the end it says what
got worse by more than a tenth since the last bench (figures.py).
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Callable

import administration
import doors
import inserts
import many_cases
import walls
from desk import BINARY, ROOT, Desk, drained
from figures import Figures, Higher, Lower
from load import Skipped, wrk

SECONDS = 4
CASES = 100_000


Row = Callable[..., None]


def step(row: Row, what: str, measure: Callable[[], None]) -> None:
    try:
        measure()
    except Skipped as reason:
        row(what, f"skipped: {reason}")


def openings(row: Row, engine: str, desk: Desk, bare: Callable[[int], float]) -> None:
    for clients in (1, 8, 32):
        def measure() -> None:
            # Before and after: the disk has other users.
            before = bare(clients)
            told = wrk("open_case.lua", desk.url, clients, SECONDS, f"b{clients}-{os.getpid()}")
            drained(desk)
            reference = (before + bare(clients)) / 2
            row(f"{engine}: open a case, {clients} clients", f"{told.per_s:.0f}/s, p99 {told.p99_ms:.1f} ms",
                f"{told.per_s / reference:.2f} of {reference:.0f}/s bare inserts",
                "0.5" + (", p99 50 ms" if clients == 32 else ""), figure=Higher(told.per_s / reference))
        step(row, f"{engine}: open a case, {clients} clients", measure)


def pages(row: Row, engine: str, desk: Desk) -> None:
    cookie = desk.sign_in()
    health = wrk("read_page.lua", f"{desk.url}/healthz", 8, SECONDS)
    number = newest(desk)
    for what, path, aim in (
        (f"queue page of 50 over {CASES:,} cases", "/desk", "1000/s"),
        ("case page", f"/desk/cases/{number}", "2000/s"),
        ("form page", "/", ""),
    ):
        def measure() -> None:
            told = wrk("read_page.lua", desk.url + path, 8, SECONDS, headers=cookie)
            row(f"{engine}: {what}, 8 clients", f"{told.per_s:.0f}/s, p99 {told.p99_ms:.1f} ms",
                f"{told.per_s / health.per_s:.3f} of {health.per_s:.0f}/s of /healthz", aim,
                figure=Higher(told.per_s / health.per_s))
        step(row, what, measure)


def newest(desk: Desk) -> str:
    return asyncio.run(walls.open_case(desk.port))[0]


def displays(row: Row, engine: str, desk: Desk) -> None:
    told = asyncio.run(walls.measure(desk, walls=200, cases=20))
    row(f"{engine}: answer to event at 200 walls", f"p50 {told['p50_ms']:.1f} ms, p99 {told['p99_ms']:.1f} ms", "", "p99 100 ms",
        figure=Lower(told["p99_ms"]))
    row(f"{engine}: a wall costs", f"{told['kib_per_wall']:.0f} KiB of memory",
        f"snapshot {told['snapshot_bytes'] / 1024:.1f} KiB, change {told['change_bytes'] / 1024:.1f} KiB",
        figure=Lower(told["kib_per_wall"]))


def bundles(row: Row) -> None:
    names = json.loads((ROOT / "dist/pkg/manifest.json").read_text())["files"]
    def brotli(*wanted: str) -> tuple[float, float]:
        files = [ROOT / "dist/pkg" / names[name] for name in wanted]
        packed = [Path(f"{file}.br") for file in files]
        if not all(file.exists() for file in packed):
            raise Skipped("dist holds no brotli: it is a development build")
        return sum(file.stat().st_size for file in packed) / 1000, sum(file.stat().st_size for file in files) / 1000
    for what, wanted, aim in (
        ("form", ("form.js", "form_bg.wasm", "form.es.json", "vigia.css"), "300 kB"),
        ("workspace", ("workspace.js", "workspace_link.js", "workspace_bg.wasm", "workspace.es.json", "vigia.css"), "307 kB"),
        ("verify", ("verify.js", "verify_bg.wasm", "verify.es.json", "verify.css"), "400 kB"),
        ("wall", ("wall.js", "wall_bg.wasm", "wall.es.json", "wall.css"), "200 kB"),
    ):
        def measure() -> None:
            small, whole = brotli(*wanted)
            row(f"bundle of {what}: wasm + js + words + css, brotli", f"{small:.0f} kB", f"{small / whole:.2f} of {whole:.0f} kB", aim,
                figure=Lower(small))
        step(row, f"bundle of {what}", measure)


def simulation(row: Row) -> None:
    """Weeks of the desk with people and faults, on a SQLite file; what contradicts itself in the end fails the bench."""
    command = [str(BINARY), "simulate", "--cases", "300", "--seed", "1", "--days", "30"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "en"})
    told = re.search(r"in ([\d.]+) s: ([\d.]+) cases per second", done.stdout)
    if done.returncode != 0 or not told:
        sys.exit(f"the simulation found something:\n{done.stdout}{done.stderr}")
    row("sqlite: simulate 300 cases, 30 days, all faults", f"{told[2]} cases/s", f"{told[1]} s in all",
        figure=Higher(float(told[2])))


def main(engine: str) -> None:
    database = os.environ["VIGIA_TEST_POSTGRES_URL"] if engine == "postgres" else None
    desk = Desk(database)
    figures = Figures(engine)
    row = figures.row
    try:
        first = desk.start()
        desk.stop()
        again = desk.start()
        row(f"{engine}: start to first page", f"{again * 1e3:.0f} ms", f"{first * 1e3:.0f} ms with the demonstration to load", "200 ms",
            figure=Lower(again))
        row(f"{engine}: idle memory", f"{desk.memory_mib():.1f} MiB", "", "40 MiB", figure=Lower(desk.memory_mib()))
        step(row, "walls", lambda: displays(row, engine, desk))
        drained(desk)
        if database:
            openings(row, engine, desk, lambda clients: inserts.postgres(database, clients, SECONDS // 2))
        else:
            openings(row, engine, desk, lambda _: inserts.sqlite(desk.folder, SECONDS / 2))
        row(f"{engine}: memory after that", f"{desk.memory_mib():.1f} MiB")
        step(row, "open a case by the API", lambda: doors.openings(row, engine, desk))
        if not database:
            desk.stop()
            count = many_cases.fill(desk.folder / "vigia.db", CASES)
            started = desk.start()
            row(f"{engine}: start to first page, {count:,} cases", f"{started * 1e3:.0f} ms", f"{started / again:.1f} of the start above")
            step(row, "pages", lambda: pages(row, engine, desk))
            row(f"{engine}: memory with {count:,} cases", f"{desk.memory_mib():.1f} MiB")
            step(row, "administration", lambda: administration.measure(row))
            bundles(row)
            simulation(row)
        desk.stop()
        step(row, "mails taken in", lambda: doors.mails_in(row, engine, database))
        step(row, "webhooks", lambda: doors.webhooks(row, engine, database))
        figures.close()
    finally:
        desk.remove()


if __name__ == "__main__":
    main(sys.argv[1])
