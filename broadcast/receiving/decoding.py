"""From the bytes of an uploaded file to text, or a sentence that says why not."""

from __future__ import annotations

import re
import unicodedata

from broadcast.errors import Invalid, TooLarge

LARGEST_BYTES = 400_000  # about two hundred pages; a dispatch has ten
MOST_LINES = 12_000  # such a text has a third of them; each line costs much more than its signs

_WHOLE_DOCUMENTS = {".docx": "Word (.docx)", ".doc": "Word (.doc)", ".pdf": "PDF (.pdf)", ".odt": "LibreOffice (.odt)"}
_MAGIC = ((b"%PDF", ".pdf"), (b"PK\x03\x04", ".docx"), (b"\xd0\xcf\x11\xe0", ".doc"))
_SAVE_AS = "Hãy lưu thành văn bản thuần (.txt, mã UTF-8) rồi thử lại."

_VIETNAMESE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
# Word-internal signs that legacy fonts put where Unicode has a letter with marks.
_TCVN3 = re.compile(r"[A-Za-z][©®ª«¬¨µ¶·¸¹»¼½¾§\xad]|[©®ª«¬¨µ¶¸¹»¼½¾§][A-Za-z]")
_VNI = re.compile(r"[AEOUaeou][ÂÊÔÙØÛÕÏÁÀÅÃÄÉÈÚÜËâêôùøûõïáàåãäéèúüë]")
_TWICE_ENCODED = re.compile(r"á[º»][\x80-\xbf¡-ÿŒœŠšŽžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]|Æ[°¡]|Ä[‘\x91ƒ]|Ã[\xa0-\xbf]")


def decode_dispatch(data: bytes, filename: str) -> str:
    """The text of the .txt file `filename` whose bytes are `data` (UTF-8, or UTF-16 with its mark), in NFC.

    Raises TooLarge above LARGEST_BYTES or MOST_LINES, Invalid for what cannot be read as Vietnamese text.
    """
    _refuse_whole_documents(data, filename)
    if len(data) > LARGEST_BYTES:
        raise TooLarge(
            "Văn bản lớn hơn 400 KB (khoảng hai trăm trang). Công văn thường nhỏ hơn nhiều; "
            "hãy kiểm tra lại tệp đã chọn, hoặc chỉ đưa vào phần công văn mà không kèm phụ lục."
        )
    if not data.strip():
        raise Invalid("Tệp trống, không có nội dung để đọc.")
    text = _decoded(data)
    if not text.strip():
        raise Invalid("Tệp trống, không có nội dung để đọc.")
    if any((sign < " " or sign == "\x7f") and sign not in "\t\n\r\f\v\x1a" for sign in text):
        raise Invalid(f"Tệp không phải là văn bản (có dữ liệu nhị phân). {_SAVE_AS}")
    if len(text.splitlines()) > MOST_LINES:
        raise TooLarge(
            "Văn bản có hơn 12.000 dòng. Công văn thường chỉ vài trăm dòng; "
            "hãy kiểm tra lại nội dung, hoặc chỉ đưa vào phần công văn mà không kèm phụ lục."
        )
    text = normalized(text)
    _refuse_legacy_letters(text)
    return text


def normalized(text: str) -> str:
    """`text` in NFC, in linear time: a composing run of marks is never handed on longer than 512 signs,
    because ordering marks takes the square of their number."""
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    parts, start = [], 0
    while start < len(text):
        end = min(start + 512, len(text))
        limit = min(end + 8, len(text))
        while end < limit and unicodedata.combining(text[end]):
            end += 1
        parts.append(unicodedata.normalize("NFC", text[start:end]))
        start = end
    return "".join(parts)


def _refuse_whole_documents(data: bytes, filename: str) -> None:
    suffix = "." + filename.rsplit(".", 1)[-1].lower() if "." in filename else ""
    found = next((kind for magic, kind in _MAGIC if data.startswith(magic)), suffix)
    if found in _WHOLE_DOCUMENTS:
        raise Invalid(f"Hiện chưa đọc được tệp {_WHOLE_DOCUMENTS[found]}; chức năng này sẽ có ở bản sau. {_SAVE_AS}")


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise Invalid(f"Tệp UTF-16 bị hỏng hoặc bị cắt ngang. {_SAVE_AS}") from None
    if b"\x00" in data:
        raise Invalid(f"Tệp không phải là văn bản (có dữ liệu nhị phân). {_SAVE_AS}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Invalid(
            f"Dòng {line} của tệp không phải mã UTF-8 (có thể là TCVN3, VNI hoặc Windows-1258). "
            "Hãy chuyển sang Unicode (UTF-8) rồi thử lại."
        ) from None


def _refuse_legacy_letters(text: str) -> None:
    """Old Vietnamese fonts saved as UTF-8 decode without error, into nonsense."""
    vietnamese = len(_VIETNAMESE.findall(text))
    for pattern, name in ((_TWICE_ENCODED, "đã bị mã hoá hai lần"), (_TCVN3, "TCVN3 (ABC)"), (_VNI, "VNI")):
        if len(pattern.findall(text)) > max(3, vietnamese):
            raise Invalid(
                f"Chữ trong tệp không phải Unicode ({name}), nên không đọc được. "
                "Hãy chuyển sang Unicode (UTF-8) rồi thử lại."
            )
    if not vietnamese and sum(map(str.isalpha, text)) > 200:
        raise Invalid("Không thấy chữ tiếng Việt có dấu trong tệp. Hãy kiểm tra lại tệp và mã chữ (cần UTF-8).")
