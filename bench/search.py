"""Measures the search: `search.py [CASES] [BINARY …]`, with the release and binaries of other commits on the same cases.

Each case has a history of its own, made of words that are as common and as rare as those of a language. A desk writes what
they are found by, as after an update; then pages of results are asked for, one after the other, in all desks in turn.
Prints cases a second, bytes a case, and the median and the slowest hundredth of each kind of query.
"""

import itertools
import json
import random
import sqlite3
import statistics
import sys
import time
import urllib.parse
from pathlib import Path

import many_cases
from desk import BINARY, Desk

CASES = 100_000
ROUNDS = 3
SYLLABLES = (
    "ba be bi bo ca ce ci co da de di do fa fe fi ga go la le li lo ma me mi mo na ne ni no pa pe pi po ra re ri ro "
    "sa se si so ta te ti to va ve vi bra cre dri fle glo pla pre tri con men ter por ser cion dad mente").split()
COMMON = (
    "conmutador enciende consola error equipo red router servidor cliente llamada visita tecnico cable puerto reinicio "
    "fuente poder impresora pantalla disco sistema usuario correo oficina piso sala caida lento enlace fibra respaldo "
    "bateria acceso clave prueba funciona repuesto cambio contrato servicio horario tarde urgente pendiente").split()


class Words:
    """A language: few words are common, many are rare (Zipf 1935)."""

    def __init__(self) -> None:
        self.random = random.Random(7)
        rare = {self.made() for _ in range(60_000)}
        self.all = COMMON + sorted(rare)
        self.weights = list(itertools.accumulate(1 / (place + 3) ** 0.95 for place in range(len(self.all))))
        self.first = [self.made().capitalize() for _ in range(300)]
        self.last = [self.made().capitalize() for _ in range(2_000)]
        self.hosts = [f"{self.made()}.example" for _ in range(3_000)]

    def made(self) -> str:
        return "".join(self.random.choices(SYLLABLES, k=self.random.choice((2, 3, 3, 3, 4, 4, 5))))

    def text(self, count: int) -> str:
        return " ".join(self.random.choices(self.all, cum_weights=self.weights, k=count))

    def name(self) -> str:
        return f"{self.random.choice(self.first)} {self.random.choice(self.last)} {self.random.choice(self.last)}"


def history(words: Words, seed: dict, number: str, at: int) -> list[tuple[str, dict]]:
    """Kinds and documents of a case's entries: its opening, notes and messages, and mostly its end."""
    opened = json.loads(json.dumps(seed))
    opening = opened["event"]["opened"]
    report = opening["report"]
    name, chance = words.name(), words.random
    opening["number"] = number
    digits = f"{chance.randrange(10**7):07d}"
    report["reporter"] = words.name()
    report["contact"] = {
        "name": name, "phone": {"e164": f"+58414{digits}", "raw": f"0414-{digits}"},
        "mail": f"{name.split()[0].lower()}.{name.split()[1].lower()}@{chance.choice(words.hosts)}"}
    report["fault"] = words.text(chance.randint(8, 32))
    report["location"] = words.text(4)
    texts = [words.text(chance.randint(4, 24)) for _ in range(int(chance.expovariate(1 / 3)) + 1)]
    entries = [("opened", opened["event"])]
    for text in texts:
        entries.append(chance.choice((
            ("noted", {"noted": {"audience": "internal", "text": text}}),
            ("talk:customer_wrote", {"talk": {"customer_wrote": {"text": text}}}))))
    if chance.random() > 0.01:
        entries.append(("withdrawn:cancelled", {"withdrawn": {"cancelled": {"asked_by": "customer", "reason": None}}}))
    return [(kind, opened | {"version": version, "at": at + version * 600, "event": event})
            for version, (kind, event) in enumerate(entries, 1)]


