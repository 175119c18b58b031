"""What comes in and goes out by the doors: mails by LMTP, openings by the API, webhooks. Called by main.py."""

import asyncio
import http.client
import json
import shutil
import statistics
import threading
import time
import urllib.parse
from typing import Callable

import mails
import proof
import walls
from desk import ADMINISTRATOR, Desk, drained, free_port
from figures import Higher, Lower
from load import Skipped, wrk

MAILS = 2_000
CLIENTS = 4
SECONDS = 4
ROUNDS = 3
EVENTS = 500
EVENTS_PER_S = 100
GRANTS = "open_cases,read_cases,work_cases,steer_cases,read_register,read_reports,read_people,read_settings"

Row = Callable[..., None]


def add_token(desk: Desk) -> str:
    """A token with all permissions, and the greatest pace."""
    return desk.run("token", "add", "--name", "Bench", "--grant", GRANTS, "--per-minute", "60000").splitlines()[-1]


def mails_in(row: Row, engine: str, database: str | None) -> None:
    """Mails of the year, parsed, matched and durable, by a desk that has one core, beside openings by the form on that core."""
    if not shutil.which("taskset"):
        raise Skipped("taskset is not here")
    desk, port = Desk(database), free_port()
    desk.before = ["taskset", "--cpu-list", "0"]
    desk.environment |= {"VIGIA_MAIL_LMTP_LISTEN": f"127.0.0.1:{port}", "VIGIA_MAIL_AUTHSERV_ID": mails.AUTHSERV_ID}
    try:
        desk.start()
        cases = proof.open_cases(desk, MAILS // proof.MAILS_OF_A_CASE)
        year = list(mails.year(2, MAILS, cases))
        def send(share: list[mails.Made]) -> None:
            link = proof.Lmtp(port)
            for mail in share:
                link.send(mail.content)
            link.close()
        threads = [threading.Thread(target=send, args=(year[at::CLIENTS],)) for at in range(CLIENTS)]
        begun, cpu = time.monotonic(), desk.cpu_s()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate, cpu = MAILS / (time.monotonic() - begun), desk.cpu_s() - cpu
        drained(desk)
        reference = wrk("open_case.lua", desk.url, CLIENTS, SECONDS, f"m-{time.monotonic_ns()}").per_s
        _, faults = proof.judge(desk, {mail.mark: mail.kind for mail in year})
        if faults:
            raise SystemExit("\n".join(faults[:20]))
        desk.stop()
        row(f"{engine}: mails taken in, {CLIENTS} clients, one core", f"{rate:.0f}/s, {cpu / MAILS * 1e3:.1f} ms of its core each",
            f"{rate / reference:.2f} of {reference:.0f}/s openings by the form", "200/s", figure=Higher(rate / reference))
    finally:
        desk.remove()


def openings(row: Row, engine: str, desk: Desk) -> None:
    """The same cases by the API and by the form, in turn: what else the machine does, it does to both."""
    token, rates = add_token(desk), {"form": [], "api": []}
    for turn in range(ROUNDS):
        for way in sorted(rates, reverse=bool(turn % 2)):
            given = [f"{way}{turn}-{time.monotonic_ns()}"] + ([token] if way == "api" else [])
            rates[way].append(wrk("open_case.lua", desk.url, 8, SECONDS, *given).per_s)
            drained(desk)
    form, api = statistics.median(rates["form"]), statistics.median(rates["api"])
    row(f"{engine}: open a case by the API, 8 clients", f"{api:.0f}/s", f"{api / form:.2f} of {form:.0f}/s by the form", "0.9",
        figure=Higher(api / form))


class Receiver:
    """A system that is told of cases; when it heard of each."""

    def __init__(self) -> None:
        self.heard: dict[str, float] = {}

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].split("\r\n")[0])
        told = json.loads(await reader.readexactly(length))
        self.heard.setdefault(told["data"]["case"]["number"], time.monotonic())
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()


def add_webhook(desk: Desk, url: str) -> None:
    form = urllib.parse.urlencode({"name": "Bench", "url": url, "scope": "", "event_opened": "yes"})
    connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=30)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/desk/admin/webhooks", form, desk.sign_in(ADMINISTRATOR) | kind)
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"no webhook: {answer.status} {answer.read()[:500]!r}")


async def delays(desk: Desk) -> list[float]:
    """Milliseconds from the answer to the customer, which follows the commit, to the receiver."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    await asyncio.to_thread(add_webhook, desk, url)
    begun, opening = time.monotonic(), []
    for at in range(EVENTS):
        await asyncio.sleep(max(0, begun + at / EVENTS_PER_S - time.monotonic()))
        opening.append(asyncio.create_task(walls.open_case(desk.port, f"10.2.{at // 250}.{at % 250}")))
    opened = dict(await asyncio.gather(*opening))
    took = time.monotonic() - begun
    if took > EVENTS / EVENTS_PER_S * 1.2:
        raise Skipped(f"{EVENTS} cases took {took:.1f} s to open")
    end = time.monotonic() + 30
    while opened.keys() - receiver.heard.keys():
        if time.monotonic() > end:
            raise SystemExit(f"{len(opened.keys() - receiver.heard.keys())} cases were not told")
        await asyncio.sleep(0.01)
    server.close()
    return sorted(max(0.0, receiver.heard[number] - at) * 1e3 for number, at in opened.items())


def webhooks(row: Row, engine: str, database: str | None) -> None:
    desk = Desk(database)
    desk.environment["VIGIA_WEBHOOKS_ALLOWED_NETWORKS"] = "127.0.0.1"
    try:
        desk.start()
        drained(desk)
        told = asyncio.run(delays(desk))
        desk.stop()
        p50, p99 = told[len(told) // 2], told[len(told) * 99 // 100]
        row(f"{engine}: commit to a webhook's receiver, {EVENTS_PER_S} events/s", f"p50 {p50:.1f} ms, p99 {p99:.1f} ms", "", "p99 200 ms",
            figure=Lower(p99))
    finally:
        desk.remove()
