"""The parts of the documentation that the code already knows, written from the code.

    python -m tools.gen_docs            write them
    python -m tools.gen_docs --check    exit 1, naming each page that differs

A page marks the place of a part with `<!-- generated: NAME -->` and `<!-- end -->`; what stands
between is replaced, the rest is written by hand.
"""

import argparse
import re
import sys
from pathlib import Path

from tools.doc_parts import PARTS

ROOT = Path(__file__).resolve().parents[1]
_PART = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> list[Path]:
    """Every page of the documentation."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def parts_of(text: str) -> list[str]:
    """Names of the parts that a page has places for."""
    return [match["name"] for match in _PART.finditer(text)]


def renewed(text: str) -> str:
    """A page with its parts written anew. KeyError names a part that nobody knows."""
    return _PART.sub(lambda match: f"{match[1]}{PARTS[match['name']]()}\n{match[3]}", text)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.gen_docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it would")
    check = parser.parse_args(arguments).check
    stale = [page for page in pages() if renewed(page.read_text()) != page.read_text()]
    for page in stale:
        print(f"{page.relative_to(ROOT)} {'differs' if check else 'written'}")
        if not check:
            page.write_text(renewed(page.read_text()))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
