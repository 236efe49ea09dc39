"""Matrices as images: a scale from ochre through white to night, and a PNG of one pixel a value."""

import struct
import zlib
from base64 import b64encode
from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from asklepion.paper.svg import tag

_RAMP = ((-1.0, (168, 96, 0)), (0.0, (255, 255, 255)), (0.65, (13, 86, 103)), (1.0, (33, 30, 64)))
"""Ochre, white, Aegean, night: by lightness alone, more is darker above zero."""


def colour(value: float) -> bytes:
    """Return the colour of a value of -1 to 1, straight between the ramp's."""
    at = min(max(value, -1.0), 1.0)
    for (low, one), (high, other) in pairwise(_RAMP):
        if at <= high:
            share = (at - low) / (high - low)
            return bytes(round(a + share * (b - a)) for a, b in zip(one, other, strict=True))
    return bytes(_RAMP[-1][1])


def _png(rows: Sequence[bytes]) -> str:
    """Return rows of RGB as the address of a PNG inside the drawing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", len(rows[0]) // 3, len(rows), 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    whole = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{b64encode(whole).decode()}"


def image(rows: Sequence[bytes], *, x: float, y: float, width: float, height: float) -> Markup:
    """Return rows of RGB as an image inside the drawing, each pixel a value, stretched to a size without blur."""
    return tag("image", class_="pix", href=_png(rows), preserveAspectRatio="none", x=x, y=y, width=width, height=height)
