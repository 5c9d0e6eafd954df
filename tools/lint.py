#!/usr/bin/env python3
"""The gate of `make lint`: formatting, the rules of the house that a script can check, and clang-tidy over src/.

clang-tidy takes seconds per file, so a file is linted again only when it, a header that it includes, the checks or the
compiler's flags have changed: a clean result is remembered in build/lint by a hash of all of these.
"""

import argparse
import concurrent.futures
import hashlib
import itertools
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLEAN = ROOT / "build" / "lint"
COMMANDS = ROOT / "build" / "release" / "compile_commands.json"
LONGEST_FILE = 800  # lines; 400 is what we aim for
# A wire format knows `formats/shared` and no other format, but for these: whoever speaks OpenAI's errors or its whole format.
NEIGHBOURS = {("sandbox", "openai"), ("responses", "openai")}
INCLUDE = re.compile(rb'^#include "([^"]+)"', re.MULTILINE)


def tracked(*patterns):
    """Files that are in the project, also those not yet added."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns], cwd=ROOT,
                            capture_output=True, check=True).stdout
    return sorted({ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).exists()})


def check_format(files):
    found = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *files], cwd=ROOT, capture_output=True, text=True)
    wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", found.stderr, re.MULTILINE)))
    return [f"{Path(name).relative_to(ROOT)}: not formatted; `make fmt` does it" for name in wrong]


def check_house_rules(files):
    faults = []
    for file in files:
        name = file.relative_to(ROOT)
        lines = file.read_text().splitlines()
        if len(lines) > LONGEST_FILE:
            faults.append(f"{name}:{LONGEST_FILE + 1}: longer than {LONGEST_FILE} lines; split it")
        if file.suffix == ".h" and "#pragma once" not in lines:
            faults.append(f"{name}:1: no #pragma once")
        if file.suffix == ".h" and name.parts[0] == "src" and not lines[0].startswith("// "):
            faults.append(f"{name}:1: a header begins with a paragraph: what it is, who may call it, who owns what")
        for number, line in enumerate(lines, 1):
            if name.parts[:2] == ("src", "formats") and len(name.parts) > 3:
                other = re.match(r'#include "formats/(\w+)/', line)
                if other and other[1] not in (name.parts[2], "shared") and (name.parts[2], other[1]) not in NEIGHBOURS:
                    faults.append(f"{name}:{number}: a format includes formats/shared and no other format")
            if re.match(r"\s*using namespace " + (r"\w+;" if file.suffix == ".h" else r"std;"), line):
                faults.append(f"{name}:{number}: no using-directives for whole namespaces")
            if name.parts[0] == "src" and re.search(r"\b(std::cout|std::cerr|printf\()", line):
                faults.append(f"{name}:{number}: write through Console or Logger")
    return faults


def key_of(file, flags, checks, hashes):
    """A hash of everything that clang-tidy's answer depends on, headers of the project included."""
    digest = hashlib.sha256(checks + flags.encode())
    seen, todo = set(), [file]
    while todo:
        at = todo.pop()
        if at in seen or not at.exists():
            continue
        seen.add(at)
        if at not in hashes:
            data = at.read_bytes()
            hashes[at] = (hashlib.sha256(data).digest(), [ROOT / "src" / name.decode() for name in INCLUDE.findall(data)])
        todo.extend(hashes[at][1])
    for at in sorted(seen):
        digest.update(hashes[at][0])
    return digest.hexdigest()


def flags_of(command):
    """The flags clang needs of a g++ command line: what includes and defines; warnings and precompiled headers are g++'s."""
    words = shlex.split(command)
    kept = ["-std=c++20", "-Wno-unknown-warning-option"]
    for at, word in enumerate(words):
        if word.startswith(("-D", "-I")):
            kept.append(word)
        elif word == "-isystem":
            kept += [word, words[at + 1]]
    return kept + ["-include", str(ROOT / "src/core/pch.h")]


def tidy(file, flags):
    run = subprocess.run(["clang-tidy-14", "--quiet", str(file), "--", *flags], cwd=ROOT, capture_output=True, text=True)
    return run.returncode, run.stdout + (run.stderr if run.returncode != 0 and not run.stdout else "")


def check_tidy(jobs):
    """Yields faults as they are found: the whole takes minutes."""
    if not COMMANDS.exists():
        yield "build/release/compile_commands.json is missing: run `cmake --preset release`"
        return
    checks = (ROOT / ".clang-tidy").read_bytes() + subprocess.run(["clang-tidy-14", "--version"], capture_output=True).stdout
    CLEAN.mkdir(parents=True, exist_ok=True)
    hashes, todo = {}, []
    for entry in json.loads(COMMANDS.read_text()):
        file = Path(entry["file"])
        if ROOT / "src" not in file.parents or file.suffix != ".cpp" or not file.exists():
            continue
        flags = flags_of(entry["command"])
        mark = CLEAN / key_of(file, " ".join(flags), checks, hashes)
        if not mark.exists():
            todo.append((file, flags, mark))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = {pool.submit(tidy, file, flags): mark for file, flags, mark in todo}
        for run in concurrent.futures.as_completed(runs):
            code, output = run.result()
            if code == 0:
                runs[run].touch()
            else:
                yield output.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-j", "--jobs", type=int, default=2)
    arguments = parser.parse_args()
    files = tracked("*.h", "*.cpp")
    faults = 0
    for fault in itertools.chain(check_format(files), check_house_rules(files), check_tidy(arguments.jobs)):
        print(fault, flush=True)
        faults += 1
    print("lint: clean" if faults == 0 else f"lint: {faults} files or lines to mend")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
