"""Random draws that anybody can make again. Pure, and in whole numbers.

Each case has as many tickets as its weight. Ticket K of a case is SHA-256 of the ASCII text
`SEED:NUMBER:K`, K from 1; the cases of the lowest tickets are drawn. This is drawing tickets one by
one and putting the case's others aside: a case of weight 3 is three times as likely to come next.
"""

import hashlib
import heapq
from collections.abc import Iterable, Iterator


def line(number: str, weight: int) -> str:
    """A case as a line of the population."""
    return f"{number} {weight}\n"


def parsed(lines: str) -> Iterator[tuple[str, int]]:
    """Numbers and weights of a population."""
    start = 0
    while start < len(lines):
        end = lines.index("\n", start)
        number, _, weight = lines[start:end].partition(" ")
        yield number, int(weight)
        start = end + 1


def digest(lines: str) -> bytes:
    """SHA-256 of a population: that of its file."""
    return hashlib.sha256(lines.encode("ascii")).digest()


def lowest_ticket(seed: str, number: str, weight: int) -> bytes:
    tickets = (f"{seed}:{number}:{k}".encode("ascii") for k in range(1, weight + 1))
    return min(hashlib.sha256(ticket).digest() for ticket in tickets)


def drawn(seed: str, population: Iterable[tuple[str, int]], size: int) -> list[str]:
    """The numbers that are drawn, in the order of the draw; all where `size` is more."""
    ranked = ((lowest_ticket(seed, number, weight), number) for number, weight in population)
    return [number for _, number in heapq.nsmallest(size, ranked)]
