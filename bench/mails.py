"""Mails as a year brings them, made from a seed: answers of people, mails of programs, strangers, and hostile ones.

Answers and mails of programs have the shapes of the oracles of the server's tests (server/tests/oracles), about cases that are
there. Each mail bears a mark of its own: in its first header, by which its row is found, and in the words of its author, by which
a message of a case is found.
"""

import base64
import csv
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

ORACLES = Path(__file__).parent.parent / "server/tests/oracles"
OWN = b"vigia@vigia.example"
AUTHSERV_ID = "mx.vigia.example"


@dataclass(frozen=True)
class Open:
    """An open case, as a customer knows it."""

    number: str
    contact: str
    # Message-ID of a mail of the desk about it, without brackets.
    answered: str


@dataclass(frozen=True)
class Made:
    mark: str
    kind: str
    content: bytes


# In what states a mail of a kind may end. A case takes ten messages an hour; more of them wait. A calendar's answer to another
# visit is noted.
ENDS = {
    "reply": {"joined", "waiting"},
    "number alone": {"waiting"},
    "stranger": {"waiting"},
    "automatic": {"noted"},
    "receipt": {"noted"},
    "list": {"noted"},
    "failure": {"marked", "noted"},
    "calendar": {"answered", "joined", "waiting", "noted"},
    "human": {"joined", "waiting", "noted"},
    "hostile": {"joined", "answered", "marked", "noted", "waiting"},
}

KINDS = {
    "auto_reply": "automatic", "bounce_permanent": "failure", "bounce_temporary": "failure", "receipt": "receipt",
    "calendar_reply": "calendar", "list": "list",
}


def read(path: Path) -> bytes:
    return path.read_bytes().replace(b"\r\n", b"\n")


REPLIES = [read(path) for path in sorted((ORACLES / "replies").glob("*.eml"))]
PROGRAMS = [(KINDS.get(row["expected"], "human"), read(ORACLES / "machine_mails" / row["file"]))
            for row in csv.DictReader((ORACLES / "machine_mails/expected.csv").open())]


def with_header(mail: bytes, name: bytes, value: bytes) -> bytes:
    """The mail with another value of a field, which is one line."""
    head, blank, body = mail.partition(b"\n\n")
    head = re.sub(rb"(?im)^" + name + rb":[^\n]*(\n[ \t][^\n]*)*\n?", b"", head + b"\n")
    return name + b": " + value + b"\n" + head.rstrip(b"\n") + blank + body


def with_words(mail: bytes, words: bytes) -> bytes:
    """The mail with words at the beginning of each text part. They have a length that base64 does not fill up."""
    def put(part: re.Match[bytes]) -> bytes:
        is_base64 = re.search(rb"(?i)encoding:\s*base64", part[0])
        return part[0] + (base64.b64encode(words) + b"\n" if is_base64 else words + b"\n\n")
    return re.sub(rb"(?im)^Content-Type: text/(?:plain|html)[^\n]*\n(?:[^\n]+\n)*\n", put, mail)


def about(mail: bytes, case: Open) -> bytes:
    """An oracle's mail about another case."""
    mail = re.sub(rb"caso\.4821-07[a-z0-9.]*@[a-z.]+", case.answered.encode(), mail)
    return mail.replace(b"4821-07", case.number.encode()).replace(b"soporte@vigia.example", OWN)


