"""One function per row of the table. Each starts what it needs, measures, and stops it again."""
import contextlib
import json
import socket
import statistics
import subprocess
import time

from gateways import Direct, Nginx, Portkey, Weir
from processes import Process
from replay import replay, replay_million


@contextlib.contextmanager
def started(bench, *kinds, **options):
    running = []
    try:
        for kind in kinds:
            gateway = bench.make(kind)
            running.append(gateway)
            gateway.start(**options)
        yield running
    finally:
        for gateway in running:
            gateway.stop()


def ratio_to_nginx(limit, at_most=True):
    def judge(medians):
        ratio = medians["weir"] / medians["nginx"]
        return f"{ratio:.2f} × nginx", ratio <= limit if at_most else ratio >= limit
    return judge


def check(result, gateway):
    if result["failed"] or set(result["statuses"]) - {"200"}:
        raise RuntimeError(f"{gateway.name}: {result['failed']} failed, statuses {result['statuses']}")
    return result


def cpu_per_request(result):
    """Microseconds; the warm-up's requests were paid for too, so they count."""
    return result["gateway_cpu_s"] * 1e6 / max(1, result["finished"])


def throughput(bench):
    kinds = [Nginx, Weir] + ([Portkey] if bench.portkey else [])
    with started(bench, *kinds) as running:
        samples = bench.interleaved(running, lambda gateway: check(bench.load(gateway), gateway))
    bench.add("cpu", "CPU per request, 64 connections", "µs", {name: [cpu_per_request(run) for run in runs] for name, runs in samples.items()},
              "≤ 1.0 × nginx", ratio_to_nginx(1.0))
    busy = {name: statistics.median([(run["cpu_us"] / 1e6 + run["upstream_cpu_s"]) / (run["seconds"] + 0.5) for run in runs])
            for name, runs in samples.items()}
    rates = {name: [run["per_second"] for run in runs] for name, runs in samples.items()}
    bench.add("rate", "requests/s, 64 connections", "1/s", rates, "≥ 1.0 × nginx", ratio_to_nginx(1.0, at_most=False),
              "core of load and upstream busy: " + ", ".join(f"{name} {share:.0%}" for name, share in busy.items()))
    if bench.portkey:
        def against_portkey(medians):
            ratio = medians["weir"] / medians["portkey"]
            return f"{ratio:.0f} × Portkey", ratio >= 30
        bench.add("rate_portkey", "requests/s against Portkey", "1/s", rates, "≥ 30 × Portkey", against_portkey)


def cores(bench):
    """Two threads on two cores against one on one. The load must share the two cores, so the wall-clock rate would show the load's
    cost, not the gateway's: requests per second of gateway CPU time is what is compared. It falls when threads disturb each
    other (locks, shared cache lines). It may rise above 1, because a load that runs on the same core needs no interrupt to be
    woken: look at nginx beside it."""
    values = {}
    for name, threads, where in (("one", 1, "0"), ("two", 2, "0,1")):
        with started(bench, Nginx, Weir, cores=where, threads=threads) as running:
            samples = bench.interleaved(running, lambda gateway: check(bench.load(gateway, connections=128), gateway))
        for gateway, runs in samples.items():
            values[f"{gateway} {name}"] = [1e6 / cpu_per_request(run) for run in runs]
    shown = {"nginx": [two / statistics.median(values["nginx one"]) for two in values["nginx two"]],
             "weir": [two / statistics.median(values["weir one"]) for two in values["weir two"]]}
    bench.add("cores", "two cores against one, per core", "ratio", shown, "≥ 0.9", lambda m: (f"{m['weir']:.2f}", m["weir"] >= 0.9),
              "requests per second of gateway CPU time; load and upstream need the same two cores, which limits the rate. "
              + ", ".join(f"{name} {statistics.median(samples):,.0f}/s" for name, samples in values.items()))


