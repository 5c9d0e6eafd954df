"""Takes the whole example out of docs/extending.md: each code block behind a line that names its file.

take_example.py EXTENDING.md SOURCE OUT: writes OUT/<file>; the row goes behind those of SOURCE/src/formats/formats.def.
"""
import pathlib
import re
import sys


def blocks(page):
    for name, text in re.findall(r"^`([^`]+)`[^\n]*:\n\n```[a-z]*\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        yield name, text


def main():
    page, source, out = (pathlib.Path(argument) for argument in sys.argv[1:4])
    taken = []
    for name, text in blocks(page.read_text()):
        if ".." in name:
            sys.exit(f"{page}: {name} is no file of the project")
        target = out / name
        existing = source / name
        if name.endswith(".def"):
            text = existing.read_text() + text
        elif existing.exists():
            sys.exit(f"{page}: {name} is there already: the example is to be made up")
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text() != text:
            target.write_text(text)
        taken.append(name)
    for needed in ("src/formats/acme/format.cpp", "src/formats/formats.def"):
        if needed not in taken:
            sys.exit(f"{page}: the example has no {needed}")


main()
