"""Reading 1,000 dispatches aloud against sea-g2p normalising the same text, and whether memory stays flat.

sea-g2p is no dependency: it is measured where it is installed (`pip install sea-g2p`) and left out otherwise. No text
is read twice, so that neither side gains by remembering a whole sentence.
"""

from __future__ import annotations

import importlib
import multiprocessing
import random
import re
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from audio.reading import read_aloud

LIMIT = 1.0
MEMORY_LIMIT = 1.25  # what is remembered of syllables and numbers is bounded; letters leave nothing behind
DISPATCHES = 1_000
LOTS = 5
FEW = 100
SHARED = Path(__file__).parents[2] / "shared" / "dispatches"

SPECIMEN = """ỦY BAN NHÂN DÂN
HUYỆN TÂN CHÂU
Số: 214/UBND-VHTT
V/v tuyên truyền phòng, chống bệnh sốt xuất huyết năm 2020
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Tân Châu, ngày 06 tháng 8 năm 2020
Kính gửi: UBND các xã, thị trấn; Trung tâm Y tế; Phòng GD&ĐT.
Thực hiện Công văn số 1.305/SYT-NVY ngày 28/7/2020 của Sở Y tế, trong 07 tháng đầu năm toàn huyện ghi nhận 126 ca mắc,
tăng 12,5% so với cùng kỳ; riêng xã Tân Hà có 18 ca, chiếm 14,3%. UBND huyện yêu cầu:
1. Đài truyền thanh huyện phát bài tuyên truyền 02 lần/ngày, lúc 05h30 và 17h00, từ ngày 10 đến 25/8/2020.
2. UBND các xã, thị trấn vận động người dân diệt lăng quăng vào thứ 7 hàng tuần; phấn đấu 90-95% hộ gia đình tham gia.
3. Trạm y tế phun hóa chất tại 12/12 xã, liều lượng 0,5 lít/ha, mỗi đợt 500.000 đồng.
Thông tin liên hệ: 0276.3875.112, thư điện tử yte@tayninh.gov.vn hoặc https://soyte.tayninh.gov.vn.
Đề nghị các đơn vị báo cáo trước 15 giờ thứ 6 hàng tuần./.
Nơi nhận:
- Như trên;
- CT, PCT UBND huyện;
- Lưu: VT.
"""
"""Written for the measure; the dispatches beside the repository are used where they are there."""

PLACES = ("Tân Hà", "Tân Hội", "Suối Dây", "Thạnh Đông", "Hòa Bình", "Ninh Điền", "Mỏ Công", "Long Phước", "An Thạnh")
_FIGURE = re.compile(r"\d+")


def dispatches(number: int, seed: int) -> Iterator[str]:
    """`number` letters, each one of the specimens with other figures, another place and its items in another order."""
    chance = random.Random(seed)
    found = [path.read_text("utf-8") for path in sorted(SHARED.glob("*.txt"))] or [SPECIMEN]
    for at in range(number):
        lines = found[at % len(found)].split("\n")
        head, body = lines[:8], lines[8:]
        chance.shuffle(body)
        text = "\n".join([*head, f"Xã {chance.choice(PLACES)} báo cáo.", *body])
        yield _FIGURE.sub(lambda figure: _other(figure[0], chance), text)


def _other(figure: str, chance: random.Random) -> str:
    """A figure of the same shape: years stay years, days stay days."""
    if len(figure) == 4 and figure.startswith("20"):
        return str(chance.randint(2018, 2030))
    if len(figure) <= 2:
        return str(chance.randint(1, 12)).zfill(len(figure)) if chance.random() < 0.5 else figure
    return figure[0] + "".join(chance.choice("0123456789") for _ in figure[1:])


def normaliser() -> Callable[[str], str] | None:
    """sea-g2p's normaliser for Vietnamese; None where it is not installed."""
    try:
        library = importlib.import_module("sea_g2p")
    except ImportError:
        return None
    normalise: Callable[[str], str] = library.Normalizer(lang="vi").normalize
    return normalise


def seconds() -> list[tuple[float, float]] | None:
    """(ours, sea-g2p's) for each lot; together DISPATCHES letters. None where there is nothing to compare with."""
    normalise = normaliser()
    if normalise is None:
        return None
    for text in dispatches(3, seed=-1):
        read_aloud(text)
        normalise(text)
    pairs = []
    for lot in range(LOTS):
        texts = list(dispatches(DISPATCHES // LOTS, seed=lot))
        pairs.append((_timed(read_aloud, texts), _timed(normalise, texts)))
    return pairs


def memory() -> tuple[int, int]:
    """Bytes held after DISPATCHES letters and after the first FEW, tables included, in a process that is new to it."""
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as child:
        return child.submit(_held).result()


def _held() -> tuple[int, int]:
    tracemalloc.start()
    try:
        for text in dispatches(FEW, seed=LOTS):
            read_aloud(text)
        few = tracemalloc.get_traced_memory()[0]
        for text in dispatches(DISPATCHES - FEW, seed=LOTS + 1):
            read_aloud(text)
        return tracemalloc.get_traced_memory()[0], few
    finally:
        tracemalloc.stop()


def _timed(work: Callable[[str], object], texts: list[str]) -> float:
    began = time.perf_counter()
    for text in texts:
        work(text)
    return time.perf_counter() - began
