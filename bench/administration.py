"""What an administrator waits for: an import, lists of the register, the preview of a plan's change. Called by main.py."""

import os
import re
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Callable

import many_cases
from desk import ADMINISTRATOR, Desk
from figures import Figures, Higher, Lower
from load import wrk

# A provider as issue 10 names it: 25,000 pieces of equipment, and 10,000 open cases.
PIECES = 25_000
OPEN_CASES = 10_000
CLIENTS = 8
SECONDS = 4

COLUMNS = "serial,manufacturer,model,platform,contract,site,address,country,zone"

Row = Callable[..., None]


def run(desk: Desk, *arguments: str) -> float:
    """Runs a command of the desk's binary on its data; seconds."""
    begun = time.monotonic()
    desk.run(*arguments)
    return time.monotonic() - begun


def equipment() -> str:
    """A file of equipment: 50 sites, a maker without formats of its own."""
    lines = [COLUMNS]
    for piece in range(PIECES):
        site = piece % 50
        lines.append(
            f"BX{piece:07d}K,Hersteller,Modell {piece % 7},network,CPS-VE-004213-58,"
            f"Sede {site:02d},Avenida Principal {site:02d} Caracas,VE,America/Caracas")
    return "\n".join(lines) + "\n"


def bare_inserts(folder: Path) -> float:
    """Seconds that SQLite alone needs for as many rows, in one transaction."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        connection = sqlite3.connect(Path(place) / "bare.db", isolation_level=None)
        connection.execute("CREATE TABLE bare (serial TEXT PRIMARY KEY, rest TEXT NOT NULL)")
        begun = time.monotonic()
        connection.execute("BEGIN")
        for line in equipment().splitlines()[1:]:
            connection.execute("INSERT INTO bare VALUES (?, ?)", line.split(",", 1))
        connection.execute("COMMIT")
        took = time.monotonic() - begun
        connection.close()
        return took


def imports(desk: Desk, row: Row) -> None:
    file = desk.folder / "equipment.csv"
    file.write_text(equipment())
    bare = bare_inserts(desk.folder)
    took = run(desk, "import", "equipment", str(file), "--apply", "--confirm")
    row(f"sqlite: import of {PIECES:,} pieces of equipment", f"{took:.1f} s", f"{took / bare:.0f} times bare inserts of {bare:.2f} s", "10 s",
        figure=Lower(took / bare))


def lists(desk: Desk, row: Row) -> None:
    cookie = desk.sign_in(ADMINISTRATOR)
    health = wrk("read_page.lua", f"{desk.url}/healthz", CLIENTS, SECONDS)
    register = "/desk/admin/register"
    for what, path in (
        ("first page of equipment", f"{register}/equipment"),
        ("last page of equipment", f"{register}/equipment?page={PIECES // 50}"),
        ("equipment found by its model", f"{register}/equipment?q=modell+3"),
        ("contracts", f"{register}/contracts"),
    ):
        told = wrk("read_page.lua", desk.url + path, CLIENTS, SECONDS, headers=cookie)
        row(f"sqlite: {what}, {CLIENTS} clients", f"{told.per_s:.0f}/s, p99 {told.p99_ms:.1f} ms",
            f"{told.per_s / health.per_s:.3f} of {health.per_s:.0f}/s of /healthz", "500/s",
            figure=Higher(told.per_s / health.per_s))


def preview(desk: Desk, row: Row) -> None:
    """A plan whose resolution is due later, shown over every open case and not saved."""
    folder = desk.folder / "settings"
    unchanged_export = run(desk, "settings", "export", str(folder))
    nothing = run(desk, "settings", "apply", str(folder))
    plans = folder / "plans.toml"
    text = plans.read_text()
    changed = re.sub(r"^resolution = .*$", lambda line: line[0].replace("h", "0h"), text, flags=re.M)
    if changed == text:
        changed = re.sub(r'"(\d+)h"', lambda hours: f'"{int(hours[1]) + 1}h"', text)
    if changed == text:
        raise SystemExit(f"no target to change in {text[:400]}")
    plans.write_text(changed)
    took = run(desk, "settings", "apply", str(folder))
    row(f"sqlite: preview of changed plans, {OPEN_CASES:,} open cases", f"{took:.2f} s",
        f"{took / nothing:.1f} times a preview without a change; export {unchanged_export:.2f} s", "2 s", figure=Lower(took))


def measure(row: Row) -> None:
    desk = Desk(None)
    try:
        desk.start()
        desk.stop()
        imports(desk, row)
        desk.start()
        lists(desk, row)
        desk.stop()
        many_cases.fill(desk.folder / "vigia.db", OPEN_CASES)
        preview(desk, row)
    finally:
        desk.remove()


if __name__ == "__main__":
    measure(Figures("administration").row)
