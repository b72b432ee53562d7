# SPDX-License-Identifier: MIT
"""How sRGB colours look: contrast (WCAG 2), and distance, also without some cones (CIE Lab; Machado et al. 2009)."""

# How red, green and blue look without the cones for red, or without those for green.
SEEN = {
    "without red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "without green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1, 1.089)


def linear(colour):
    """#rgb or #rrggbb as amounts of light."""
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def product(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector)) for row in matrix]


def contrast(a, b):
    dark, light = sorted(product(XYZ, linear(colour))[1] for colour in (a, b))
    return (light + 0.05) / (dark + 0.05)


def lab(colour, seen):
    xyz = [max(value, 0) / white for value, white in zip(product(XYZ, product(SEEN[seen], linear(colour))), WHITE)]
    x, y, z = (value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(a, b, seen):
    return sum((p - q) ** 2 for p, q in zip(lab(a, seen), lab(b, seen))) ** 0.5
