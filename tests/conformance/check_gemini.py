#!/usr/bin/env python3
"""Holds what is written in Gemini's format against Google's own description of it.

Usage: check_gemini.py UNIT_FORMATS
Google's servers refuse a field that they do not know; the description is open, so it is closed here. It is looked for
in $WEIR_SHARED/specs or ../shared/specs beside the source tree; without it the check is skipped (exit status 77).
"""
import gzip
import json
import os
import subprocess
import sys
import tempfile

from check_schemas import SKIP, errors, find_specs


def close(node):
    """Nothing but what is described: also inside of schemas that are described only by their properties."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and "additionalProperties" not in node:
            node["additionalProperties"] = False
        for value in node.values():
            close(value)
    elif isinstance(node, list):
        for value in node:
            close(value)


def main():
    folder = find_specs()
    if folder is None or not (folder / "gemini.json.gz").exists():
        print("skipped: Gemini's OpenAPI description is not here (set WEIR_SHARED to the folder that holds specs/)")
        return SKIP
    spec = json.loads(gzip.open(folder / "gemini.json.gz").read())
    close(spec["components"]["schemas"])
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "bodies")
        environment = dict(os.environ, WEIR_GEMINI_BODIES=path)
        subprocess.run([sys.argv[1], "--gtest_filter=gemini_round_trip.*", "--gtest_brief=1"], check=True, env=environment)
        lines = open(path, encoding="utf-8").read().splitlines()
    checked = failed = 0
    schemas = set()
    for line in lines:
        entry = json.loads(line)
        checked += 1
        schemas.add(entry["schema"])
        found = errors({"$ref": "#/components/schemas/" + entry["schema"]}, entry["value"], spec)
        if found:
            failed += 1
            if failed <= 10:
                print(f"{json.dumps(entry['value'])[:300]} against {entry['schema']}:")
                print("".join(f"  {problem}\n" for problem in found[:5]), end="")
    print(f"{checked} bodies checked, {failed} failed: {', '.join(sorted(schemas))}")
    return 1 if failed or checked < 1000 or len(schemas) < 6 else 0


if __name__ == "__main__":
    sys.exit(main())
