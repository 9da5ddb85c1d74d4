"""Makes the typefaces that PDFs need of what pages load. Run by `make assets`, after `build.mjs`.

Pages load one variable font in two parts (Latin, and the letters of other languages in Latin
script); the PDF engine reads neither compressed nor variable fonts, so each part is written at the
weights in use. The icons become letters of a font of their own: thousands of small pictures would
make a large matrix ten times as heavy.
"""

import json
from pathlib import Path

from fontTools.subset import Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

BUILT = Path(__file__).parent / "static" / "built" / "fonts"
PARTS = {"latin": "Surehand", "latin-ext": "Surehand Extended"}
WEIGHTS = {400: "Regular", 650: "SemiBold"}


LUCIDE = Path("node_modules/lucide-static/font")


def make_icons() -> None:
    """A font of the icons in icons.txt, and which letter each is."""
    wanted = (Path(__file__).parent / "icons.txt").read_text().split()
    points = json.loads((LUCIDE / "codepoints.json").read_text())
    letters = {name: points[name] for name in wanted}
    font = TTFont(LUCIDE / "lucide.ttf")
    subsetter = Subsetter()
    subsetter.populate(unicodes=letters.values())
    subsetter.subset(font)
    _call(font, "Surehand Icons", "Regular")
    font.save(BUILT / "Surehand-Icons.ttf")
    (BUILT.parent / "glyphs.json").write_text(json.dumps({n: chr(p) for n, p in letters.items()}))


def _call(font: TTFont, family: str, style: str) -> None:
    for number, text in ((1, family), (2, style), (4, f"{family} {style}"), (16, family)):
        font["name"].setName(text, number, 3, 1, 0x409)
    for number in (17, 25):
        font["name"].removeNames(nameID=number)


def make() -> None:
    for part, family in PARTS.items():
        source = BUILT / f"atkinson-hyperlegible-next-{part}-wght-normal.woff2"
        for weight, style in WEIGHTS.items():
            font = TTFont(source)
            instantiateVariableFont(font, {"wght": weight}, inplace=True)
            font.flavor = None
            _call(font, family, style)
            font["OS/2"].usWeightClass = weight
            font.save(BUILT / f"{family.replace(' ', '-')}-{style}.ttf")


if __name__ == "__main__":
    make()
    make_icons()
