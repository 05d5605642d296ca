"""Doubts in words for staff."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from audio.reading.model import Doubt
from audio.reading.scan import Finding

_MESSAGES = {
    "capitals": "Chưa rõ cách đọc chữ viết tắt “{written}”; tạm đọc là “{said}”.",
    "ambiguous": "Chữ tắt “{written}” có nhiều nghĩa; tạm đọc là “{said}”. Hãy viết đủ chữ nếu là nghĩa khác.",
    "not_a_syllable": "“{written}” không phải là âm tiết tiếng Việt; tạm đọc là “{said}”. "
    "Hãy kiểm tra lỗi gõ hoặc thêm cách đọc.",
    "code": "Chưa rõ cách đọc ký hiệu “{written}”; tạm đọc là “{said}”.",
    "address": "Hãy nghe lại cách đọc địa chỉ “{written}”; tạm đọc là “{said}”.",
    "blank": "Chỗ “{written}” còn để trống, cần điền trước khi phát; phần này không được đọc.",
    "ambiguous_date": "“{written}” có thể là ngày tháng hoặc số khác, hoặc ngày không có thật; tạm đọc là “{said}”.",
    "unreadable": "Không đọc được “{written}”; phần này bị bỏ qua.",
    "no_tones": "Đoạn “{written}” gõ không dấu nên không thể đọc đúng. Hãy gõ lại có dấu.",
    "encoding": "Dòng “{written}” gõ bằng bảng mã {encoding}; tạm đọc là “{said}”. Hãy thay văn bản này bằng "
    "bản Unicode (ví dụ bằng công cụ chuyển mã của UniKey).",
    "failed": "Có lỗi khi đọc “{written}”; phần này có thể bị đọc sai hoặc bị bỏ qua. Hãy viết lại bằng câu khác.",
    "unclosed_brace": "Dấu ngoặc nhọn chưa đóng ở “{written}”; chữ sau nó được đọc như lời thường. "
    "Hãy thêm dấu đóng ngay sau tên thông tin, hoặc bỏ dấu ngoặc.",
    "unopened_brace": "Dấu ngoặc nhọn chưa mở ở “{written}”; chữ trước nó được đọc như lời thường. "
    "Hãy thêm dấu mở ngay trước tên thông tin, hoặc bỏ dấu ngoặc.",
    "broken_braces": "Dấu ngoặc nhọn viết thừa, hoặc không có tên bên trong: “{written}”; phần này không được đọc. "
    "Mỗi bên chỉ một dấu ngoặc, ở giữa là tên thông tin.",
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
        message = _MESSAGES[finding.kind].format(
            written=_shown(written), said=_shown(finding.said), encoding=finding.encoding
        )
        out.append(Doubt(finding.kind, finding.start, finding.end, written, finding.said, message, line + 1, column))
    return tuple(out)


def _shown(text: str) -> str:
    """`text` on one line, cut where it is too long for a sentence, without halves of characters."""
    short = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return " ".join(short.encode(errors="replace").decode().split())


_OF_WHOLE_LINES = frozenset({"encoding", "no_tones", "unclosed_brace", "unopened_brace", "failed"})
"""Doubts about a whole stretch, beside which those inside it still count."""


def _merged(findings: Sequence[Finding]) -> list[Finding]:
    """In order; of two that overlap the first counts, neighbours of the same unreadable kind are one."""
    out = [finding for finding in set(findings) if finding.kind in _OF_WHOLE_LINES]
    last: Finding | None = None
    for finding in sorted(set(findings).difference(out), key=lambda f: (f.start, f.end)):
        if last and finding.kind == last.kind == "unreadable" and finding.start - last.end <= 1:
            last = out[-1] = Finding("unreadable", last.start, finding.end, "")
        elif last is None or finding.start >= last.end:
            last = finding
            out.append(finding)
    return sorted(out, key=lambda f: (f.start, f.end))
