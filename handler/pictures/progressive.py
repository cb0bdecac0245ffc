"""Removes data of progressive JPEGs that decoding at 1/8 does not need."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from handler.pictures.structure import SCAN

# A marker: not a stuffed 0xFF in compressed data, and not a restart marker inside it (ITU-T T.81,
# B.1.1.2, B.1.1.5 and table B.1); 0xFF bytes before a marker are fill. The search takes 12 ms over
# 16 MB; it takes 1 s over 80 MB of 0xFF, a quarter of the decoding time of a valid file of that
# size.
MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")

# Codes of markers (T.81, table B.1). Codes below the first one are reserved, or have no parameters.
FIRST, PROGRESSIVE, END = 0xC0, 0xC2, 0xD9

# The size in bytes of a marker's length field (T.81, B.1.1.4), which counts itself, and the
# smallest length of a scan's parameters (table B.3).
LENGTH = 2
LEAST_SCAN = 6

# Coefficients of a block (T.81, A.3.3).
COEFFICIENTS = 64

# Files with more markers, or with more bytes to keep, are left unchanged. A marker costs a
# microsecond, and 80 MB can hold 20 million of them; photographs have some 30. The kept bytes are a
# copy in addition to the original: 4 to 15 % of it for five photographs, but up to all of it for a
# hostile file.
MOST_MARKERS = 1000
MOST_KEPT = 32 * 2**20


class Segment(NamedTuple):
    """A marker with its parameters: the offsets of the marker, of its parameters, and of its
    end.
    """

    code: int
    begin: int
    start: int
    end: int


def without_detail(data: bytes) -> bytes:
    """A JPEG that libjpeg decodes at 1/8 to exactly the same pixels, or to the same error.

    At 1/8, each pixel is the mean of a block, which is the block's first coefficient. The 63 other
    coefficients are most of a file, and a progressive file has separate scans for them (T.81,
    G.1.1.1.1). These scans lose their data and keep their headers, so that libjpeg still makes all
    of its checks. For a scan without data, libjpeg leaves the coefficients as they are and warns;
    Pillow ignores the warning. Valid scans of zeros, one for each component, would save 11 ms more
    of 820 at 18 megapixels, but would hide an error: libjpeg no longer notices a missing Huffman
    table of a scan that is left out.

    The bytes are returned unchanged for a JPEG that is not progressive, for one whose markers
    cannot be followed to an end, and for one where no scan brings a coefficient to full precision:
    libjpeg then smooths, depending on how far the data of the last scan went (jdcoefct.c,
    smoothing_ok).
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
    """Whether a progressive JPEG that was cut lacks more than the end of its last scan."""
    segments = _segments(data + bytes((0xFF, END)))
    progressive = any(segment.code == PROGRESSIVE for segment in segments)
    return not segments or (progressive and not _is_precise(data, segments))


def _is_precise(data: bytes, segments: list[Segment]) -> bool:
    """Whether the scans bring each coefficient to full precision."""
    # For each component and coefficient, the lowest bits that no scan has brought so far.
    missing: dict[int, bytearray] = {}
    for segment in segments:
        parameters = data[segment.start : segment.end]
        if segment.code == PROGRESSIVE:
            missing = {name: bytearray(b"\xff" * COEFFICIENTS) for name in parameters[6::3]}
        elif segment.code == SCAN:
            # The number of components; the name and tables of each; the first and the last
            # coefficient; then, in four bits each, the lowest bits missing before and after the
            # scan (T.81, B.2.3).
            first, last, precision = parameters[-3:]
            for name in missing.keys() & set(parameters[1:-3:2]):
                missing[name][first : last + 1] = bytes([precision & 15]) * (last + 1 - first)
    return not any(any(each) for each in missing.values())


def _decoded_from_means(frame: bytes) -> set[int]:
    """The components, by a frame's parameters, of which libjpeg uses only the means at 1/8.

    At 1/8, libjpeg decodes components with at most half of the highest sampling rates (the colours
    of 4:2:0) at twice the scale instead of upsampling them, which needs all coefficients
    (jdmaster.c, jpeg_calc_output_dimensions). Each sampling rate, horizontal and vertical, has four
    bits (T.81, B.2.2).
    """
    names = frame[6::3]
    rates = {name: divmod(each, 16) for name, each in zip(names, frame[7::3], strict=False)}
    # of two components with one name, libjpeg takes the first
    if not rates or len(rates) < len(names):
        return set()
    across, down = (max(each) for each in zip(*rates.values(), strict=True))
    return {
        name
        for name, (x, y) in rates.items()
        if across not in {2 * x, 4 * x} or down not in {2 * y, 4 * y}
    }


def _segments(data: bytes) -> list[Segment]:
    """All markers to the end of the picture, as libjpeg follows them; none if the structure is
    not valid.
    """
    segments: list[Segment] = []
    at = 2  # after the marker that begins the file
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
