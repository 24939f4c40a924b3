"""Tokenizers of the demo pair, learned from the demo world's descriptions.

Belongs here: the byte-level vocabulary of the English tower, the word pieces of the multilingual.
Does not: what is said (vidpipe.demo.language), the files around them (vidpipe.models.pair_layout).
"""

from collections.abc import Iterator

from vidpipe.demo.compositions import compositions
from vidpipe.demo.language import LANGUAGES, VARIANTS, attribute_values, describe, phrasings, words
from vidpipe.models.pair_layout import END, SPECIAL_PIECES, START

MERGES = 700  # of pairs in the English vocabulary, at most
PIECES = 2600  # of the multilingual vocabulary, at most
EVERY = 7  # compositions between two that are read: all words occur many times over


def byte_level_vocabulary() -> tuple[dict[str, int], list[str]]:
    """Makes a vocabulary as CLIP's: every byte, inside a word and at its end, then merged pairs.

    Returns:
        Token numbers, and the merge rules in order.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    pattern = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(pattern, behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=2 * 256 + MERGES,
        end_of_word_suffix="</w>",
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_sentences(("en",)), trainer)
    merges = [pair for pair in _merges(tokenizer) if len(pair) == 2]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*letters, *(f"{letter}</w>" for letter in letters)]
    tokens += [first + second for first, second in merges]
    numbers = {token: number for number, token in enumerate(dict.fromkeys([*tokens, START, END]))}
    return numbers, [f"{first} {second}" for first, second in merges]


def word_pieces() -> list[str]:
    """Learns the word pieces of all languages, special ones first."""
    from tokenizers import BertWordPieceTokenizer

    tokenizer = BertWordPieceTokenizer(lowercase=True, strip_accents=False)
    ascii_letters = [chr(code) for code in range(33, 127)]
    tokenizer.train_from_iterator(
        _sentences(LANGUAGES),
        vocab_size=PIECES,
        min_frequency=2,
        special_tokens=list(SPECIAL_PIECES),
        initial_alphabet=ascii_letters,
        show_progress=False,
    )
    numbers = tokenizer.get_vocab()
    return sorted(numbers, key=numbers.__getitem__)


def _sentences(languages: tuple[str, ...]) -> Iterator[str]:
    for language in languages:
        for number, composition in enumerate(compositions("seen")[::EVERY]):
            known = phrasings(language, held_out=False)
            for variant in range(VARIANTS):
                phrasing = known[(number + variant) % len(known)]
                yield describe(composition, language, phrasing, variant=variant)
        for attribute, values in attribute_values().items():
            for value in values:
                yield from words(attribute, value, language)


def _merges(tokenizer: object) -> list[tuple[str, ...]]:
    """Reads the merge rules of a trained tokenizer, from its own description of itself."""
    import json

    rules = json.loads(tokenizer.to_str())["model"]["merges"]  # type: ignore[attr-defined]
    return [tuple(rule.split(" ")) if isinstance(rule, str) else tuple(rule) for rule in rules]
