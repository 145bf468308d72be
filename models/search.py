"""Search in Chinese text by character pairs: two characters have no trigram."""

import re

_BREAKS = re.compile(r"[\s,.;:!?，。；：！？、（）()\"'“”…—]+")


def grams(*texts: str | None) -> list[str]:
    """Distinct character pairs of the texts, case folded, in order; a lone character stands
    for itself. A text contains a phrase only if its pairs contain the phrase's pairs."""
    found: dict[str, None] = {}
    for text in texts:
        for run in _BREAKS.split((text or "").casefold()):
            if len(run) == 1:
                found[run] = None
            for i in range(len(run) - 1):
                found[run[i : i + 2]] = None
    return list(found)
