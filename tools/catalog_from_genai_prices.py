#!/usr/bin/env python3
"""Makes catalog/prices.tsv from the data of pydantic/genai-prices (MIT).

    tools/catalog_from_genai_prices.py data.json[.gz] --commit 47df840 --date 2026-08-21 > catalog/prices.tsv

The format is described in catalog/README.md. Whatever the input holds that the format cannot say stops the script: a price
that is silently wrong is worse than none.
"""
import argparse
import decimal
import gzip
import json
import re
import sys

# In this order. Other providers of the source resell open models under names of their own and have no preset.
PROVIDERS = [
    "openai", "anthropic", "google", "azure", "aws", "mistral", "cohere", "groq", "deepseek", "together", "fireworks",
    "openrouter", "x-ai", "cerebras", "perplexity", "moonshotai", "zhipuai", "minimax", "voyageai",
]
# What else a preset or a config may call them; the source's own patterns are loose (`contains: google`).
ALIASES = {
    "google": ["gemini", "vertex"], "aws": ["bedrock"], "azure": ["azure-openai"], "x-ai": ["xai"],
    "moonshotai": ["moonshot"], "zhipuai": ["zhipu"], "voyageai": ["voyage"], "together": ["together-ai"],
}


def stop(model, message):
    sys.exit(f"{model}: {message}")


def micro(model, price):
    """Dollars per million tokens -> micro-dollars per million tokens."""
    amount = decimal.Decimal(str(price)) * 1_000_000
    if amount != amount.to_integral_value() or amount < 0:
        stop(model, f"{price} is no whole number of micro-dollars")
    return int(amount)


def rules(model, match):
    """A match of the source as a list of rules: a letter for the kind, then the text."""
    (kind, text), = match.items()
    if kind == "or":
        return [rule for part in text for rule in rules(model, part)]
    if kind == "regex":
        # Only two shapes occur: a literal and a date, and a literal and then a digit.
        shape = re.fullmatch(r"\^([a-zA-Z0-9/\\.-]+?)\\d(\{8\}\$)?", text)
        if not shape:
            stop(model, f"regex {text!r} is of a new shape")
        literal = re.sub(r"\\(.)", r"\1", shape[1])
        return [("@", literal)] if shape[2] else [("^", literal + str(digit)) for digit in range(10)]
    letters = {"equals": "=", "starts_with": "^", "contains": "*", "ends_with": "$"}
    if kind not in letters or re.search(r"\s", text):
        stop(model, f"match {match!r} is of a new kind")
    return [(letters[kind], text)]


def base(price):
    return price["base"] if isinstance(price, dict) else price


def price_triple(model, prices):
    """input/cached/output, and whether long prompts have another price. None where it is not priced by tokens."""
    if "input_mtok" not in prices:
        return None, False
    fresh = micro(model, base(prices["input_mtok"]))
    cached = micro(model, base(prices["cache_read_mtok"])) if "cache_read_mtok" in prices else fresh
    output = micro(model, base(prices.get("output_mtok", 0)))
    tiered = any(isinstance(price, dict) for price in prices.values())
    return (fresh, cached, output), tiered


def dated_prices(model, prices):
    """[(from date or "", triple)], oldest first, and the flags."""
    flags = set()
    dated = []
    for part in prices if isinstance(prices, list) else [{"prices": prices}]:
        triple, tiered = price_triple(model, part["prices"])
        if triple is None:
            return [], set()
        if tiered:
            flags.add("tiered")
        constraint = part.get("constraint") or {}
        if set(constraint) - {"start_date", "start_time", "end_time"}:
            stop(model, f"constraint {constraint!r} is of a new kind")
        if "start_time" in constraint:  # by the hour: keep the dearer
            flags.add("tiered")
            dated[-1] = (dated[-1][0], max(dated[-1][1], triple, key=sum))
        else:
            dated.append((constraint.get("start_date", ""), triple))
    if [date for date, _ in dated] != sorted(date for date, _ in dated):
        stop(model, "prices are not in the order of their dates")
    return dated, flags


def model_line(provider, model):
    name = f"{provider}/{model['id']}"
    dated, flags = dated_prices(name, model["prices"])
    if not dated:
        return None
    if model.get("deprecated"):
        flags.add("deprecated")
    prices = ";".join((f"{date}:" if date else "") + "/".join(map(str, triple)) for date, triple in dated)
    # The id is matched exactly by itself, unless the source's rules leave it out (a family's name).
    matches = " ".join(letter + text for letter, text in rules(name, model["match"]))
    return "\t".join([model["id"], str(model.get("context_window") or 0), prices, ",".join(sorted(flags)) or "-", matches])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--commit", required=True, help="of genai-prices")
    parser.add_argument("--date", required=True, help="of that commit: YYYY-MM-DD")
    options = parser.parse_args()
    opener = gzip.open if options.data.endswith(".gz") else open
    with opener(options.data, "rt", encoding="utf-8") as file:
        source = {provider["id"]: provider for provider in json.load(file)}

    print("# Prices of hosted models. Made by tools/catalog_from_genai_prices.py; see catalog/README.md for the format.")
    print(f"# Source: https://github.com/pydantic/genai-prices, commit {options.commit}, {options.date}; MIT licence.")
    for name in PROVIDERS:
        provider = source[name]
        resells = provider.get("fallback_model_providers", [])
        print("\t".join(["@", name, provider["name"], options.date, ",".join(ALIASES.get(name, [])) or "-",
                         ",".join(resells) or "-"]))
        for model in provider["models"]:
            if line := model_line(name, model):
                print(line)


if __name__ == "__main__":
    main()
