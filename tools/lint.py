#!/usr/bin/env python3
"""The gate of `make lint`: formatting, the rules of the house that a script can check, and clang-tidy over src/.

clang-tidy takes ten seconds for a file, nearly all of them for the headers that it includes. So a file is linted again only
when it, a header of ours that it includes, the checks or the compiler's flags have changed: a clean result is remembered by
a hash of all of these, in the user's cache folder, for every clone. And files are linted many at once, as one unit: see
`batches`.
"""

import argparse
import concurrent.futures
import hashlib
import itertools
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLEAN = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "weir" / "lint"
KEPT_DAYS = 30  # a clean result that nobody asked for
COMMANDS = ROOT / "build" / "release" / "compile_commands.json"
LONGEST_FILE = 800  # lines; 400 is what we aim for
# A wire format knows `formats/shared` and no other format, but for these: whoever speaks OpenAI's errors or its whole format.
NEIGHBOURS = {("sandbox", "openai"), ("responses", "openai")}
INCLUDE = re.compile(rb'^#include "([^"]+)"', re.MULTILINE)
NO_NAME = ("namespace", "using namespace", "template", "static_assert")
BATCH_LINES = 4000  # of the files that are linted as one unit
# What a file declares at the left margin, where all that is in a namespace stands: a type's name, or the name of a function
# or a constant.
DECLARES = re.compile(r"(?:struct|class|enum class|enum|union|using|concept) (\w+)|.*?([\w:~]+) ?[({\[=;]")


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
    """A hash of everything that clang-tidy's answer depends on, headers of the project included; the same in every clone."""
    digest = hashlib.sha256(checks + flags.replace(str(ROOT), "").encode())
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
        digest.update(str(at.relative_to(ROOT)).encode() + hashes[at][0])
    return digest.hexdigest()


def flags_of(command):
    """The flags clang needs of a g++ command line: what includes and defines; warnings and precompiled headers are g++'s."""
    words = shlex.split(command)
    kept = ["-std=c++20", "-Wno-unknown-warning-option"]
    for at, word in enumerate(words):
        if word.startswith(("-D", "-I")):
            kept.append(word)
        elif word == "-isystem":
            kept.append(word + words[at + 1])
    return kept + ["-include" + str(ROOT / "src/core/pch.h")]


def sources():
    """Files of src/ with their flags, as CMake compiles them."""
    found = {}
    for entry in json.loads(COMMANDS.read_text()):
        file = Path(entry["file"])
        if ROOT / "src" in file.parents and file.suffix == ".cpp" and file.exists():
            found.setdefault(file, flags_of(entry["command"]))
    return found


class Names:
    """What a file declares (all, and types among it) and the words it uses, each with the namespace that it is looked up in:
    (namespace, name)."""

    def __init__(self, text):
        space = re.search(r"^namespace (\w+(?:::\w+)*) {", text, re.MULTILINE)
        parts = space[1].split("::") if space else []
        spaces = ["::".join(parts[:count]) for count in range(len(parts), -1, -1)]
        names, types = set(), set()
        for line in text.splitlines():
            if re.match(r"[A-Za-z\[]", line) and not line.startswith(NO_NAME):
                found = DECLARES.match(line)
                name = found and (found[1] or found[2])
                if name and "::" not in name and name != "operator":
                    names.add(name)
                    if found[1]:
                        types.add(name)
        words = set(re.findall(r"\w+", text))
        self.all = {(spaces[0], name) for name in names}
        self.types = {(spaces[0], name) for name in types}
        self.used = {(spaces[0], word) for word in words} | {(space, word) for space in spaces[1:] for word in words - names}
        self.lines = text.count("\n")


def batches(files):
    """Files that can be one unit, for they share the cost of parsing and matching headers: none declares what another does,
    or a type by a name that another uses, perhaps for another's."""
    made = []  # [files, Names]
    for file in files:
        one = Names(file.read_text())
        for batch, of in made:
            if (of.lines + one.lines <= BATCH_LINES and one.all.isdisjoint(of.all) and one.types.isdisjoint(of.used)
                    and one.used.isdisjoint(of.types)):
                batch.append(file)
                of.all |= one.all
                of.types |= one.types
                of.used |= one.used
                of.lines += one.lines
                break
        else:
            made.append(([file], one))
    return [batch for batch, _ in made]


def unit_of(files):
    """What includes them all; their headers first, that no file's private names stand before a header."""
    headers = dict.fromkeys(name for file in files for name in INCLUDE.findall(file.read_bytes()) if name.endswith(b".h"))
    return "".join(f'#include "{name}"\n' for name in [*(name.decode() for name in headers), *files])


def tidy(files, flags):
    """Yields (file, what is wrong with it or ""): of many at once when all are clean, else of each by itself."""
    with tempfile.TemporaryDirectory() as folder:
        unit = files[0]
        if len(files) > 1:
            unit = Path(folder) / "unit.cpp"
            unit.write_text(unit_of(files))
        run = subprocess.run(["clang-tidy-14", "--quiet", f"--config-file={ROOT / '.clang-tidy'}", str(unit), "--", *flags],
                             cwd=ROOT, capture_output=True, text=True)
    if len(files) == 1:
        yield files[0], "" if run.returncode == 0 else run.stdout or run.stderr
    elif run.returncode == 0:
        yield from ((file, "") for file in files)
    else:  # a finding, or names that clash after all
        half = (len(files) + 1) // 2
        yield from tidy(files[:half], flags)
        yield from tidy(files[half:], flags)


def forget_old():
    for mark in CLEAN.iterdir():
        if mark.stat().st_mtime < time.time() - KEPT_DAYS * 86400:
            mark.unlink(missing_ok=True)


def check_tidy(jobs):
    """Yields faults as they are found: the whole takes minutes."""
    if not COMMANDS.exists():
        yield "build/release/compile_commands.json is missing: run `cmake --preset release`"
        return
    checks = (ROOT / ".clang-tidy").read_bytes() + subprocess.run(["clang-tidy-14", "--version"], capture_output=True).stdout
    CLEAN.mkdir(parents=True, exist_ok=True)
    hashes, marks, found = {}, {}, sources()
    for file, flags in found.items():
        mark = CLEAN / key_of(file, " ".join(flags), checks, hashes)
        if mark.exists():
            mark.touch()
        else:
            marks[file] = mark
    forget_old()
    # One set of flags for all: what a file does not use does not harm it.
    flags = list(dict.fromkeys(itertools.chain.from_iterable(found[file] for file in marks)))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = [pool.submit(lambda some: list(tidy(some, flags)), some) for some in batches(marks)]
        for run in concurrent.futures.as_completed(runs):
            for file, fault in run.result():
                if fault:
                    yield fault.strip()
                else:
                    marks[file].touch()


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
