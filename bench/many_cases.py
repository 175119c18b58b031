"""Fills a SQLite desk that stands still with copies of its own cases, under numbers with the right check digits."""

import sqlite3
from pathlib import Path


def compact(country: str, year: int, sequence: int) -> str:
    """`VE2600421392`: ISO/IEC 7064 MOD 97-10 over all before the check digits, letters counted as two digits."""
    head = f"{country}{year:02d}{sequence:06d}"
    digits = "".join(c if c.isdigit() else str(ord(c) - 55) for c in head)
    return f"{head}{98 - int(digits) * 100 % 97:02d}"


def fill(database: Path, wanted: int) -> int:
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    seeds = connection.execute("SELECT * FROM cases WHERE is_open = 1").fetchall()
    events = {
        seed["number"]: connection.execute(
            "SELECT * FROM case_events WHERE case_number = ?", (seed["number"],)).fetchall()
        for seed in seeds
    }
    check(seeds[0]["number"])
    (last,) = connection.execute("SELECT max(seq) FROM case_events").fetchone()
    (there,) = connection.execute("SELECT count(*) FROM cases").fetchone()
    columns = seeds[0].keys()
    insert = f"INSERT INTO cases ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    for at in range(wanted - there):
        seed = seeds[at % len(seeds)]
        # Years before the demonstration's, so that no number repeats.
        country, year, sequence = seed["country"], 1 + at // 900_000, at % 900_000 + 1
        number = compact(country, year, sequence)
        for event in events[seed["number"]]:
            last += 1
            # By name: an older binary's table has fewer columns (bench/against.py).
            copy = dict(event) | {"seq": last, "case_number": number}
            connection.execute(
                f"INSERT INTO case_events ({', '.join(copy)}) VALUES ({', '.join('?' * len(copy))})", tuple(copy.values()))
        own = dict(seed) | {
            "number": number, "seq": last, "submission_key": f"bench-copy-{at:012d}",
            # Due later than the demonstration's own, each at another second; nothing is due for the scheduler.
            "due_utc_s": seed["due_utc_s"] + 86_400 * 30 + at, "alarm_utc_s": None,
            # On track at that time (domain/src/case/rank.rs).
            "sort_key": (1 << 40) + ((seed["due_utc_s"] + 86_400 * 30 + at) << 3),
        }
        connection.execute(insert, [own[column] for column in columns])
    connection.execute("UPDATE sequences SET value = ? WHERE name = 'feed' AND value < ?", (last, last))
    # Search terms of the copies are not written: no run searches, and the indexer would be busy meanwhile.
    connection.execute("UPDATE search_progress SET seq = ?", (last,))
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (count,) = connection.execute("SELECT count(*) FROM cases").fetchone()
    connection.close()
    return count


def check(number: str) -> None:
    """The rule here is the desk's own."""
    again = compact(number[:2], int(number[2:4]), int(number[4:10]))
    if again != number:
        raise SystemExit(f"case numbers are made differently now: {number}, not {again}")
