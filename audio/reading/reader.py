"""`read_aloud`: written official Vietnamese -> what is said, each word with the place it came from, doubts beside it.

One pass over each block. Most words are syllables with at most a mark behind them; these are known from a memory that
belongs to the lexicon. Whatever is not goes to the rules in their order, and the first that fits says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from audio.reading import (
    blanks,
    definitions,
    marks,
    numerals,
    structure,
)
from audio.reading.clean import Clean, clean
from audio.reading.doubts import to_doubts
from audio.reading.guard import SHOWN, log, note_failure, sentences_of
from audio.reading.lexicon import Lexicon
from audio.reading.model import Piece, Skipped, SpokenSentence, SpokenText
from audio.reading.old_encodings import meant_of
from audio.reading.ordinary import learn
from audio.reading.rules import by_rule
from audio.reading.scan import Finding, ReadingSettings, Scan
from audio.reading.sentences import Sentences
from audio.reading.toneless import without_tones

_CHUNK = re.compile(r"\S+")


def read_aloud(script: str, *, lexicon: Lexicon | None = None, settings: ReadingSettings | None = None) -> SpokenText:
    """How `script` is said aloud. Pure, never raises on any str; what is guessed is among the doubts."""
    words = lexicon or Lexicon.shipped()
    try:
        return _read(script, words, settings or ReadingSettings())
    except Exception:  # noqa: BLE001 - the last resort: logged and doubted
        log.exception("nothing could be read of %r", script[:SHOWN])
        return SpokenText((), to_doubts(script, [Finding("failed", 0, len(script), "")]))


def _read(script: str, words: Lexicon, chosen: ReadingSettings) -> SpokenText:
    tidy = clean(script)
    blocks, skipped = structure.blocks_of(tidy.text, whole_frame=chosen.whole_frame)
    sentences = Sentences()
    scan = Scan(tidy.text, 0, len(tidy.text), words, chosen)
    try:
        scan.defined = definitions.defined_in(tidy.text)
    except Exception:  # noqa: BLE001 - the last resort: logged and doubted
        note_failure(scan, 0, len(tidy.text), "short forms of the text")
    for block in blocks:
        scan.start, scan.end = block.start, block.end
        written = tidy.text[block.start : block.end]
        scan.capitals = _in_capitals(written)
        scan.toneless = without_tones(written)
        if scan.toneless:
            scan.doubt("no_tones", block.start, block.end, "")
        _read_safely(scan, sentences)
    return _finish(script, tidy, sentences, scan, skipped)


def _read_safely(scan: Scan, out: Sentences) -> None:
    """Read a block; where that fails, sentence by sentence without those that fail again."""
    if _is_read(scan, out):
        return
    block = (scan.start, scan.end)
    failed = []
    for span in sentences_of(scan.text, *block):
        scan.start, scan.end = span
        if not _is_read(scan, out):
            failed.append(span)
    for start, end in failed or [block]:
        scan.doubt("failed", start, end, "")


def _is_read(scan: Scan, out: Sentences) -> bool:
    """Read what `scan` is bounded to; False where it failed, then nothing of it is said or doubted."""
    done, found = len(out.done), len(scan.findings)
    try:
        _read_block(scan, out)
        out.end()
    except Exception:  # noqa: BLE001 - the last resort: logged and doubted
        log.exception("reading failed on %r", scan.text[scan.start : min(scan.end, scan.start + SHOWN)])
        out.back_to(done)
        del scan.findings[found:]
        return False
    return True


def _in_capitals(text: str) -> bool:
    """Is this set in capitals as a whole (a heading)? Two words at least, hardly a small letter."""
    if not text[:400].isupper():
        upper = sum(map(str.isupper, text[:400]))
        if upper < 8 or upper < 8 * sum(map(str.islower, text[:400])):
            return False
    return len(text.split()) > 1


def _read_block(scan: Scan, out: Sentences) -> None:
    pos = _read_marker(scan, out)
    gaps = blanks.find(scan.text, pos, scan.end)
    recall = scan.lexicon.plain.get
    for found in _CHUNK.finditer(scan.text, pos, scan.end):
        start, end = found.span()
        if start < pos:
            pos = max(pos, _slowly(scan, pos, end, out, gaps))
            continue
        chunk = found[0]
        known = None if gaps else recall(chunk) or learn(scan, chunk)  # a block with gaps is read by the rules
        if known is None:
            pos = _slowly(scan, start, end, out, gaps)
            continue
        spoken, mark, opens = known
        if opens:
            again = marks.said_again(scan, start, out)
            if again:
                pos = again
                continue
            out.pause(",")
        out.say(Piece(spoken, start, end))
        pos = end
        if mark:
            _pause_or_end(scan, end, mark, out)


def _read_marker(scan: Scan, out: Sentences) -> int:
    """Say the list marker a block begins with; returns where the rest begins."""
    end = structure.marker_end(scan.text, scan.start, scan.end)
    written = scan.text[scan.start : end]
    said = numerals.say_marker(written)
    if said:
        lead = len(written) - len(written.lstrip())
        piece = Piece(said, scan.start + lead, scan.start + len(written.rstrip()))
        out.say(scan.doubted("code", piece) if numerals.is_no_numeral(written) else piece)
        out.pause(",")
    return end


def _pause_or_end(scan: Scan, pos: int, mark: str, out: Sentences) -> None:
    if mark in ".!?" and marks.is_no_end(scan.text, pos, scan.end):
        out.pause(",")
        return
    out.pause(mark)
    if mark in ".!?":
        out.end()


def _slowly(scan: Scan, pos: int, end: int, out: Sentences, gaps: list[blanks.Gap]) -> int:
    """Read from `pos` by the rules, at least to `end`; returns where it stopped."""
    while pos < end:
        while gaps and gaps[0].end <= pos:
            gaps.pop(0)
        gap = gaps[0] if gaps and gaps[0].start <= pos else None
        if gap:
            scan.doubt("blank", gap.start, gap.end, "")
            pos = gap.end
            continue
        pos = _step(scan, pos, out)
    return pos


def _step(scan: Scan, pos: int, out: Sentences) -> int:
    """Say or skip what begins at `pos`; returns where it ends, always beyond `pos`."""
    char = scan.text[pos]
    if char == "(" and (again := marks.said_again(scan, pos, out)):
        return again
    piece = by_rule(scan, pos, char)
    if piece is not None and piece.end > pos:
        if piece.spoken:
            if " chấm " in piece.spoken and scan.last_word(pos) in _BEFORE_ADDRESS:
                out.pause(",")
            if char.isdecimal() and _after_number(scan, pos, out):
                out.pause(",")
            out.say(piece)
        return piece.end
    return marks.read_mark(scan, pos, char, out)


_NUMBER_END = re.compile(r"(?:\d|\b[IVX]{1,6})$")


def _after_number(scan: Scan, pos: int, out: Sentences) -> bool:
    """Does another number stand right before, with only space between? Then one is not to run into the other."""
    between = scan.text[max(scan.start, pos - 8) : pos]
    return between != between.rstrip() and bool(_NUMBER_END.search(between.rstrip()))


_BEFORE_ADDRESS = frozenset({"công", "quốc", "gia", "tỉnh", "thành", "phố", "huyện", "xã", "nước", "bộ", "tử", "phủ"})
"""Words that end the name of a site: its address follows after a breath."""


def _finish(script: str, tidy: Clean, sentences: Sentences, scan: Scan, skipped: list[Skipped]) -> SpokenText:
    """Everything back in offsets of the script."""
    origin = None if tidy.same else tidy.origin
    out = []
    for spoken, pieces in sentences.done:
        placed = pieces if origin is None else tuple(_placed(p, origin) for p in pieces)
        start, end = placed[0].start, placed[-1].end
        out.append(SpokenSentence(spoken, script[start:end], start, end, placed))
    place = partial(_place, origin)
    findings = [Finding(f.kind, place(f.start), max(place(f.end), place(f.start) + 1), f.said) for f in scan.findings]
    return SpokenText(
        tuple(out),
        to_doubts(script, [*findings, *_old_lines(script, tidy, scan.settings)]),
        tuple(Skipped(place(s.start), place(s.end), s.why) for s in skipped),
    )


def _old_lines(script: str, tidy: Clean, settings: ReadingSettings) -> list[Finding]:
    """One doubt for each old encoding, at the first line in it, with what that line was taken for."""
    first = {line.encoding: line for line in reversed(tidy.old)}
    return [
        Finding("encoding", line.start, line.end, meant_of(script, line), line.encoding)
        for line in first.values()
        if script[line.start : line.end] not in settings.read_as_is
    ]


def _placed(piece: Piece, origin: Callable[[int], int]) -> Piece:
    """`piece` in offsets of the script; one character may have unfolded to several, it is never less than that one."""
    start = origin(piece.start)
    return Piece(piece.spoken, start, max(origin(piece.end), start + 1))


def _place(origin: Callable[[int], int] | None, offset: int) -> int:
    return offset if origin is None else origin(offset)
