"""What the machine can do at all: one row, one durable transaction."""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
import urllib.parse
from pathlib import Path

from load import Skipped

ROW = "El conmutador del piso 12 se apaga y se enciende solo." * 4


def sqlite(folder: Path, seconds: float) -> float:
    """Rows a second, by one writer: SQLite has no room for two."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        connection = sqlite3.connect(Path(place) / "bare.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        begun, count = time.monotonic(), 0
        while time.monotonic() - begun < seconds:
            connection.execute("INSERT INTO bare (text) VALUES (?)", (ROW,))
            count += 1
        rate = count / (time.monotonic() - begun)
        connection.close()
        return rate


def postgres(url: str, clients: int, seconds: int) -> float:
    """Rows a second, by as many clients."""
    if not shutil.which("pgbench"):
        raise Skipped("pgbench is not here")
    at = urllib.parse.urlparse(url)
    environment = os.environ | {
        "PGHOST": at.hostname, "PGPORT": str(at.port), "PGUSER": at.username, "PGPASSWORD": at.password,
        "PGDATABASE": at.path.strip("/"),
    }
    def psql(sql: str) -> None:
        subprocess.run(["psql", "-qc", sql], env=environment, check=True)
    psql("CREATE TABLE IF NOT EXISTS bare (id BIGSERIAL PRIMARY KEY, text TEXT NOT NULL)")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(f"INSERT INTO bare (text) VALUES ('{ROW}');\n")
        script.flush()
        said = subprocess.run(
            ["pgbench", "-n", "-f", script.name, "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds)],
            env=environment, capture_output=True, text=True, check=True).stdout
    psql("DROP TABLE bare")
    return float(re.search(r"tps = ([\d.]+)", said).group(1))
