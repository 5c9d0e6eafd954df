#!/usr/bin/env python3
"""Holds what the adapters put on the wire against the providers' own OpenAPI descriptions.

Usage: check_schemas.py CONFORMANCE_BODIES
The descriptions are looked for in $WEIR_SHARED/specs or ../shared/specs beside the source tree; without them, or without
PyYAML for the one that is YAML, the check is skipped (exit status 77).
"""
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys

SKIP = 77


def find_specs():
    source = pathlib.Path(__file__).resolve().parents[2]
    for base in (os.environ.get("WEIR_SHARED"), source.parent / "shared"):
        if base and (pathlib.Path(base) / "specs").is_dir():
            return pathlib.Path(base) / "specs"
    return None


def load_specs(folder):
    specs = {}
    for name in ("openai", "mistral", "together", "tgi", "azure-openai-v1"):
        if (folder / f"{name}.json.gz").is_file():
            specs[name] = json.loads(gzip.open(folder / f"{name}.json.gz").read())
    # OpenAI's Responses stand in the same description; which event it is, the type says.
    schemas = specs["openai"]["components"]["schemas"]
    kinds = {}
    for option in schemas["ResponseStreamEvent"]["anyOf"]:
        kind = schemas[option["$ref"].rsplit("/", 1)[1]]["properties"]["type"]["enum"][0]
        kinds[kind] = option["$ref"]
    schemas["ResponseStreamEvent"]["by_type"] = kinds
    specs["responses"] = specs["openai"]
    if (folder / "bedrock-converse.schema.json.gz").is_file():
        bedrock = json.loads(gzip.open(folder / "bedrock-converse.schema.json.gz").read())
        specs["bedrock-converse"] = {"$defs": bedrock["$defs"], "components": {"schemas": bedrock["$defs"]}}
    cohere = json.loads(gzip.open(folder / "cohere.json.gz").read())
    schemas = cohere["components"]["schemas"]
    for name in ("chat", "embed", "rerank"):
        asked = cohere["paths"]["/v2/" + name]["post"]
        schemas[f"V2{name.capitalize()}Request"] = asked["requestBody"]["content"]["application/json"]["schema"]
        schemas[f"V2{name.capitalize()}Answer"] = asked["responses"]["200"]["content"]["application/json"]["schema"]
    # Its `oneOf` of events lacks those of citations; which it is, the type says.
    events = schemas["StreamedChatResponseV2"]["discriminator"]["mapping"]
    schemas["StreamedChatResponseV2"]["by_type"] = events
    specs["cohere"] = cohere
    anthropic = json.loads(gzip.open(folder / "anthropic.json.gz").read())
    events = anthropic["components"]["schemas"]["MessageStreamEvent"]
    events["by_type"] = events["discriminator"]["mapping"]
    specs["anthropic"] = anthropic
    try:
        import yaml
    except ImportError:
        print("PyYAML is not installed: Ollama's bodies are not checked")
        return specs
    specs["ollama"] = yaml.safe_load(gzip.open(folder / "ollama.yaml.gz").read())
    return specs


TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool) or isinstance(v, float) and v.is_integer(),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "null": lambda v: v is None,
}


def errors(schema, value, spec, where="$"):
    """What is wrong with `value`: the part of JSON Schema that these descriptions use."""
    while isinstance(schema, dict) and "$ref" in schema:
        if value is None and schema.get("nullable"):
            return []
        node = spec
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        schema = node
    if schema is True or not schema:
        return []
    if value is None and schema.get("nullable"):
        return []
    if "by_type" in schema:
        kind = schema["by_type"].get(value.get("type"))
        return errors({"$ref": kind}, value, spec, where) if kind else [f"{where}: an event of no known type"]
    found = []
    for part in schema.get("allOf", []):
        found += errors(part, value, spec, where)
    for key in ("anyOf", "oneOf"):
        options = schema.get(key)
        if options:
            tried = [errors(option, value, spec, where) for option in options]
            if all(tried):
                found += min(tried, key=len)
    kinds = schema.get("type")
    if kinds:
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if not any(TYPES[kind](value) for kind in kinds):
            return found + [f"{where}: {json.dumps(value)[:60]} is no {' or '.join(kinds)}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} is none of {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{where}: {value!r} is not {schema['const']!r}")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{where}: {value[:60]!r} does not match {schema['pattern']}")
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            found.append(f"{where}: a text of {len(value)} characters")
    if isinstance(value, dict):
        if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", len(value)):
            found.append(f"{where}: {len(value)} members")
        properties = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                found.append(f"{where}: '{name}' is missing")
        for name, item in value.items():
            if name in properties:
                found += errors(properties[name], item, spec, f"{where}.{name}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{where}: '{name}' is not known")
            elif isinstance(schema.get("additionalProperties"), dict):
                found += errors(schema["additionalProperties"], item, spec, f"{where}.{name}")
    if isinstance(value, list):
        for index, item in enumerate(value):
            found += errors(schema.get("items"), item, spec, f"{where}[{index}]")
        if len(value) < schema.get("minItems", 0):
            found.append(f"{where}: fewer than {schema['minItems']} items")
    if TYPES["number"](value):
        if value < schema.get("minimum", value):
            found.append(f"{where}: {value} is below {schema['minimum']}")
        if value > schema.get("maximum", value):
            found.append(f"{where}: {value} is above {schema['maximum']}")
    return found


# What the descriptions say otherwise than the servers, or what is the vendor's own to refuse: a field that nobody knows
# goes on to it as it came.
KNOWN = {
    "mistral": r"'(vendor|messages|temperature)' is not known",
    "together": r"\.tool_choice: .* is no string",  # the description wants the shape of a call, its documents OpenAI's
    "tgi": r"'arguments' is missing|\.content: .*image_url",  # `parameters` is an alias; a picture may have `detail`
    "azure-openai-v1": r": null is no|\.seed: ",
    # At least 16 tokens: what the server says of less is shown to the caller. Codes of errors are our own words.
    "responses": r"max_output_tokens: \d+ is below 16|response\.error\.code: ",
    "openai": r"max_output_tokens: \d+ is below 16|response\.error\.code: ",
    "ollama": r"\.bytes: null is no array",  # of a token whose bytes nobody says
    "cohere": r"'(token|logprob)' is missing|'api_version' is missing",  # lists of pieces; `meta` is not made up
}


def main():
    folder = find_specs()
    if folder is None:
        print("skipped: the OpenAPI descriptions are not here (set WEIR_SHARED to the folder that holds specs/)")
        return SKIP
    specs = load_specs(folder)
    lines = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout.split("\n")
    checked = failed = 0
    for line in lines:
        if not line:
            continue
        entry = json.loads(line)
        spec = specs.get(entry["spec"])
        if spec is None:
            continue
        checked += 1
        found = errors({"$ref": "#/components/schemas/" + entry["schema"]}, entry["value"], spec)
        if entry["spec"] in KNOWN:
            found = [problem for problem in found if not re.search(KNOWN[entry["spec"]], problem)]
        if found:
            failed += 1
            print(f"{entry['from']} against {entry['schema']}:")
            print("".join(f"  {problem}\n" for problem in found[:5]), end="")
    print(f"{checked} bodies checked, {failed} failed")
    return 1 if failed or checked < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