def latency(bench):
    with started(bench, Nginx, Weir) as running:
        direct = bench.make(Direct)
        samples = bench.interleaved([direct, *running], lambda gateway: check(bench.load(gateway, connections=1), gateway))
    base = statistics.median(run["latency_us"]["p50"] for run in samples["direct"])
    added = {name: [run["latency_us"]["p50"] - base for run in runs] for name, runs in samples.items() if name != "direct"}
    bench.add("added_p50", "time added at one connection, p50", "µs", added, "≤ 1.5 × what nginx adds", ratio_to_nginx(1.5),
              f"without a gateway {base:.1f} µs")


def tail(bench):
    """Twice: all at the rate that is 80 % of the slowest one's most, which leaves the faster ones more room, and each at 80 % of its own."""
    with started(bench, Nginx, Weir) as running:
        own = {gateway.name: 0.8 * check(bench.load(gateway, seconds=1), gateway)["per_second"] for gateway in running}

        def p99_at(rates):
            samples = bench.interleaved(running, lambda gateway: check(bench.load(gateway, "--rate", f"{rates[gateway.name]:.0f}"), gateway))
            return {name: [run["latency_us"]["p99"] for run in runs] for name, runs in samples.items()}

        same = min(own.values())
        bench.add("p99", "p99 at 80 % load", "µs", p99_at(dict.fromkeys(own, same)), "≤ 2 × nginx", ratio_to_nginx(2.0),
                  f"{same:,.0f} requests/s at random moments for both: 80 % of the slower one's most")
        bench.add("p99_own", "p99, each at 80 % of its own most", "µs", p99_at(own), "≤ 2 × nginx", ratio_to_nginx(2.0),
                  ", ".join(f"{name} {rate:,.0f}/s" for name, rate in own.items()))


def streaming(bench):
    with started(bench, Nginx, Weir) as running:
        samples = bench.interleaved(running, lambda gateway: check(
            bench.load(gateway, "--models", "sse-50-0", port=gateway.stream_port(), connections=500), gateway))
    bench.add("chunks", "streamed chunks/s, 500 streams of 50", "1/s", {name: [run["events_per_second"] for run in runs] for name, runs in samples.items()},
              "≥ 0.8 × nginx", ratio_to_nginx(0.8, at_most=False))
    bench.add("cpu_chunk", "CPU per streamed chunk", "µs",
              {name: [run["gateway_cpu_s"] * 1e6 / max(1, run["events"] * run["finished"] / max(1, run["requests"])) for run in runs]
               for name, runs in samples.items()}, "-", lambda m: (f"{m['weir'] / m['nginx']:.2f} × nginx", None))


def memory(bench):
    idle, held = {}, {}
    with started(bench, Nginx, Weir) as running:
        time.sleep(1)
        for gateway in running:
            idle[gateway.name] = [gateway.process.memory_mb()]
        for gateway in running:
            load = Process([str(bench.tools / "bench_load"), "--port", str(gateway.stream_port()), "-c", "1000", "-s", "5", "--models",
                            "sse-600-1000000", *gateway.load_arguments()], "1", bench.out / "hold.log")
            time.sleep(4)
            held[gateway.name] = [gateway.process.memory_mb()]
            load.stop()
    bench.add("idle", "memory, idle", "MB", idle, "≤ 20 MB", lambda m: (f"{m['weir']:.1f} MB", m["weir"] <= 20))
    bench.add("open_streams", "memory, 1,000 open streams", "MB", held, "≤ 60 MB", lambda m: (f"{m['weir']:.1f} MB", m["weir"] <= 60))


