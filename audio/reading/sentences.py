"""Puts spoken pieces and pauses together into sentences that start with a word and end with one mark."""

from __future__ import annotations

from audio.reading.model import Piece

_STRENGTH = {",": 1, ":": 2, ";": 3, ".": 4, "?": 5, "!": 5}
LONG_SENTENCE = 80
"""Syllables after which a semicolon ends the sentence: nobody holds the thread, or the breath, for longer."""


class Sentences:
    """Collects the pieces of one block after another; `done` holds (spoken, pieces) of each finished sentence."""

    __slots__ = ("_mark", "_pieces", "_syllables", "done")

    def __init__(self) -> None:
        self.done: list[tuple[str, tuple[Piece, ...]]] = []
        self._pieces: list[Piece] = []
        self._mark = ""
        self._syllables = 0

    def say(self, piece: Piece) -> None:
        """Add words; a pending pause goes behind the word before."""
        if self._mark:
            self._close_piece(self._mark)
            self._mark = ""
        self._pieces.append(piece)
        self._syllables += piece.spoken.count(" ") + 1

    def pause(self, mark: str) -> None:
        """A mark behind what was said; the strongest of several counts, none at the beginning."""
        if self._pieces and _STRENGTH[mark] > _STRENGTH.get(self._mark, 0):
            self._mark = mark
            if mark == ";" and self._syllables >= LONG_SENTENCE:
                self.end()

    def last_words(self, count: int) -> str:
        """The last `count` words of the open sentence, lower case, without marks."""
        words: list[str] = []
        for piece in reversed(self._pieces):
            words[:0] = piece.spoken.replace(",", "").lower().split()
            if len(words) >= count:
                break
        return " ".join(words[-count:])

    def end(self) -> None:
        """The sentence is over."""
        if self._pieces:
            first = self._pieces[0]
            self._pieces[0] = Piece(first.spoken[:1].upper() + first.spoken[1:], first.start, first.end)
            self._close_piece(self._mark if self._mark and self._mark in ".?!:" else ".")
            pieces = tuple(self._pieces)
            self.done.append((" ".join(piece.spoken for piece in pieces), pieces))
        self._pieces = []
        self._mark = ""
        self._syllables = 0

    def back_to(self, done: int) -> None:
        """Forget the open sentence and all behind the first `done`."""
        del self.done[done:]
        self._pieces = []
        self._mark = ""
        self._syllables = 0

    def _close_piece(self, mark: str) -> None:
        last = self._pieces[-1]
        self._pieces[-1] = Piece(last.spoken.rstrip(",.;:?! ") + mark, last.start, last.end)
