"""Replay against a live run: a real llama-server with a tiny model behind Weir, an open-loop load, and then the ledger of that
run replayed with the same configuration. What was measured and what the replay says are compared."""
import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import threading
import time

from processes import GATEWAY_CORE, LOAD_CORE, Process, free_port

HERE = pathlib.Path(__file__).resolve().parent
SLOTS = 2
CLOUD_PRICES = "{input: 2.5, output: 10}"


def wait_for(port, path, process, seconds=30.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.alive():
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing answers on port {port}:\n{process.tail()}")


class LiveRun:
    """llama-server with two slots as the local model, the benchmark's upstream as the cloud one."""

    def __init__(self, bench, number):
        self.folder = bench.out / f"replay-{number}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.bench = bench
        self.port = free_port()
        self.config = self.folder / "weir.yaml"
        self.data = self.folder / "data"
        self.random = random.Random(number)
        self.processes = []

    def __enter__(self):
        llama_port = free_port()
        model = self.folder / "tiny.gguf"
        subprocess.run(["node", str(HERE.parent / "tests/integration/support/tiny_gguf.mjs"), str(model)], check=True)
        llama = Process([str(llama_server()), "-m", str(model), "--alias", "tiny", "--host", "127.0.0.1", "--port", str(llama_port), "-np",
                         str(SLOTS), "-c", "8192", "-t", "1", "--no-webui"], LOAD_CORE, self.folder / "llama.log")
        self.processes.append(llama)
        wait_for(llama_port, "/health", llama)
        self.config.write_text(f"""
providers:
  - {{id: box, kind: openai_compatible, url: "http://127.0.0.1:{llama_port}/v1", zone: local, slots: {SLOTS}, cost_per_hour: 3}}
  - {{id: far, kind: openai_compatible, url: "http://127.0.0.1:{self.bench.upstream_port}/v1", zone: cloud}}
models:
  - {{id: small, provider: box, name: tiny}}
  - {{id: large, provider: far, name: json, prices: {CLOUD_PRICES}}}
routes:
  - name: assistant
    baseline: large
    rules:
      - {{when: {{sensitive: any}}, zones: [local]}}
      - {{use: [small, large], spill: {{queue: 400ms}}}}
""")
        weir = Process([self.bench.weir_binary, "serve", "--config", str(self.config), "--listen", f"127.0.0.1:{self.port}", "--data",
                        str(self.data), "--threads", "1"], GATEWAY_CORE, self.folder / "weir.log")
        self.processes.append(weir)
        wait_for(self.port, "/readyz", weir)
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.stop()

    def ask(self, tokens, text):
        body = {"model": "assistant", "messages": [{"role": "user", "content": text}], "max_tokens": tokens, "ignore_eos": True}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
            connection.getresponse().read()
        connection.close()

    def draw(self):
        """Tokens of an answer (exponential, as many short ones as real traffic has), and a prompt; one in ten is sensitive."""
        tokens = min(800, 20 + int(self.random.expovariate(1 / 120)))
        words = "river " * self.random.randint(5, 60)
        return tokens, words + ("write to anna.smith@example.com" if self.random.random() < 0.1 else "")

    def seconds_per_request(self):
        """With both slots busy: how long the pair needs for one request."""
        asked = 40
        began = time.monotonic()
        todo = [self.draw() for _ in range(asked)]

        def one():
            while todo:
                with contextlib.suppress(IndexError):
                    self.ask(*todo.pop())
        workers = [threading.Thread(target=one) for _ in range(SLOTS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return (time.monotonic() - began) / asked

    def load(self, rate, seconds):
        """Requests at random (Poisson) moments, whatever became of those before."""
        workers = []
        due = time.monotonic()
        end = due + seconds
        while due < end:
            time.sleep(max(0.0, due - time.monotonic()))
            worker = threading.Thread(target=self.ask, args=self.draw())
            worker.start()
            workers.append(worker)
            due += self.random.expovariate(rate)
        for worker in workers:
            worker.join()

    def replayed(self, since):
        time.sleep(0.5)  # the ledger's group commit
        done = subprocess.run([self.bench.weir_binary, "plan", "replay", "--from-ledger", since, "--config", str(self.config), "--data",
                               str(self.data), "--json"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)


def llama_server():
    path = pathlib.Path(os.environ.get("LLAMA_SERVER", HERE.parent / "build/llama-server/llama-server"))
    if not path.exists():
        subprocess.run([str(HERE.parent / "tools/get_llama_server.sh"), str(path.parent)], check=True, capture_output=True)
    return path


def one_live_run(bench, number):
    with LiveRun(bench, number) as run:
        rate = 0.8 / run.seconds_per_request()
        time.sleep(1.2)  # so that the seconds of the ledger tell warm-up and load apart
        since = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        run.load(rate, 10 if bench.quick else 30)
        return run.replayed(since)


def replay(bench):
    """Ratios of what a replay says to what was recorded; 1 is equal."""
    runs = [one_live_run(bench, number) for number in range(bench.runs)]
    ratios = {name: [] for name in ("cost", "same", "p50", "p95", "p99", "spill")}
    for run in runs:
        before, after = run["scenarios"][:2]
        ratios["cost"].append(after["metered_micro_usd"] / max(1, before["metered_micro_usd"]))
        ratios["same"].append(after["same_model"]["metered_micro_usd"] - after["same_model"]["recorded_micro_usd"])
        ratios["spill"].append(100 * (after["spill_share"] - before["spill_share"]))
        for name in ("p50", "p95", "p99"):
            ratios[name].append(after["latency"][f"{name}_us"] / before["latency"][f"{name}_us"])
    note = "; ".join(
        f"{run['requests']} requests, {run['scenarios'][1]['same_model']['requests']} decided alike, spilled "
        f"{100 * run['scenarios'][0]['spill_share']:.1f} % live and {100 * run['scenarios'][1]['spill_share']:.1f} % replayed" for run in runs)

    def within(share):
        return lambda m: (f"{m['weir'] - 1:+.1%}", abs(m["weir"] - 1) <= share)
    bench.add("replay_same", "replay, cost of requests decided alike", "µ$", {"weir": ratios["same"]}, "difference 0",
              lambda m: (f"{m['weir']:+.0f} µ$", all(value == 0 for value in ratios["same"])), note)
    bench.add("replay_cost", "replay, cost to recorded", "ratio", {"weir": ratios["cost"]}, "equal where decided alike",
              lambda m: (f"{m['weir'] - 1:+.1%}", None))
    bench.add("replay_p50", "replay, p50 latency to recorded", "ratio", {"weir": ratios["p50"]}, "within 15 %", within(0.15))
    bench.add("replay_p95", "replay, p95 latency to recorded", "ratio", {"weir": ratios["p95"]}, "within 15 %", within(0.15))
    bench.add("replay_p99", "replay, p99 latency to recorded", "ratio", {"weir": ratios["p99"]}, "-", lambda m: (f"{m['weir'] - 1:+.1%}", None))
    bench.add("replay_spill", "replay, spill share less recorded", "points", {"weir": ratios["spill"]}, "-",
              lambda m: (f"{m['weir']:+.1f}", None))


def replay_million(bench):
    """The whole command, from a ledger of a million requests on disk."""
    folder = bench.out / "million"
    count = 100_000 if bench.quick else 1_000_000
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([str(bench.tools / "bench_ledger"), "--data", str(folder), "-n", str(count)], check=True)
    config = bench.out / "million.yaml"
    config.write_text(f"""
providers:
  - {{id: gpu1, kind: vllm, url: "http://10.0.0.5:8000", slots: 4, cost_per_hour: 3}}
  - {{id: openai, kind: openai_compatible, url: "http://10.0.0.6:80/v1", zone: cloud}}
models:
  - {{id: small, provider: gpu1, name: tiny}}
  - {{id: large, provider: openai, name: json, prices: {CLOUD_PRICES}}}
routes:
  - name: assistant
    baseline: large
    rules:
      - {{when: {{sensitive: any}}, zones: [local]}}
      - {{use: [small, large], spill: {{queue: 300ms}}}}
""")
    times, cpu = [], []
    for _ in range(bench.runs):
        before, began = os.times(), time.monotonic()
        done = subprocess.run([bench.weir_binary, "plan", "replay", "--from-ledger", "31d", "--config", str(config), "--data", str(folder),
                               "--json"], capture_output=True, text=True, check=False)
        times.append(time.monotonic() - began)
        after = os.times()
        cpu.append(after.children_user + after.children_system - before.children_user - before.children_system)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
    bench.add("replay_million", f"replay of {count:,} requests", "s", {"weir": times}, "≤ 5 s",
              lambda m: (f"{m['weir']:.2f} s", None if bench.quick else m["weir"] <= 5), f"CPU time {statistics.median(cpu):.2f} s")
