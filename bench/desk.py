"""The real binary on a folder of its own."""

import http.client
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).parent.parent
BINARY = Path(os.environ.get("VIGIA_BIN") or ROOT / "target/release/vigia")
SITE = Path(os.environ.get("VIGIA_SITE") or ROOT / "dist")
AGENT = ("agente@vigia.example", "demostracion-vigia")
ADMINISTRATOR = ("administracion@vigia.example", "demostracion-vigia")


def free_port() -> int:
    """Below the ports that the kernel gives to clients, so that none takes it while a desk is started again."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


class Desk:
    def __init__(self, database: str | None, binary: Path = BINARY):
        self.binary = binary
        self.site = SITE
        # In the project's folder: a temporary folder may be memory, where durability costs nothing.
        (ROOT / "target").mkdir(exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "target"))
        self.port = free_port()
        self.metrics_port = free_port()
        self.database = database
        # What the command of the desk begins with, such as taskset or valgrind.
        self.before: list[str] = []
        # Further variables, of a bench that needs them.
        self.environment: dict[str, str] = {}
        self.said = ""
        self.process = None

    def start(self) -> float:
        """Starts it; seconds until the first page was answered."""
        with open(self.folder / "said", "a") as said, open(self.folder / "log", "a") as log:
            begun = time.monotonic()
            self.process = subprocess.Popen(
                [*self.before, str(self.binary), "serve"], cwd=self.folder, env=self.variables(), stdout=said, stderr=log)
        while True:
            try:
                if self.get("/")[0] == 200:
                    return time.monotonic() - begun
            except OSError:
                pass
            if self.process.poll() is not None:
                raise SystemExit(f"the desk ended: {(self.folder / 'log').read_text()}")
            time.sleep(0.001)

    def variables(self) -> dict[str, str]:
        """The environment of the desk and of its other commands."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        variables = kept | {
            "VIGIA_LISTEN": f"127.0.0.1:{self.port}",
            "VIGIA_PUBLIC_URL": self.url,
            "VIGIA_DATA": str(self.folder),
            "VIGIA_SITE": str(self.site),
            "VIGIA_DEMO": "first-start",
            "VIGIA_LOG": "warn",
            "VIGIA_TRUSTED_PROXIES": "127.0.0.1",
        }
        if self.database:
            variables["VIGIA_DATABASE"] = self.database
        # An older binary refuses a variable that it does not know (against.py).
        if self.binary == BINARY:
            variables["VIGIA_METRICS_LISTEN"] = f"127.0.0.1:{self.metrics_port}"
        return variables | self.environment

    def command(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Another command of the binary over the same data."""
        with open(self.folder / "log", "a") as log:
            return subprocess.Popen(
                [*self.before, self.binary, *arguments], cwd=self.folder, env=self.variables() | {"LANG": "en"},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)

    def run(self, *arguments: str) -> str:
        """What such a command prints. Its failure ends the bench."""
        process = self.command(*arguments)
        said = process.communicate()[0].decode()
        if process.returncode != 0:
            raise SystemExit(f"vigia {' '.join(arguments)}: {said}{(self.folder / 'log').read_text()[-2000:]}")
        return said

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, headers: dict[str, str] = {}) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def sign_in(self, who: tuple[str, str] = AGENT) -> dict[str, str]:
        """The cookie of a session."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = urllib.parse.urlencode({"mail": who[0], "password": who[1], "next": "/desk"})
        connection.request("POST", "/desk/sign-in", body, {"content-type": "application/x-www-form-urlencoded"})
        return {"cookie": connection.getresponse().headers["set-cookie"].split(";")[0]}

    def display_cookie(self) -> dict[str, str]:
        """The cookie of a wall display."""
        link = re.search(r"/board/\S+", (self.folder / "said").read_text()).group()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", link)
        return {"cookie": connection.getresponse().headers["set-cookie"].split(";")[0]}

    def metric(self, name: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=30)
        connection.request("GET", "/metrics")
        figures = connection.getresponse().read().decode()
        return int(re.search(rf"^{name} (\d+)$", figures, re.M).group(1))

    def memory_mib(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def cpu_s(self) -> float:
        """Its processor time so far, in seconds; the kernel counts hundredths."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def kill(self) -> None:
        """Ends it as a power cut would, without a last word."""
        self.process.kill()
        self.process.wait()

    def remove(self) -> None:
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def drained(desk: Desk) -> None:
    """Waits until no mail waits: mails of one figure must not weigh on the next."""
    end = time.monotonic() + 60
    while desk.metric("vigia_mails_queued") > 0 and time.monotonic() < end:
        time.sleep(0.1)
