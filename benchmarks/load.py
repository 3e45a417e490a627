"""How many requests a second a feed of 50 stories bears, whole and unchanged, against nginx with the same bytes as a file.

    python -m benchmarks.load [--stories 50] [--seconds 4] [--rounds 5]

Ours with authentication and the gate on, embedded (one process, waitress) and scaled (`syndication web --workers 2`), nginx with as many
workers; in turns, each by wrk with 16 connections. Prints the median of the rounds, its ratio to nginx, and the 99th percentile of what an
answer took at that rate, the highest there is. nginx and wrk must be installed (Debian: apt-get install nginx-light wrk). Client and server
share the machine.
"""

import argparse
import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.serving import filled
from benchmarks.stage import AGENCY, exchange, outbound

CONNECTIONS = 16
PORTS = {"nginx": 8891, "embedded": 8892, "scaled": 8893}
PATH = "/feeds/out.atom"
NGINX = """
worker_processes 2; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{ access_log off; etag on; types {{ }} default_type application/atom+xml;
 client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
 server {{ listen 127.0.0.1:{port}; location / {{ root {folder}/www; }} }} }}
"""


@contextmanager
def running(command: list[str], port: int, environment: dict[str, str] | None = None) -> Iterator[None]:
    """The server, from when it takes connections on."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit(f"{command[0]} did not begin to answer")
        yield
    finally:
        process.terminate()
        process.wait(20)


def get(port: int, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    """One answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", PATH, headers=headers)
    answer = connection.getresponse()
    return answer.status, {name.casefold(): value for name, value in answer.getheaders()}, answer.read()


def rate(port: int, headers: dict[str, str], seconds: int, status: int) -> tuple[float, float]:
    """Requests a second, all of them answered with that status; and the 99th percentile of the milliseconds they took."""
    if get(port, headers)[0] != status:
        raise SystemExit(f"port {port} does not answer {status}")
    given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", "--latency", f"-c{CONNECTIONS}", f"-d{seconds}s", *given, f"http://127.0.0.1:{port}{PATH}"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in told and status == 200:
        raise SystemExit(told)
    many, late = re.search(r"Requests/sec:\s+([\d.]+)", told), re.search(r"99%\s+([\d.]+)(us|ms|s)\b", told)
    if not many or not late:
        raise SystemExit(told)
    return float(many[1]), float(late[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[late[2]]


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.load")
    options.add_argument("--stories", type=int, default=50)
    options.add_argument("--seconds", type=int, default=4)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args(arguments)
    for needed in ("nginx", "wrk"):
        if shutil.which(needed) is None and not Path("/usr/sbin", needed).exists():
            raise SystemExit(f"{needed} is not here: apt-get install nginx-light wrk")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-")))
        folder.chmod(0o755)  # nginx's workers read it as another user
        database = stack.enter_context(exchange((outbound("out"),)))
        token = filled(database, chosen.stories)
        bearer = {"Authorization": f"Bearer {token}"}
        ours = {
            **os.environ,
            "SYNDICATION_AGENCY": AGENCY,
            "SYNDICATION_DATABASE": database.url,
            "SYNDICATION_DATA": str(folder / "data"),
            "SYNDICATION_REQUESTS_PER_MINUTE": "10000000",
        }
        program = str(Path(sys.executable).with_name("syndication"))
        for name, more in (("embedded", []), ("scaled", ["--workers", "2"])):
            command = [program, "web", "--listen", f"127.0.0.1:{PORTS[name]}", *more]
            stack.enter_context(running(command, PORTS[name], ours))
        status, _, body = get(PORTS["embedded"], bearer)
        if status != 200:
            raise SystemExit(f"the feed answers {status}: {body.decode()}")
        document = folder / "www" / PATH.lstrip("/")
        document.parent.mkdir(parents=True)
        document.write_bytes(body)
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=PORTS["nginx"]))
        stack.enter_context(running(["nginx", "-c", str(folder / "nginx.conf")], PORTS["nginx"]))
        rates: dict[tuple[str, int], list[tuple[float, float]]] = {}
        for _ in range(chosen.rounds):
            for name, port in PORTS.items():
                asking = {} if name == "nginx" else bearer
                unchanged = {**asking, "If-None-Match": get(port, asking)[1]["etag"]}
                rates.setdefault((name, 200), []).append(rate(port, asking, chosen.seconds, 200))
                rates.setdefault((name, 304), []).append(rate(port, unchanged, chosen.seconds, 304))
    sys.stdout.write(f"{chosen.stories} stories, {len(body)} bytes; {CONNECTIONS} connections, median of {chosen.rounds} rounds\n")
    for status in (200, 304):
        peer = statistics.median(many for many, _ in rates["nginx", status])
        for name in PORTS:
            middle, late = (statistics.median(column) for column in zip(*rates[name, status], strict=True))
            share = f"{100 * middle / peer:5.1f} % of nginx"
            sys.stdout.write(f"{status}  {name:<9} {middle:9.0f} requests/s  {share}  p99 {late:6.1f} ms\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