def words(mark: str) -> bytes:
    return mark.encode().ljust(-(-len(mark) // 3) * 3)


def reply(chance: random.Random, case: Open, mark: str) -> tuple[str, bytes]:
    mail = about(with_words(chance.choice(REPLIES), words(mark)), case)
    mail = with_header(mail, b"From", f"Ana Rivas <{case.contact}>".encode())
    way = chance.random()
    if way < 0.8:
        return "reply", with_header(mail, b"In-Reply-To", f"<{case.answered}>".encode())
    # A new mail, which names the case in its subject alone.
    mail = re.sub(rb"(?im)^(In-Reply-To|References):[^\n]*\n([ \t][^\n]*\n)*", b"", mail)
    mail = with_header(mail, b"Subject", f"Caso {case.number}".encode())
    if way < 0.9:
        return "number alone", mail
    domain = case.contact.partition("@")[2]
    return "reply", with_header(mail, b"Authentication-Results", f"{AUTHSERV_ID}; dmarc=pass header.from={domain}".encode())


def program(chance: random.Random, case: Open, mark: str) -> tuple[str, bytes]:
    kind, mail = chance.choice(PROGRAMS)
    mail = about(with_words(mail, words(mark)) if kind == "human" else mail, case)
    if kind in ("calendar", "human") and chance.random() < 0.7:
        # By the customer, in the thread of the case.
        mail = mail.replace(b"ana.pardo@textiles-andina.example", case.contact.encode())
        mail = with_header(mail, b"From", f"Ana Rivas <{case.contact}>".encode())
        mail = with_header(mail, b"In-Reply-To", f"<{case.answered}>".encode())
    return kind, mail


def stranger(chance: random.Random, mark: str) -> tuple[str, bytes]:
    mail = (f"From: Otra Persona <otra{chance.randrange(10_000)}@example.com>\nTo: {OWN.decode()}\n"
            f"Subject: {chance.choice(['No imprime', 'Falla en la sede norte', 'Sem rede', 'Printer down'])}\n"
            f"Content-Type: text/plain; charset=utf-8\n\n{mark} El equipo de serie FOC2614A1B2 no enciende.\n")
    return "stranger", mail.encode()


def nested(depth: int) -> bytes:
    begins = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(depth))
    return begins + b"Content-Type: text/plain\n\nen el fondo\n" + b"".join(b"\n--b%d--\n" % at for at in reversed(range(depth)))


def enclosed(depth: int) -> bytes:
    return b"Content-Type: message/rfc822\n\n" * depth + b"Subject: el de dentro\n\nhola\n"


def mutated(chance: random.Random, case: Open) -> bytes:
    """An oracle's mail with bytes that are lost, doubled and turned."""
    mail = bytearray(about(chance.choice(REPLIES + [mail for _, mail in PROGRAMS]), case))
    for _ in range(chance.randrange(1, 60)):
        at = chance.randrange(len(mail))
        way = chance.randrange(3)
        if way == 0:
            mail[at] = chance.randrange(256)
        elif way == 1:
            del mail[at:at + chance.randrange(40)]
        else:
            mail[at:at] = mail[at:at + chance.randrange(200)]
        if not mail:
            mail = bytearray(b"x")
    return bytes(mail)


def hostile(chance: random.Random, case: Open, mark: str) -> tuple[str, bytes]:
    from_contact = f"From: <{case.contact}>\nIn-Reply-To: <{case.answered}>\n".encode()
    charsets = [b"ansi", b"utf-7", b"x-unknown", b"utf-16", b"\xff\xfe", b"iso-2022-jp", b"a" * 3000]
    shapes: list[Callable[[], bytes]] = [
        lambda: from_contact + nested(chance.randrange(20, 400)),
        lambda: from_contact + enclosed(chance.randrange(5, 300)),
        lambda: from_contact + b"Subject: " + b"a" * chance.randrange(100_000, 1_500_000) + b"\n\nhola\n",
        lambda: from_contact + b"X-Many: y\n" * chance.randrange(1_000, 20_000) + b"\nhola\n",
        lambda: from_contact + b"References: " + b" ".join(b"<r%d@example.com>" % at for at in range(10_000)) + b"\n\nhola\n",
        lambda: from_contact + b"Content-Type: text/plain; charset=" + chance.choice(charsets)
        + b"\n\n" + mark.encode() + b" " + chance.randbytes(300) + b"\n",
        lambda: from_contact + b"Subject: a\0b\n\n" + mark.encode() + b" uno\0dos\0\n",
        lambda: from_contact + b"Subject: " + b"=?utf-8?b?" * 5_000 + b"=?utf-8?q?=C3?=\n\nhola\n",
        lambda: from_contact + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nparte\n" * 5_000 + b"--b--\n",
        lambda: from_contact + b"Content-Type: text/html\n\n" + b"<div>" * 20_000 + mark.encode() + b"\n",
        lambda: from_contact + b"Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\n" + b"BEGIN:VEVENT\n" * 3_000,
        lambda: from_contact + b"\n" + mark.encode() + b" linea\rcon retorno\n.\n..\n.",
        lambda: b"From: a@example.com\nFrom: <" + case.contact.encode() + b">\n\ndos autores\n",
        lambda: b"From: \"" + b"\\" * 5_000 + b"\n\n\n",
        lambda: b"From " + b"\xf0\x9f" * 50 + b"\n\n" + chance.randbytes(chance.randrange(5_000)),
        lambda: b"",
        lambda: b"\n\n",
        lambda: chance.randbytes(chance.randrange(1, 20_000)),
        lambda: mutated(chance, case),
        lambda: mutated(chance, case),
    ]
    return "hostile", chance.choice(shapes)()


def crlf(mail: bytes) -> bytes:
    """As mail servers hand it over. The last line has an end."""
    mail = re.sub(rb"(?<!\r)\n", b"\r\n", mail)
    return mail if mail.endswith(b"\r\n") else mail + b"\r\n"


def year(seed: int, count: int, cases: list[Open]) -> Iterator[Made]:
    """The mails of a seed. Each differs from all others."""
    chance = random.Random(seed)
    for at in range(count):
        mark, case = f"zq{at:06d}x", chance.choice(cases)
        way = chance.random()
        if way < 0.45:
            kind, mail = reply(chance, case, mark)
        elif way < 0.70:
            kind, mail = program(chance, case, mark)
        elif way < 0.88:
            kind, mail = stranger(chance, mark)
        else:
            kind, mail = hostile(chance, case, mark)
        # A mail without an id is told from others by its date.
        if kind != "hostile" or chance.random() < 0.5:
            mail = with_header(mail, b"Message-ID", f"<{mark}@proof.example>".encode())
        else:
            mail = with_header(mail, b"Date", f"Tue, 01 Dec 2026 00:00:00 +0000 ({mark})".encode())
        yield Made(mark, kind, crlf(f"X-Proof: {mark}\n".encode() + mail))
