"""Walls that watch while cases come in: from the answer to the customer to the event at the display."""

import asyncio
import secrets
import time
import urllib.parse

from desk import Desk


class Wall:
    def __init__(self) -> None:
        self.bytes = 0
        self.seen: dict[str, float] = {}
        self.live = asyncio.Event()

    async def watch(self, port: int, headers: dict[str, str]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"GET /events/board HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{lines}\r\n".encode())
        kind = b""
        while line := await reader.readline():
            self.bytes += len(line)
            if line.startswith(b"event: "):
                kind = line[7:].strip()
                if kind == b"beat":
                    self.live.set()
            elif line.startswith(b"data: ") and kind == b"change":
                at = time.monotonic()
                number = line.partition(b'"number":"')[2][:12].decode()
                self.seen.setdefault(number, at)


async def open_case(port: int, address: str = "127.0.0.1") -> tuple[str, float]:
    """Its number, and when its customer heard of it. Rate limits count by the customer's address."""
    own = secrets.token_hex(12)
    body = urllib.parse.urlencode({
        "key": own, "reporter": "Ana Teresa Rivas", "contract": "CPS-VE-004213-58", "serial": "FOC2614A1B2",
        "platform": "network", "country": "VE", "location": "Torre Ávila, piso 12", "contact_same": "yes",
        "contact_phone": "0212 555 0142", "contact_mail": f"{own}@cumbre.example",
        "fault": "El conmutador del piso 12 se apaga solo.", "severity": "critical", "urgency": "critical",
    })
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write((f"POST / HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n"
                  f"x-forwarded-for: {address}\r\n"
                  f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n{body}").encode())
    answer = (await reader.read()).decode()
    at = time.monotonic()
    writer.close()
    where = answer.partition("location: /opened/")[2]
    if not where:
        raise SystemExit(f"no case: {answer[:200]}")
    return where[:12], at


async def measure(desk: Desk, walls: int, cases: int) -> dict[str, float]:
    before_mib = desk.memory_mib()
    headers = desk.display_cookie()
    watching = [Wall() for _ in range(walls)]
    tasks = [asyncio.create_task(wall.watch(desk.port, headers)) for wall in watching]
    await asyncio.wait_for(asyncio.gather(*(wall.live.wait() for wall in watching)), 60)
    snapshot = sum(wall.bytes for wall in watching) / walls
    opened = {}
    for _ in range(cases):
        number, at = await open_case(desk.port)
        opened[number] = at
        # The next case once this one shows on every wall.
        end = time.monotonic() + 10
        while not all(number in wall.seen for wall in watching):
            if time.monotonic() > end:
                raise SystemExit(f"{number} does not show")
            await asyncio.sleep(0.002)
    delays = sorted(max(0.0, wall.seen[number] - at) * 1e3 for number, at in opened.items() for wall in watching)
    figures = {
        "p50_ms": delays[len(delays) // 2],
        "p99_ms": delays[len(delays) * 99 // 100],
        "snapshot_bytes": snapshot,
        "change_bytes": (sum(wall.bytes for wall in watching) / walls - snapshot) / cases,
        "kib_per_wall": (desk.memory_mib() - before_mib) * 1024 / walls,
    }
    for task in tasks:
        task.cancel()
    return figures