def fill(database: Path, wanted: int) -> list[str]:
    """Fills a SQLite desk that stands still. Gives what some cases say."""
    words = Words()
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    rows = connection.execute(
        "SELECT c.*, e.document AS opened FROM cases c JOIN case_events e ON e.case_number = c.number AND e.version = 1 "
        "WHERE c.is_open = 1").fetchall()
    seeds = [(dict(row), json.loads(row["opened"])) for row in rows]
    (last,) = connection.execute("SELECT max(seq) FROM case_events").fetchone()
    said = []
    for place in range(wanted):
        own, seed = seeds[place % len(seeds)]
        year, sequence = 1 + place // 900_000, place % 900_000 + 1
        number = many_cases.compact(own["country"], year, sequence)
        entries = history(words, seed, number, own["opened_utc_s"] - (wanted - place) * 60)
        for kind, document in entries:
            last += 1
            connection.execute(
                "INSERT INTO case_events (seq, case_number, version, at_utc_s, kind, document) VALUES (?, ?, ?, ?, ?, ?)",
                (last, number, document["version"], document["at"], kind, json.dumps(document)))
        ended = entries[-1][0].startswith("withdrawn")
        columns = {name: value for name, value in own.items() if name != "opened"} | {
            "number": number, "seq": last, "version": len(entries), "submission_key": f"bench-search-{place:012d}",
            "opened_utc_s": entries[0][1]["at"], "alarm_utc_s": None}
        if ended:
            columns |= {"is_open": 0, "status": "cancelled"}
        connection.execute(
            f"INSERT INTO cases ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", tuple(columns.values()))
        if place % (wanted // 60 or 1) == 0:
            said.append(json.dumps([document["event"] for _, document in entries]))
    connection.execute("UPDATE sequences SET value = ? WHERE name = 'feed' AND value < ?", (last, last))
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'case_documents'").fetchone():
        connection.execute(
            "INSERT INTO cases_to_index (case_number) SELECT number FROM cases WHERE true ON CONFLICT DO NOTHING")
        connection.execute("UPDATE search_progress SET seq = ?", (last,))
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return said


def indexed(desk: Desk, wanted: int) -> tuple[float, float]:
    """Waits until the desk has written what cases are found by; cases a second, and bytes a case."""
    before = (desk.folder / "vigia.db").stat().st_size
    begun = time.monotonic()
    desk.start()
    while True:
        connection = sqlite3.connect(desk.folder / "vigia.db", timeout=30)
        (left,) = connection.execute(
            "SELECT (SELECT count(*) FROM cases_to_index) + (SELECT max(e.seq) - p.seq FROM case_events e, search_progress p)"
        ).fetchone()
        connection.close()
        if left <= 0:
            break
        time.sleep(0.5)
    took = time.monotonic() - begun
    desk.stop()
    return wanted / took, ((desk.folder / "vigia.db").stat().st_size - before) / wanted


def queries(said: list[str]) -> dict[str, list[str]]:
    chance = random.Random(3)
    kinds = {
        "three common words": ["conmutador enciende consola", "error equipo red", "router servidor cliente"],
        "three short beginnings": ["con err red", "ser cli vis"],
        "one common word": ["conmutador", "consola"],
        "a word that no case has": ["conmutador enciende xilofono"],
        "the middle of a word": ["mutador", "nciend"],
        "a slip of the pen": ["conmutdor", "enciendee consola"],
    }
    for text in said:
        events = json.loads(text)
        report = events[0]["opened"]["report"]
        names, fault = report["contact"]["name"].split(), report["fault"].split()
        kinds.setdefault("name, surname, last digits", []).append(
            f"{names[0]} {names[1]} {report['contact']['phone']['e164'][-4:]}")
        kinds.setdefault("three words of a fault", []).append(" ".join(chance.sample(fault, 3)))
        kinds.setdefault("surname, two common words", []).append(f"{names[1]} conmutador error")
    return kinds


def milliseconds(desk: Desk, cookie: dict[str, str], query: str) -> float:
    begun = time.perf_counter()
    status, _ = desk.get(f"/desk/search?q={urllib.parse.quote(query)}", cookie)
    if status != 200:
        raise SystemExit(f"{query}: {status}")
    return (time.perf_counter() - begun) * 1e3


def main() -> None:
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    wanted = numbers[0] if numbers else CASES
    binaries = [BINARY, *(Path(argument) for argument in sys.argv[1:] if not argument.isdigit())]
    desks, said = [], []
    try:
        for binary in binaries:
            desk = Desk(None, binary)
            desks.append(desk)
            desk.start()
            desk.stop()
            said = fill(desk.folder / "vigia.db", wanted)
            speed, size = indexed(desk, wanted)
            print(f"{binary}: {wanted:,} cases, written at {speed:.0f} a second, {size:.0f} bytes each", flush=True)
            desk.start()
        cookies = [desk.sign_in() for desk in desks]
        for kind, texts in queries(said).items():
            told = []
            for desk, cookie in zip(desks, cookies):
                for text in texts:
                    milliseconds(desk, cookie, text)
                took = sorted(milliseconds(desk, cookie, text) for _ in range(ROUNDS) for text in texts)
                told.append(f"{statistics.median(took):8.2f} {took[int(len(took) * 0.99)]:8.2f} ms")
            print(f"{kind:28} | {' | '.join(told)}", flush=True)
    finally:
        for desk in desks:
            desk.remove()


if __name__ == "__main__":
    main()