def translated(bench):
    """Streams that are read in OpenAI's format and written in Anthropic's, all open at once, each with text under way."""
    body = json.dumps({"model": "sse-600-1000000", "max_tokens": 1000, "stream": True, "messages": [{"role": "user", "content": "Hello"}]})
    sockets = []
    with started(bench, Weir) as (weir,):
        key = weir.keys_file.read_text().split()[0]
        head = (f"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {key}\r\n"
                f"anthropic-version: 2023-06-01\r\nContent-Length: {len(body)}\r\n\r\n")
        try:
            for _ in range(1000):
                one = socket.create_connection(("127.0.0.1", weir.port), timeout=30)
                one.sendall((head + body).encode())
                sockets.append(one)
            begun = sum(b"event: message_start" in one.recv(65536) for one in sockets)
            time.sleep(2)
            held = weir.process.memory_mb()
        finally:
            for one in sockets:
                one.close()
    if begun != 1000:
        raise RuntimeError(f"{begun} of 1,000 streams began")
    bench.add("open_translated", "memory, 1,000 open translated streams", "MB", {"weir": [held]}, "≤ 80 MB",
              lambda m: (f"{m['weir']:.1f} MB", m["weir"] <= 80))


def guard(bench):
    program = bench.tools / "bench_micro_guard"
    if not program.exists():
        raise RuntimeError(f"{program} is not built")
    done = subprocess.run(["taskset", "-c", "0", str(program), "--benchmark_format=json", f"--benchmark_repetitions={bench.runs}",
                           "--benchmark_min_time=0.2"], capture_output=True, text=True, check=True)
    speeds = {}
    for run in json.loads(done.stdout)["benchmarks"]:
        if run.get("run_type") == "iteration" and "bytes_per_second" in run:
            speeds.setdefault(run["name"], []).append(run["bytes_per_second"] / 1e6)
    plain = next((name for name in speeds if "plain" in name), None)
    if plain is None:
        raise RuntimeError(f"no benchmark named *plain* in {sorted(speeds)}")
    bench.add("guard", "guard, plain text, all detectors", "MB/s", {"weir": speeds[plain]}, "≥ 500 MB/s",
              lambda m: (f"{m['weir']:,.0f} MB/s", m["weir"] >= 500),
              "others: " + ", ".join(f"{name} {statistics.median(values):,.0f}" for name, values in speeds.items() if name != plain))


def soak(bench):
    """Streams, plain answers, errors, cut streams, clients that hang up, many keys: memory after a tenth and at the end."""
    total = 100_000 if bench.quick else 1_000_000
    mix = "json:60,sse-5-0:25,error-500:4,error-400:4,cut-3:7"
    with started(bench, Weir) as (weir,):
        def go(count):
            return bench.load(weir, "--models", mix, "--disconnect", "0.05", "-n", str(count), connections=100)
        first = go(total // 10)
        early = weir.process.memory_mb()
        rest = [go(total // 10) for _ in range(9)]
        late = weir.process.memory_mb()
        time.sleep(1)
        settled = weir.process.memory_mb()
    statuses = {}
    for run in [first, *rest]:
        for status, count in run["statuses"].items():
            statuses[status] = statuses.get(status, 0) + count
    growth = late / early - 1
    bench.add("soak", f"memory after {total:,} mixed requests", "MB", {"weir": [early, late]}, "within 5 % of after a tenth",
              lambda m: (f"{growth:+.1%}", None if bench.quick else growth <= 0.05),
              f"{early:.1f} → {late:.1f} MB, {settled:.1f} a second later; statuses {statuses}, broken off by the client "
              f"{sum(run['left'] for run in [first, *rest])}, failed {sum(run['failed'] for run in [first, *rest])}")


def start(bench):
    kinds = [Nginx, Weir] + ([Portkey] if bench.portkey else [])
    values = {kind.name: [] for kind in kinds}
    prepared = [bench.make(kind) for kind in kinds]
    for _ in range(bench.runs):
        for gateway in prepared:
            try:
                values[gateway.name].append(gateway.start().seconds_to_first_answer * 1000)
            finally:
                gateway.stop()
    bench.add("start", "start to first answered request", "ms", values, "≤ 100 ms", lambda m: (f"{m['weir']:.0f} ms", m["weir"] <= 100))


ALL = (throughput, cores, latency, tail, streaming, memory, translated, guard, soak, start, replay, replay_million)
