#!/usr/bin/env python3
"""make bench: nginx, Weir and Portkey side by side in one run, pinned the same way, as a table of ratios and as JSON.

The gateway under test has core 0; load generator and upstream share core 1. Runs of the compared gateways are interleaved
(a b c, a b c, …) and the median of all runs is what counts; the spread (lowest to highest) is printed beside it.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

import gateways
import rows
from processes import LOAD_CORE, Process, free_port, wait_until_answering

HERE = pathlib.Path(__file__).resolve().parent


class Bench:
    """What the rows share: tools, options, the upstream, and the results so far."""

    def __init__(self, options):
        self.quick = options.quick
        self.runs = options.runs or (3 if options.quick else 5)
        self.seconds = options.seconds or (1.0 if options.quick else 3.0)
        self.out = pathlib.Path(options.out).resolve()
        self.out.mkdir(parents=True, exist_ok=True)
        self.tools = pathlib.Path(options.tools).resolve()
        self.weir_binary = str(pathlib.Path(options.weir).resolve())
        gateways.Weir.binary = self.weir_binary
        self.portkey = not options.no_portkey and gateways.Portkey.install()
        self.results = []
        self.upstream_port = free_port()
        self.upstream = Process([str(self.tools / "bench_upstream"), "--port", str(self.upstream_port)], LOAD_CORE,
                                self.out / "upstream.log")
        wait_until_answering(self.upstream, self.upstream_port, {})

    def make(self, kind):
        return kind(self.out, self.upstream_port)

    def load(self, gateway, *arguments, port=None, seconds=None, connections=64, cores=LOAD_CORE):
        """One run of the load generator: its JSON, with the gateway's and the upstream's CPU time of that span."""
        command = ["taskset", "-c", cores, str(self.tools / "bench_load"), "--port", str(port or gateway.port), "-c", str(connections),
                   "-s", str(seconds or self.seconds), *gateway.load_arguments(), *arguments]
        cpu, upstream_cpu = (gateway.process.cpu_seconds() if gateway.process else 0), self.upstream.cpu_seconds()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"load on {gateway.name} failed: {done.stderr.strip()} {done.stdout.strip()}\n"
                               f"{gateway.process.tail() if gateway.process else ''}")
        result = json.loads(done.stdout)
        result["gateway_cpu_s"] = (gateway.process.cpu_seconds() if gateway.process else 0) - cpu
        result["upstream_cpu_s"] = self.upstream.cpu_seconds() - upstream_cpu
        return result

    def interleaved(self, running, measure):
        """measure(gateway) for each, in turn, `runs` times: {name: [results]}."""
        samples = {gateway.name: [] for gateway in running}
        for _ in range(self.runs):
            for gateway in running:
                samples[gateway.name].append(measure(gateway))
        return samples

    def add(self, row, figure, unit, values, goal, reached, note=""):
        """values: {name: list of samples}; reached(medians) → (ratio or value as text, True / False / None)."""
        medians = {name: statistics.median(samples) for name, samples in values.items() if samples}
        try:
            shown, good = reached(medians)
        except KeyError:
            shown, good = "-", None
        self.results.append({"row": row, "figure": figure, "unit": unit, "goal": goal, "result": shown, "reached": good, "note": note,
                             "medians": medians, "samples": values})
        print_row(self.results[-1])

    def close(self):
        self.upstream.stop()


def number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 1 else f"{value:.1f}"


def cell(result, name):
    samples = result["samples"].get(name)
    if not samples:
        return "-"
    if len(samples) == 1:
        return number(samples[0])
    return f"{number(statistics.median(samples))} ({number(min(samples))}–{number(max(samples))})"


COLUMNS = (("figure", 44), ("nginx", 26), ("weir", 26), ("portkey", 24), ("result", 18), ("goal", 26))


def print_head():
    print("  ".join(title.ljust(width) for title, width in COLUMNS))
    print("  ".join("-" * width for _, width in COLUMNS))


def print_row(result):
    mark = {True: "met", False: "MISSED", None: ""}[result["reached"]]
    cells = [f"{result['figure']} [{result['unit']}]", cell(result, "nginx"), cell(result, "weir"), cell(result, "portkey"),
             f"{result['result']} {mark}".strip(), result["goal"]]
    print("  ".join(text.ljust(width) for text, (_, width) in zip(cells, COLUMNS)), flush=True)
    if result["note"]:
        print("    " + result["note"], flush=True)


def main():
    names = [row.__name__ for row in rows.ALL]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="shorter and fewer runs: a smoke test, not a measurement")
    parser.add_argument("--rows", help="only these, separated by commas: " + ", ".join(names))
    parser.add_argument("--runs", type=int, help="interleaved runs (default 5; 3 with --quick)")
    parser.add_argument("--seconds", type=float, help="of each run (default 3; 1 with --quick)")
    parser.add_argument("--weir", default=HERE.parent / "build/bench/weir", help="the binary under test")
    parser.add_argument("--tools", default=HERE.parent / "build/bench", help="folder of bench_load and bench_upstream")
    parser.add_argument("--out", default=HERE.parent / "build/bench/results", help="folder for logs and results.json")
    parser.add_argument("--no-portkey", action="store_true", help="leave the Portkey gateway out")
    options = parser.parse_args()
    chosen = options.rows.split(",") if options.rows else names
    if unknown := [name for name in chosen if name not in names]:
        parser.error(f"no such row: {', '.join(unknown)}; there are: {', '.join(names)}")
    if (os.cpu_count() or 1) < 2:
        parser.error("two cores are needed: one for the gateway, one for the load")
    if not os.access(options.weir, os.X_OK):
        parser.error(f"{options.weir} is not there: build it first (make bench does)")

    bench = Bench(options)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}; {bench.runs} interleaved runs of {bench.seconds:g} s; "
          f"median (lowest–highest)\n")
    print_head()
    failed = []
    try:
        for row in rows.ALL:
            if row.__name__ not in chosen:
                continue
            try:
                row(bench)
            except (RuntimeError, OSError) as error:
                failed.append(row.__name__)
                print(f"{row.__name__}: could not be measured: {error}", flush=True)
    finally:
        bench.close()
        (bench.out / "results.json").write_text(json.dumps({
            "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "quick": bench.quick,
            "runs": bench.runs, "seconds": bench.seconds, "kernel": platform.release(), "cores": os.cpu_count(),
            "not_measured": failed, "rows": bench.results}, indent=1))
    missed = [result["figure"] for result in bench.results if result["reached"] is False]
    print(f"\n{len(bench.results)} figures, {len(missed)} goals missed{': ' + ', '.join(missed) if missed else ''}; "
          f"all samples: {bench.out / 'results.json'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
