"""Doubts in words for staff."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from audio.reading.model import Doubt
from audio.reading.scan import Finding

_MESSAGES = {
    "capitals": "Chưa rõ cách đọc chữ viết tắt “{written}”; tạm đọc là “{said}”.",
    "not_a_syllable": "“{written}” không phải là âm tiết tiếng Việt; tạm đọc là “{said}”. "
    "Hãy kiểm tra lỗi gõ hoặc thêm cách đọc.",
    "code": "Chưa rõ cách đọc ký hiệu “{written}”; tạm đọc là “{said}”.",
    "address": "Hãy nghe lại cách đọc địa chỉ “{written}”; tạm đọc là “{said}”.",
    "blank": "Chỗ “{written}” còn để trống, cần điền trước khi phát; phần này không được đọc.",
    "ambiguous_date": "“{written}” có thể là ngày tháng hoặc số khác, hoặc ngày không có thật; tạm đọc là “{said}”.",
    "unreadable": "Không đọc được “{written}”; phần này bị bỏ qua.",
    "markup": "“{written}” là mã định dạng, không phải nội dung; phần này bị bỏ qua.",
}
_LONGEST_SHOWN = 60


def to_doubts(script: str, findings: Sequence[Finding]) -> tuple[Doubt, ...]:
    """Findings (offsets of the script) as doubts in order of place, neighbours of the same unreadable kind as one."""
    breaks = [at for at, char in enumerate(script) if char == "\n"] if findings else []
    out = []
    for finding in _merged(findings):
        written = script[finding.start : finding.end]
        line = bisect_right(breaks, finding.start - 1) if finding.start else 0
        column = finding.start - (breaks[line - 1] + 1 if line else 0) + 1
        shown = written if len(written) <= _LONGEST_SHOWN else written[:_LONGEST_SHOWN] + "…"
        message = _MESSAGES[finding.kind].format(written=" ".join(shown.split()), said=finding.said)
        out.append(Doubt(finding.kind, finding.start, finding.end, written, finding.said, message, line + 1, column))
    return tuple(out)


def _merged(findings: Sequence[Finding]) -> list[Finding]:
    out: list[Finding] = []
    for finding in sorted(set(findings), key=lambda f: (f.start, f.end)):
        if out and finding.kind == out[-1].kind == "unreadable" and finding.start - out[-1].end <= 1:
            out[-1] = Finding("unreadable", out[-1].start, finding.end, "")
        elif not out or finding.start >= out[-1].end:
            out.append(finding)
    return out
