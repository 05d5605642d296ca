"""`receive`: the whole of an official text, read in one pass over its head, its tail and its body."""

from __future__ import annotations

from collections.abc import Iterator

from broadcast.receiving.bodies import subject_of
from broadcast.receiving.deadlines import Saying, deadlines_in
from broadcast.receiving.grounds import grounds_in, is_ground
from broadcast.receiving.head import read_head
from broadcast.receiving.lines import blocks_of, clean, lines_of
from broadcast.receiving.links import links_in
from broadcast.receiving.obligations import obligations_in
from broadcast.receiving.shapes import DispatchText
from broadcast.receiving.tail import read_tail
from broadcast.receiving.targets import targets_in
from broadcast.receiving.tasks import Body, read_body


def receive(text: str) -> DispatchText:
    """What the dispatch `text` says, in the shape of INTERFACES §3. Takes any text and never raises.

    What the text does not say is None or empty.
    """
    lines = lines_of(clean(text))
    head = read_head(lines)
    tail = read_tail(lines, head.body_at)
    between = [line for i, line in enumerate(lines[: tail.begins_at]) if i >= head.body_at and i not in head.consumed]
    blocks = blocks_of(between)
    body = read_body(blocks)
    tasks = tuple(duty.task() for duty in body.duties)
    opening = [block.text for block in body.opening]
    return DispatchText(
        issuer=head.issuer,
        number=head.number,
        place=head.place,
        issued_on=head.issued_on,
        subject=head.subject,
        recipients=head.recipients,
        grounds=grounds_in(body.opening),
        tasks=tasks,
        deadlines=deadlines_in(list(_sayings(body)), issued_on=head.issued_on, year=head.issued_year),
        targets=targets_in([*(block.text for block in body.goals), *(task.text for task in tasks)], opening),
        obligations=obligations_in([block.text for block in blocks if not is_ground(block)], issued_on=head.issued_on),
        links=links_in("\n".join([head.subject or "", *(block.text for block in blocks)])),
        copies_to=tail.copies_to,
        signer=tail.signer,
    )


def _sayings(body: Body) -> Iterator[Saying]:
    """Each paragraph with whom it speaks to: its own subject, or that of the task above it."""
    asked = body.asked()
    for duty in body.duties:
        yield Saying(duty.first, duty.addressee, asked)
        for block in duty.below:
            own, _ = subject_of(block.text)
            yield Saying(block.text, own or duty.addressee, asked)
    for block in body.closing:
        yield Saying(block.text, None, asked)
