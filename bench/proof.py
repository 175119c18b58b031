"""A year of mail through the door of the real binary, which is killed again and again: `proof.py [MAILS] [KILLS] [SEED]`.

Mails come by LMTP and by `vigia deliver`, some of them twice. In the end each is in the desk once: a message of a case, an answer to
a visit, an entry of the triage list, or a counted mail of a program. With VIGIA_TEST_POSTGRES_URL the desk is on PostgreSQL.
"""

import asyncio
import base64
import collections
import json
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time
from typing import Iterator

import mails
import walls
from desk import Desk, drained, free_port

# Of which four or five are its customer's answers. A case takes ten within an hour: few are refused.
MAILS_OF_A_CASE = 12
CLIENTS = 3
# One mail in so many comes by `vigia deliver`, and one in so many twice.
BY_DELIVER = 25
TWICE = 50
# One try of `vigia deliver` in so many is killed.
KILLED_DELIVER = 5


class Lmtp:
    """A connection of a mail server, which hands over one message after the other."""

    def __init__(self, port: int):
        self.stream = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines = self.stream.makefile("rb")
        self.told(b"220")
        self.stream.sendall(b"LHLO proof.example\r\n")
        self.told(b"250")

    def told(self, code: bytes) -> None:
        while True:
            line = self.lines.readline()
            if not line.endswith(b"\r\n"):
                raise ConnectionError("the desk has ended")
            if line[3:4] == b" ":
                if not line.startswith(code):
                    raise ConnectionError(f"the desk said {line!r}")
                return

    def send(self, content: bytes) -> None:
        """Returns when the desk says that it has the mail."""
        self.stream.sendall(b"MAIL FROM:<>\r\nRCPT TO:<vigia@vigia.example>\r\nDATA\r\n")
        for code in (b"250", b"250", b"354"):
            self.told(code)
        stuffed = re.sub(rb"(\A|(?<=\r\n))\.", b"..", content)
        self.stream.sendall(stuffed + b".\r\n")
        self.told(b"250")

    def close(self) -> None:
        self.stream.close()


