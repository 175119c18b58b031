"""Load from wrk, a compiled client: rates and latencies."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass
class Figures:
    per_s: float
    p50_ms: float
    p99_ms: float


class Skipped(Exception):
    """What cannot be measured here, and why."""


def wrk(script: str, url: str, connections: int, seconds: int, *arguments: str, headers: dict[str, str] = {}) -> Figures:
    if not shutil.which("wrk"):
        raise Skipped("wrk is not here")
    command = ["wrk", f"-t{min(connections, 2)}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(HERE / script)]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    said = subprocess.run([*command, url, "--", *arguments], capture_output=True, text=True, check=True).stdout
    line = next((line for line in said.splitlines() if line.startswith("figures ")), None)
    if line is None:
        raise Skipped(f"wrk said nothing: {said[-200:]}")
    count, took_us, p50_us, p99_us, refused = map(int, line.split()[1:])
    # Answers that refuse must not count.
    if count == 0 or refused > 0:
        raise Skipped(f"{refused} of {count} answers were not what was asked for")
    return Figures(count / took_us * 1e6, p50_us / 1e3, p99_us / 1e3)
