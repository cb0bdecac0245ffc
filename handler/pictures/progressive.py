"""Progressive JPEGs without the data that their pixels at an eighth do not need."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from handler.pictures.structure import SCAN

# A marker, but neither a stuffed 0xFF in compressed data nor a restart in its midst (ITU-T T.81,
# B.1.1.2, B.1.1.5 and table B.1); bytes of 0xFF before it are fill. 12 ms over 16 MB; over
# 80 MB of nothing but 0xFF 1 s, a quarter of what decoding an honest file of that size takes.
MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")

# Codes of markers (T.81, table B.1). Those below the first are reserved, or have no parameters.
FIRST, PROGRESSIVE, END = 0xC0, 0xC2, 0xD9

# Bytes of a marker's length (T.81, B.1.1.4), which counts itself, and the least of a scan's
# parameters (table B.3).
LENGTH = 2
LEAST_SCAN = 6

# Coefficients of a block (T.81, A.3.3).
COEFFICIENTS = 64

# Files of more markers, or of which more bytes are kept, stay as they are. A marker costs a
# microsecond, and 80 MB can hold 20 million; photographs have some 30. What is kept is a copy
# beside the original: of five photographs 4 to 15 %, of a hostile file it could be all.
MOST_MARKERS = 1000
MOST_KEPT = 32 * 2**20


class Segment(NamedTuple):
    """A marker with its parameters; the offsets of the marker, of the parameters, and behind."""

    code: int
    begin: int
    start: int
    end: int


def without_detail(data: bytes) -> bytes:
    """A JPEG that libjpeg decodes at 1/8 to exactly the same pixels, or to the same error.

    At 1/8 a pixel is the mean of a block, its first coefficient. The 63 others are most of a file,
    and a progressive one has scans for them alone (T.81, G.1.1.1.1). Such scans lose their data and
    keep their headers, so that libjpeg makes all of its checks. Where it finds no data it leaves
    coefficients as they are, and warns, which Pillow does not pass on. Valid scans of zeros, one a
    component, would save 11 ms more of 820 at 18 megapixels, and hide errors: a scan left out
    whole no longer misses its Huffman table.

    The bytes come back as they are where this does not apply: no progression, no markers all the
    way to an end, or coefficients that no scan brings to full precision: libjpeg then smooths, by
    how far the data of the last scan went (jdcoefct.c, smoothing_ok).
    """
    segments = _segments(data)
    view = memoryview(data)
    kept: list[memoryview] = []
    begin = 0
    means: set[int] = set()
    for segment, following in pairwise(segments):
        parameters = data[segment.start : segment.end]
        if segment.code == PROGRESSIVE:
            means = _decoded_from_means(parameters)
        elif segment.code == SCAN:
            first, names = parameters[-3], parameters[1:-3:2]
            if first and names[0] in means:
                kept.append(view[begin : segment.end])
                begin = following.begin
    if not kept or not _is_precise(data, segments):
        return data
    kept.append(view[begin : segments[-1].end])
    return b"".join(kept) if sum(map(len, kept)) <= MOST_KEPT else data


def lacks_scans(data: bytes) -> bool:
    """Whether a progressive JPEG that was cut short lacks more than the end of its last scan."""
    segments = _segments(data + bytes((0xFF, END)))
    progressive = any(segment.code == PROGRESSIVE for segment in segments)
    return not segments or (progressive and not _is_precise(data, segments))


def _is_precise(data: bytes, segments: list[Segment]) -> bool:
    """Whether the scans bring each coefficient to full precision."""
    # Of each component, by coefficient, the lowest bits that no scan has brought so far.
    missing: dict[int, bytearray] = {}
    for segment in segments:
        parameters = data[segment.start : segment.end]
        if segment.code == PROGRESSIVE:
            missing = {name: bytearray(b"\xff" * COEFFICIENTS) for name in parameters[6::3]}
        elif segment.code == SCAN:
            # How many components; of each its name and tables; the first and the last coefficient;
            # in four bits each, the lowest bits missing before and after it (T.81, B.2.3).
            first, last, precision = parameters[-3:]
            for name in missing.keys() & set(parameters[1:-3:2]):
                missing[name][first : last + 1] = bytes([precision & 15]) * (last + 1 - first)
    return not any(any(each) for each in missing.values())


def _decoded_from_means(frame: bytes) -> set[int]:
    """The components of which libjpeg takes nothing but the means at 1/8, by a frame's parameters.

    What is sampled at half of the highest rates or less, across and down, as the colours of 4:2:0
    are, it decodes at twice the size instead of enlarging it, from all coefficients (jdmaster.c,
    jpeg_calc_output_dimensions). Each rate, across and down, has four bits (T.81, B.2.2).
    """
    names = frame[6::3]
    rates = {name: divmod(each, 16) for name, each in zip(names, frame[7::3], strict=False)}
    if not rates or len(rates) < len(names):  # of two with one name, libjpeg takes the first
        return set()
    across, down = (max(each) for each in zip(*rates.values(), strict=True))
    return {
        name
        for name, (x, y) in rates.items()
        if across not in {2 * x, 4 * x} or down not in {2 * y, 4 * y}
    }


def _segments(data: bytes) -> list[Segment]:
    """All markers to the end of the picture, as libjpeg follows them; none if anything is odd."""
    segments: list[Segment] = []
    at = 2  # behind the marker that begins the file
    while len(segments) < MOST_MARKERS and (found := MARKER.search(data, at)):
        begin, start = found.span()
        code = data[start - 1]
        if code == END:
            return [*segments, Segment(code, begin, start, start)]
        at = start + int.from_bytes(data[start : start + LENGTH], "big")
        least = LENGTH + (LEAST_SCAN if code == SCAN else 0)
        if code < FIRST or at < start + least:
            break
        segments.append(Segment(code, begin, start + LENGTH, at))
    return []