class Senders:
    """Mail servers, which try each mail until it is taken."""

    def __init__(self, desk: Desk, port: int, seed: int, year: Iterator[mails.Made]):
        self.desk, self.port, self.seed, self.year = desk, port, seed, enumerate(year)
        self.kinds: dict[str, str] = {}
        self.taken = self.broken = self.killed_deliveries = 0
        self.lock = threading.Lock()
        self.faults: list[str] = []
        self.threads = [threading.Thread(target=self.work, args=(at,), daemon=True) for at in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def are_at_work(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def next(self) -> tuple[int, mails.Made] | None:
        with self.lock:
            at, mail = next(self.year, (0, None))
            if mail is None:
                return None
            self.kinds[mail.mark] = mail.kind
            return at, mail

    def work(self, thread: int) -> None:
        chance = random.Random(f"{self.seed} {thread}")
        link: Lmtp | None = None
        while found := self.next():
            at, mail = found
            begun = time.monotonic()
            for _ in range(2 if at % TWICE == 0 else 1):
                while True:
                    if time.monotonic() - begun > 120:
                        self.faults.append(f"{mail.mark} ({mail.kind}) is not taken")
                        return
                    if at % BY_DELIVER == 0:
                        if self.deliver(chance, mail):
                            break
                        continue
                    try:
                        link = link or Lmtp(self.port)
                        link.send(mail.content)
                        break
                    except (OSError, ConnectionError):
                        if link:
                            link.close()
                        link = None
                        with self.lock:
                            self.broken += 1
                        time.sleep(0.005)
            with self.lock:
                self.taken += 1

    def deliver(self, chance: random.Random, mail: mails.Made) -> bool:
        """Whether `vigia deliver` ended well; now and then it is killed."""
        process = self.desk.command("deliver")
        if chance.randrange(KILLED_DELIVER) == 0:
            killer = threading.Timer(chance.random() * 0.1, process.kill)
            killer.start()
        process.communicate(mail.content)
        if process.returncode == -9:
            with self.lock:
                self.killed_deliveries += 1
        elif process.returncode not in (0, 75):
            self.faults.append(f"{mail.mark} ({mail.kind}): deliver ended with {process.returncode}")
            return True
        return process.returncode == 0


def rows(desk: Desk, *tables: str) -> Iterator[tuple[str, dict[str, object]]]:
    """The rows of tables, as a backup has them: the same on both engines."""
    file = desk.folder / f"backup-{time.monotonic_ns()}"
    desk.run("backup", str(file))
    table, columns = "", []
    with file.open() as lines:
        for line in lines:
            if line.startswith("{"):
                value = json.loads(line)
                if "table" in value:
                    table, columns = value["table"], [name for name, _ in value["columns"]]
            elif line.startswith("[") and table in tables:
                yield table, dict(zip(columns, json.loads(line)))
    file.unlink()


def open_cases(desk: Desk, count: int) -> list[mails.Open]:
    """Cases whose customers have had their first mail."""
    async def opened() -> set[str]:
        return {(await walls.open_case(desk.port, f"10.1.{at // 250}.{at % 250}"))[0] for at in range(count)}
    numbers = asyncio.run(opened())
    drained(desk)
    return [mails.Open(row["case_number"], row["recipient"], row["message_id"].strip("<>"))
            for _, row in rows(desk, "outbox") if row["case_number"] in numbers and row["kind"] == "opening"]


def judge(desk: Desk, kinds: dict[str, str]) -> tuple[collections.Counter[str], list[str]]:
    """How the mails ended, and what is wrong."""
    ends: dict[str, list[tuple[str, str]]] = collections.defaultdict(list)
    events: collections.Counter[str] = collections.Counter()
    for table, row in rows(desk, "inbound_mails", "case_events"):
        if table == "case_events":
            events.update(set(re.findall(r"zq\d{6}x", row["document"])))
        else:
            mark = re.match(rb"X-Proof: (zq\d{6}x)", base64.b64decode(row["content"]))
            ends[mark[1].decode() if mark else "no mark"].append((row["state"], row["reason"]))
    counted: collections.Counter[str] = collections.Counter()
    faults = []
    for mark, kind in kinds.items():
        found = ends.pop(mark, [])
        if len(found) != 1:
            faults.append(f"{mark} ({kind}) is there {len(found)} times")
            continue
        state, reason = found[0]
        counted[f"{kind}: {state}" + (f" ({reason})" if reason else "")] += 1
        if state not in mails.ENDS[kind]:
            faults.append(f"{mark} ({kind}) is {state} ({reason})")
        if events[mark] > 1 or kind == "reply" and events[mark] != (state == "joined"):
            faults.append(f"{mark} ({kind}, {state}) is in {events[mark]} entries of cases")
    faults += [f"{mark} was not sent" for mark in ends]
    return counted, faults


def main(count: int, kills: int, seed: int) -> None:
    desk = Desk(os.environ.get("VIGIA_TEST_POSTGRES_URL"))
    port = free_port()
    desk.environment |= {"VIGIA_MAIL_LMTP_LISTEN": f"127.0.0.1:{port}", "VIGIA_MAIL_AUTHSERV_ID": mails.AUTHSERV_ID}
    chance = random.Random(seed)
    try:
        desk.start()
        cases = open_cases(desk, max(4, count // MAILS_OF_A_CASE))
        begun = time.monotonic()
        senders = Senders(desk, port, seed, mails.year(seed, count, cases))
        # The last ones have work left as well.
        for at in sorted(chance.sample(range(count * 19 // 20), kills)):
            while senders.taken < at and senders.are_at_work():
                time.sleep(0.001)
            time.sleep(chance.random() * 0.03)
            desk.kill()
            desk.start()
        for thread in senders.threads:
            thread.join()
        seconds = time.monotonic() - begun
        counted, faults = judge(desk, senders.kinds)
        faults += senders.faults
        if len(senders.kinds) != count or senders.broken == 0 and kills > 0:
            faults.append(f"{len(senders.kinds)} mails were sent, and {senders.broken} tries broke off")
        checked = desk.run("check", "database").strip()
        for end, number in sorted(counted.items()):
            print(f"{number:7}  {end}")
        print(f"{count} mails of seed {seed} about {len(cases)} cases in {seconds:.0f} s: killed were the desk {kills} times, "
              f"`deliver` {senders.killed_deliveries} times; {senders.broken} tries by LMTP broke off")
        print(checked)
        # Before what is said on the other stream.
        sys.stdout.flush()
        if faults:
            sys.exit("\n".join([f"{len(faults)} faults:", *faults[:20]]))
        print("none is lost, and none is there twice")
    finally:
        desk.remove()


if __name__ == "__main__":
    main(*(int(given) for given in [*sys.argv[1:], *["20000", "50", "1"][len(sys.argv) - 1:]]))
