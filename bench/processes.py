"""Starting, pinning, measuring and stopping the processes of a benchmark. Linux only (reads /proc)."""
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")
GATEWAY_CORE, LOAD_CORE = "0", "1"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Process:
    """One child, pinned to `cores`; its output goes to a file. Stopped by its own id, never by name."""

    def __init__(self, command, cores, log, env=None):
        self.log = log
        self.started = time.monotonic()
        with open(log, "ab") as out:
            self.child = subprocess.Popen(["taskset", "-c", cores, *command], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                          env={**os.environ, **(env or {})})

    @property
    def pid(self):
        return self.child.pid

    def pids(self):
        """The process and all below it."""
        found, todo = [], [self.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            with contextlib.suppress(OSError):
                for thread in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{thread}/children") as f:
                        todo += [int(child) for child in f.read().split()]
        return found

    def cpu_seconds(self):
        """User and system time of all threads, from /proc/PID/stat."""
        total = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/stat") as f:
                    fields = f.read().rsplit(")", 1)[1].split()
                total += int(fields[11]) + int(fields[12])
        return total / TICK

    def memory_mb(self):
        """Resident memory; for several processes the sum, pages shared with others counted in each."""
        total = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/status") as f:
                    total += next((int(line.split()[1]) for line in f if line.startswith("VmRSS:")), 0)
        return total / 1024

    def alive(self):
        return self.child.poll() is None

    def stop(self):
        if self.alive():
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()

    def tail(self, lines=12):
        with open(self.log, errors="replace") as f:
            return "".join(f.readlines()[-lines:])


def ask(port, headers, model="json", timeout=2.0):
    """One chat request; the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        body = json.dumps({"model": model, "messages": [{"role": "user", "content": "ready?"}]})
        connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def wait_until_answering(process, port, headers, seconds=20.0):
    """Seconds from the start of `process` until it answered its first request with 200."""
    last = "nothing"
    while time.monotonic() - process.started < seconds:
        try:
            last = ask(port, headers)
            if last == 200:
                return time.monotonic() - process.started
        except OSError as error:
            last = error
        except http.client.HTTPException as error:
            last = error
        if not process.alive():
            break
        time.sleep(0.0005)
    raise RuntimeError(f"no answer from {process.child.args[3:5]} on port {port} ({last}):\n{process.tail()}")
