"""Written official Vietnamese -> what is said aloud. The way in is `read_aloud(script)`; it never raises.

Where a line belongs:

- the way of a text: `script` (refused or not), `clean`, `old_encodings`, `structure`, `blanks`, `reader`, `ordinary`,
  `rules` (the order of all rules), `marks`, `dashes`, `slashes`, `sentences`, `doubts`; `scan` is what a rule is given
  and `model` what comes out;
- numbers: `numbers` (their words), `amounts` (one where it stands), `quantities` (with sign and unit), `units`,
  `measures`, `shares`, `ranges`, `numerals`, `roman`, `phones`, `codes`, `networks`, `weather`, `document_numbers`,
  `forms`;
- time: `day_words` (what all of them say), `times`, `dates`, `days`, `months`, `weekdays`;
- short forms: `lexicon` (the tables), `contexts` (where an entry holds), `topics`, `abbreviations`, `compounds`,
  `definitions`, `people`, `houses`;
- letters and words: `letters`, `syllables`, `toneless`, `foreign`, `respelling`, `addresses` (of the web and of mail).
"""

from audio.reading.lexicon import Entry, Lexicon
from audio.reading.model import (
    Doubt,
    Piece,
    Skipped,
    SpokenSentence,
    SpokenText,
    SpokenWord,
    estimate_seconds,
    place,
)
from audio.reading.reader import read_aloud
from audio.reading.scan import ReadingSettings

__all__ = [
    "Doubt",
    "Entry",
    "Lexicon",
    "Piece",
    "ReadingSettings",
    "Skipped",
    "SpokenSentence",
    "SpokenText",
    "SpokenWord",
    "estimate_seconds",
    "place",
    "read_aloud",
]
