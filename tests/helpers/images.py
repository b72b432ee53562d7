# SPDX-License-Identifier: MIT
"""PNG images as renderers write them: eight bits per channel, not interlaced."""
import struct
import zlib


def chunks(data):
    at = 8
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        yield name, data[at + 8:at + 8 + length]
        at += 12 + length


def nearest(left, above, corner):
    """The one of the three that is nearest to left + above - corner (filter 4 of PNG)."""
    to_left, to_above, to_corner = abs(above - corner), abs(left - corner), abs(left + above - 2 * corner)
    if to_left <= to_above and to_left <= to_corner:
        return left
    return above if to_above <= to_corner else corner


def unfiltered(method, row, above, size):
    """A row without its filter: differences from the bytes to the left, above or both. `size` is that of a pixel."""
    if method == 2:
        return bytearray((byte + other) & 0xff for byte, other in zip(row, above))
    for i in range(len(row) if method else 0):
        left, corner = (row[i - size], above[i - size]) if i >= size else (0, 0)
        if method == 1:
            row[i] = row[i] + left & 0xff
        elif method == 3:
            row[i] = row[i] + (left + above[i]) // 2 & 0xff
        else:
            row[i] = row[i] + nearest(left, above[i], corner) & 0xff
    return row


class Image:
    def __init__(self, path):
        parts = list(chunks(path.read_bytes()))
        self.width, self.height, bits, colours, *_, interlaced = struct.unpack(">IIBBBBB", dict(parts)[b"IHDR"])
        assert (bits, interlaced) == (8, 0) and colours in (2, 6)
        self.channels = 3 if colours == 2 else 4
        data = zlib.decompress(b"".join(content for name, content in parts if name == b"IDAT"))
        self.rows = [bytearray(self.width * self.channels)]
        for at in range(0, len(data), len(self.rows[0]) + 1):
            row = bytearray(data[at + 1:at + 1 + len(self.rows[0])])
            self.rows.append(unfiltered(data[at], row, self.rows[-1], self.channels))
        del self.rows[0]

    def at(self, x, y):
        """The colour of the pixel that holds a point."""
        at = int(x) * self.channels
        return tuple(self.rows[int(y)][at:at + 3])
