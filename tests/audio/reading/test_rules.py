"""The order of the rules: a rule that is not asked before a letter would have said nothing there."""

from __future__ import annotations

import re

from audio.reading import Lexicon, ReadingSettings
from audio.reading.rules import LETTER_RULES, letter_rules
from audio.reading.scan import Scan
from tests.audio.reading.test_cases import rows

WORD = re.compile(r"\b[^\W\d_]")


def test_a_rule_that_is_passed_over_at_a_letter_says_nothing_there() -> None:
    lexicon, settings = Lexicon.shipped(), ReadingSettings()
    texts = [param.values[0] for param in rows()]  # type: ignore[attr-defined]
    asked = 0
    for text in texts:
        scan = Scan(text, 0, len(text), lexicon, settings)
        for word in WORD.finditer(text):
            for rule in set(LETTER_RULES).difference(letter_rules(word[0])):
                assert rule(scan, word.start()) is None, f"{rule.__name__} at {text[word.start() :]!r}"
                asked += 1
    assert asked > 10_000


def test_every_rule_is_asked_before_some_letter() -> None:
    letters = "".join(map(chr, range(0x24F))) + "ΦφĐđ"
    found = {rule for letter in letters if letter.isalpha() for rule in letter_rules(letter)}
    assert found == set(LETTER_RULES)
