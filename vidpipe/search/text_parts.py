"""The parts of a text: its halves and thirds, in any script.

Belongs here: cutting between words, and between characters where a script has no spaces. Does not:
finding words that are written (sql/functions/words.sql), embedding the parts (searcher.py).

Parts of several words are told apart better than single ones: a model hears little in "among", and
"warehouse" is still heard in "shelves" when it is left out.
"""

import re

# Thai, Lao, Tibetan, Myanmar, Khmer, kana, Han: words are not separated there
UNSPACED = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff"
_PIECE = re.compile(rf"[{UNSPACED}]{{1,2}}|[^\s{UNSPACED}]+")
MOST_PIECES = 48  # of a longer text only the beginning has parts


def text_parts(text: str) -> list[str]:
    """The halves and thirds of a text, as they stand in it.

    Returns:
        Each part once, in order; none where the text is one word, or one pair of characters.
    """
    pieces = [
        found.span()
        for found in _PIECE.finditer(text)
        if any(one.isalnum() for one in found.group())
    ][:MOST_PIECES]
    if len(pieces) < 2:
        return []
    spans = {
        (pieces[first][0], pieces[last - 1][1])
        for shares in (2, 3)
        for number in range(shares)
        if (first := len(pieces) * number // shares)
        < (last := len(pieces) * (number + 1) // shares)
    }
    return list(dict.fromkeys(text[start:end] for start, end in sorted(spans)))
