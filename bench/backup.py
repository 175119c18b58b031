"""Backup and restore of a large desk, in seconds and MB: `python3 bench/backup.py [CASES]`, after `make build`.

Takes the demonstration and copies its cases, with everything that belongs to each, under numbers that go on from theirs: the
integrity check finds nothing in the copies either. A second backup is made while eight clients open cases. With VIGIA_TEST_POSTGRES_URL (tools/postgres.sh --durable) the desk is moved to
that server and back as well.
"""

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from desk import BINARY, Desk, drained
from load import Figures, wrk
from many_cases import compact

CLIENTS = 8
# Seconds of openings without a backup; with one they go on for as long as it takes, and no longer than the second figure.
ALONE_S, BESIDE_S = 5, 600
# What leads from one case to another: a copy would lead to the original.
LEADS = ("link:%", "withdrawn:duplicate")
# Mails about several cases, or by rules that count all of them.
COUNTED = ("warning", "warnings", "visit_missed", "links", "visit_staff")
# Unique beside the number of the case.
IDS = {("case_events", "seq"), ("outbox", "id")}


def vigia(*arguments: str, database: str) -> float:
    """Runs the binary; how many seconds it took."""
    begun = time.monotonic()
    ran = subprocess.run([BINARY, *arguments], env=os.environ | {"VIGIA_DATABASE": database, "LANG": "en", "VIGIA_LOG": "warn"},
                         capture_output=True, text=True)
    if ran.returncode:
        raise SystemExit(f"vigia {' '.join(arguments)}: {ran.stdout}{ran.stderr}")
    return time.monotonic() - begun


def fill(database: Path, wanted: int) -> int:
    """Copies cases until there are `wanted`."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    ask = lambda text, *values: connection.execute(text, values).fetchall()
    led = " OR ".join(f"kind LIKE '{kind}'" for kind in LEADS)
    seeds = [n for (n,) in ask(f"SELECT number FROM cases WHERE number NOT IN (SELECT case_number FROM case_events WHERE {led})")]
    tables = {}
    for (table,) in ask("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
        columns = [name for _, name, *_ in ask(f"PRAGMA table_info({table})")]
        key = "number" if table == "cases" else "case_number"
        if key in columns:
            tables[table] = (columns, key)
    rows = {
        seed: [(table, list(row)) for table, (columns, key) in tables.items()
               for row in ask(f"SELECT * FROM {table} WHERE {key} = ?" + (
                   f" AND kind NOT IN {COUNTED}" if table == "outbox" else "") + (" ORDER BY seq" if table == "case_events" else ""), seed)]
        for seed in seeds
    }
    inserts = {t: f"INSERT INTO {t} VALUES ({', '.join('?' * len(columns))})" for t, (columns, _) in tables.items()}
    last = {(c, y): n for c, y, n in ask("SELECT country, year, last FROM case_numbers")}
    next_id = {("case_events", "seq"): ask("SELECT max(seq) FROM case_events")[0][0], ("outbox", "id"): ask("SELECT max(id) FROM outbox")[0][0]}
    there = ask("SELECT count(*) FROM cases")[0][0]
    for at in range(max(0, wanted - there)):
        seed = seeds[at % len(seeds)]
        country, year = seed[:2], 2000 + int(seed[2:4])
        last[country, year] += 1
        number = compact(country, year % 100, last[country, year])
        seq = None
        for table, row in sorted(rows[seed], key=lambda entry: entry[0] != "case_events"):
            columns = tables[table][0]
            copy = [value.replace(seed, number) if isinstance(value, str) else value for value in row]
            for place, column in enumerate(columns):
                if (table, column) in IDS:
                    next_id[table, column] += 1
                    copy[place] = next_id[table, column]
                    seq = copy[place] if table == "case_events" else seq
                elif column == "message_id":
                    copy[place] = f"<bench-{next_id['outbox', 'id']}@vigia.example>"
                elif column == "submission_key":
                    copy[place] = f"bench-copy-{at:012d}"
                elif (table, column) == ("cases", "seq"):
                    copy[place] = seq
            connection.execute(inserts[table], copy)
    for (country, year), count in last.items():
        ask("UPDATE case_numbers SET last = ? WHERE country = ? AND year = ?", count, country, year)
    ask("UPDATE sequences SET value = ? WHERE name = 'feed'", next_id["case_events", "seq"])
    ask("UPDATE sequences SET value = ? WHERE name = 'outbox'", next_id["outbox", "id"])
    ask("UPDATE search_progress SET seq = ?", next_id["case_events", "seq"])
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    count = ask("SELECT count(*) FROM cases")[0][0]
    connection.close()
    return count


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        desk, file = folder / "desk.db", folder / "desk.backup"
        at = lambda path: f"sqlite:{path}"
        memory = lambda: resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
        vigia("demo", database=at(desk))
        vigia("migrate", database=at(desk))
        cases = fill(desk, wanted)
        size = lambda path: path.stat().st_size / 1e6
        checked = vigia("check", "database", database=at(desk))
        print(f"desk of {cases} cases: {size(desk):.0f} MB of SQLite; integrity check {checked:.1f} s", flush=True)
        print(f"memory at most, so far: {memory():.0f} MB", flush=True)
        took = vigia("backup", str(file), database=at(desk))
        print(f"backup, SQLite: {took:.1f} s, {size(file):.0f} MB, {size(file) / took:.1f} MB/s", flush=True)
        restored = folder / "restored.db"
        told("restore, SQLite", vigia("restore", str(file), database=at(restored)), size(file))
        print(f"memory at most, so far: {memory():.0f} MB", flush=True)
        restored.unlink()
        under_load("SQLite", at(desk), folder)
        if server := os.environ.get("VIGIA_TEST_POSTGRES_URL"):
            told("restore, PostgreSQL", vigia("restore", str(file), database=server), size(file))
            under_load("PostgreSQL", server, folder)
            again = folder / "again.backup"
            took = vigia("backup", str(again), database=server)
            print(f"backup, PostgreSQL: {took:.1f} s, {size(again):.0f} MB, {size(again) / took:.1f} MB/s", flush=True)
            moved = folder / "moved.db"
            told("move, PostgreSQL to SQLite", vigia("move", "--from", server, "--to", at(moved), database=at(moved)), size(file))


def under_load(engine: str, database: str, folder: Path) -> None:
    """A backup while cases are opened: what it costs them, and that it restores with those that it waited for."""
    desk, file, restored = Desk(database), folder / "loaded.backup", folder / "loaded.db"
    desk.start()
    alone = wrk("open_case.lua", desk.url, CLIENTS, ALONE_S, f"a{os.getpid()}")
    took: list[float] = []
    backing = threading.Thread(target=lambda: took.append(vigia("backup", str(file), database=database)))
    backing.start()
    rates: list[Figures] = []
    while backing.is_alive() and len(rates) * ALONE_S < BESIDE_S:
        rates.append(wrk("open_case.lua", desk.url, CLIENTS, ALONE_S, f"b{len(rates)}-{os.getpid()}"))
    backing.join()
    drained(desk)
    desk.stop()
    desk.remove()
    beside = sum(rate.per_s for rate in rates) / len(rates)
    print(f"backup under load, {engine}: {took[0]:.1f} s, {file.stat().st_size / 1e6:.0f} MB; openings {beside:.0f}/s beside it, p99 at most "
          f"{max(rate.p99_ms for rate in rates):.0f} ms ({alone.per_s:.0f}/s and {alone.p99_ms:.0f} ms before)", flush=True)
    told("restore of it, SQLite", vigia("restore", str(file), database=f"sqlite:{restored}"), file.stat().st_size / 1e6)
    file.unlink()
    restored.unlink()


def told(what: str, took: float, megabytes: float) -> None:
    print(f"{what}: {took:.1f} s, with the integrity check; {took / megabytes * 1000:.0f} s a GB", flush=True)


main()
