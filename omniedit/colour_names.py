"""Colours as people name them: the names of CSS, everyday shades, "pale", "dark", "-ish" and hex codes.

The shades beyond CSS are everyday consensus (the survey of xkcd and paint charts agree on them within a few steps).
"""

from __future__ import annotations

import colorsys
import re

from omniedit.vocabulary import COLOURS

__all__ = ["colour_name_in", "colour_rgb"]

RGB = tuple[int, int, int]

# Names that `COLOURS` does not hold, as hex. CSS first, then shades of cloth, hair, skin, paint and metal.
_NAMES = """
aliceblue f0f8ff; antiquewhite faebd7; aqua 00e5e5; aquamarine 7fffd4; azure 3f9be8; beige e3d5b8; bisque ffe4c4;
blanchedalmond ffebcd; blueviolet 8a2be2; burlywood deb887; cadet blue 5f9ea0; chartreuse 9be22c; chocolate 6b3f22;
coral ff7f50; cornflower 6495ed; cornflower blue 6495ed; cornsilk fff8dc; crimson b81432; cyan 18c8d8; dark goldenrod
b8860b; dark khaki a39a56; dark magenta 8b008b; dark olive 4b5320; dark orchid 9932cc; dark salmon e9967a; dark
turquoise 00b5b8; deep pink ff1493; deep sky blue 00bfff; dim grey 696969; dodger blue 1e90ff; firebrick b22222;
floral white fffaf0; forest green 228b22; fuchsia e0218a; gainsboro dcdcdc; ghost white f8f8ff; gold d4a72c; goldenrod
daa520; green yellow adff2f; honeydew f0fff0; hot pink ff4fa3; indian red cd5c5c; indigo 3f2a8c; ivory f6f1de; khaki
b8a878; lavender b9a3e3; lavender blush fff0f5; lawn green 7cfc00; lemon chiffon fffacd; lime 9bd81e; lime green
32cd32; linen ece3d2; magenta e01fb4; maroon 6e1423; medium blue 2a4ad0; midnight blue 16204f; mint a8e6c4; mint green
a8e6c4; mint cream f5fffa; misty rose ffe4e1; moccasin ffe4b5; navajo white ffdead; navy 18244f; navy blue 18244f; old
lace fdf5e6; olive 75752a; olive green 6b7234; olive drab 6b8e23; orange red ff4500; orchid da70d6; papaya ffefd5;
peach f9c6a0; peach puff ffdab9; peru cd853f; plum 6e2c5a; powder blue b0d8e6; rebecca purple 663399; rosy brown
bc8f8f; royal blue 2f4fc4; saddle brown 8b4513; salmon f28c78; salmon pink f59a94; sandy brown f4a460; sea green
2e8b57; seashell fff5ee; sienna a0522d; sky blue 84c4ee; sky 84c4ee; slate 56616d; slate blue 6a5acd; slate grey
6b7785; snow fafafc; snow white fafafc; spring green 00e67a; steel blue 4682b4; tan d2b48c; teal 127a7d; thistle
d8bfd8; tomato e8452f; tomato red e8452f; turquoise 3bcbc4; violet 8f4fd0; wheat f0dcb0; white smoke f5f5f5; yellow
green 9acd32; silver bfc2c6; amber f0a020; amethyst 9966cc; anthracite 33373b; apple green 8db600; apricot f7b98a; ash
a8a8a0; ash blonde cdb794; ash grey a9aca6; aubergine 472043; auburn 7b3320; avocado 66782e; avocado green 66782e;
baby blue a6d3f2; baby pink f6c3d0; banana ffe26a; banana yellow ffe26a; biscuit dcc08e; black cherry 3c0a1e; blonde
dcbd79; blond dcbd79; platinum blonde ece2c6; platinum e2e2de; strawberry blonde dc9a66; dirty blonde b0925e; blood
red 8a0d14; blood orange e0491c; blush ecb9b4; blush pink f0b8be; bordeaux 5e1526; bottle green 12482f; brass b99a45;
brick a4432f; brick red a4432f; bronze 9a6a34; brunette 4a2f20; bubblegum ff85c0; bubblegum pink ff85c0; buff dcc79a;
burgundy 6d1530; burnt orange c2551a; burnt sienna d9603f; burnt umber 7d3a25; butter f7e7a1; butter yellow f7e48b;
buttercup f6c725; butterscotch e3a04a; camel b98d58; candy apple red d0101c; candy pink f27aa5; canary f9e54e; canary
yellow f9e54e; caramel b87436; cardinal b01c34; carmine 960018; carnation f695b0; celadon aacfa9; cerise de3163;
cerulean 2a86c0; champagne ead9b4; charcoal 3a3d42; charcoal grey 42464b; cherry b3162f; cherry red b81a2a; chestnut
7c4228; chestnut brown 6a3a26; cinnamon b5652f; claret 731b34; cobalt 1f49b0; cobalt blue 1f49b0; cocoa 6a4632; coffee
5c4233; copper b56a3c; cranberry 9a1b36; cream f5eccd; cyan blue 18a8d8; denim 3f5f8f; denim blue 3f5f8f; duck egg
b9d6cf; duck egg blue b9d6d6; ebony 2a2522; eggplant 472043; eggshell efe6d0; electric blue 2264f5; ecru d3c6a2;
emerald 10915a; emerald green 0f8a52; espresso 3c2a20; fawn c8a472; fern 5a8a4a; fern green 5a8a4a; fire engine red
cc1a1e; flame e4572a; flamingo f490a4; flamingo pink f490a4; flesh e9b999; fluorescent yellow e4f61e; fluorescent
green 4cf01e; french blue 2d66b8; garnet 74203a; ginger c0652b; ginger red b5551f; grape 5b2d73; graphite 46494d;
grass green 4f9a35; gunmetal 454c53; hazel 8a6a3a; heather a795b5; henna 8a3f24; honey d99a36; honey blonde cfa35c;
hunter green 2f5a3a; ice blue cfe8f2; icy blue cfe8f2; ink 1f2540; ink blue 1f2c50; jade 2a9d76; jade green 2a9d76;
jet black 121214; kelly green 3a9a28; lemon f5e042; lemon yellow f5e042; leaf green 5a9a32; lilac c2a2d8; lobster
d6452f; mahogany 5f2a20; mango f7a72c; marigold eca21e; marine blue 14406e; mauve a783a2; merlot 61172c; milk f8f6ef;
milk white f8f6ef; mocha 85644c; moss 6c7a3e; moss green 6c7a3e; mulberry 87285a; mushroom b3a292; mustard d0a026;
mustard yellow d0a026; neon green 46f22a; neon pink ff3fa8; neon yellow eaf91c; neon orange ff7a1a; neon blue 2b5cff;
nude dfb99c; oat d9c9a8; oatmeal d8cbb0; ocean blue 1f6a9a; ochre c48a2c; off white f1ece0; onyx 232326; oxblood
561518; oxford blue 14284b; oyster d6d0c2; pastel blue b4d2ec; pastel green bfe3c0; pastel pink f6cbd6; pastel yellow
f8f0b0; pastel purple cdb8e2; pastel orange f8cda4; peacock 12707c; peacock blue 106a86; pea green 8aa63a; pearl
efebe2; pearl white f2efe8; periwinkle a3aae6; petrol 17545f; petrol blue 17545f; pewter 8b8e90; pillar box red
c8181e; pine 2a5a48; pine green 24543f; pistachio afcb84; poppy e0402a; poppy red d8321e; prussian blue 14304f;
pumpkin e67a22; racing green 12402c; british racing green 12402c; raspberry b8275a; raven 1a191d; raven black 1a191d;
red brown 7e3a2a; rose dd7f92; rose gold c98c7c; rose pink ea93a8; rosewood 65303a; ruby 9d1536; ruby red a3152f;
ruddy c06a58; russet 8a4b2c; rust ad4f22; rust red 9c3f22; saffron eeb422; sage a2ae8f; sage green a2ae8f; sand
d5c19a; sandstone c9a97c; sapphire 1d4aa0; sapphire blue 1d4aa0; scarlet d12420; sepia 70543a; shocking pink fc2f9f;
stone bdb5a4; stone grey a29f97; straw e2cf7f; strawberry d9344f; sunflower f4bd1c; sunflower yellow f4bd1c; tangerine
f28a24; taupe 8d7f71; tawny b5703a; terracotta c2633f; topaz e3b35a; ultramarine 2a36a4; umber 6b5138; vanilla f3e6bb;
vermilion e04a2a; walnut 5d4331; watermelon f0596a; wine 682236; wine red 6e1f33; yolk f5b52a; tobacco 7a5a38; toffee
a4693a; army green 58603a; military green 58603a; hot red e0182a; deep red 8b1020; magnolia f2e9d8; greige bdb2a2;
space grey 55585c
"""

# A word before a colour, and what it does to lightness (towards white above 0, black below) and saturation.
_SHADES: dict[str, tuple[float, float]] = {
    "light": (0.45, 1.0), "pale": (0.6, 0.85), "pastel": (0.6, 0.9), "baby": (0.55, 0.95), "soft": (0.35, 0.75),
    "powder": (0.5, 0.75), "faded": (0.3, 0.6), "washed out": (0.4, 0.5), "dusty": (0.18, 0.5), "dusky": (-0.1, 0.5),
    "dark": (-0.45, 1.0), "deep": (-0.32, 1.1), "rich": (-0.15, 1.15), "darker": (-0.35, 1.0), "lighter": (0.35, 1.0),
    "bright": (0.08, 1.35), "vivid": (0.05, 1.5), "hot": (0.0, 1.4), "neon": (0.1, 1.8), "electric": (0.05, 1.6),
    "fluorescent": (0.12, 1.8), "muted": (0.05, 0.5), "dull": (-0.05, 0.5), "smoky": (-0.05, 0.4), "warm": (0.0, 1.1),
    "cool": (0.0, 0.9), "medium": (0.0, 1.0), "mid": (0.0, 1.0), "pure": (0.0, 1.2), "royal": (-0.15, 1.2),
    "burnt": (-0.2, 1.0), "icy": (0.65, 0.6), "midnight": (-0.6, 1.0), "lightish": (0.25, 1.0),
    "darkish": (-0.25, 1.0), "metallic": (0.0, 0.9), "glossy": (0.0, 1.1), "matte": (0.0, 0.9), "matt": (0.0, 0.9),
    "brilliant": (0.05, 1.3), "blazing": (0.0, 1.4), "creamy": (0.5, 0.6), "ash": (0.1, 0.4), "silvery": (0.3, 0.3),
}  # fmt: skip
_PURE = {"white": (255, 255, 255), "black": (0, 0, 0), "red": (230, 0, 18), "green": (0, 170, 60), "blue": (0, 60, 230)}
_ISH = {
    "reddish": "red", "bluish": "blue", "blueish": "blue", "greenish": "green", "yellowish": "yellow",
    "pinkish": "pink", "brownish": "brown", "greyish": "grey", "purplish": "purple", "orangey": "orange",
    "whitish": "white", "blackish": "black", "golden": "gold", "silvery": "silver", "rosy": "rose",
    "sandy": "sand", "rusty": "rust", "creamy": "cream", "coppery": "copper", "bluey": "blue", "greeny": "green",
    "reds": "red", "blues": "blue", "greens": "green", "bluer": "blue", "greener": "green", "redder": "red",
    "yellower": "yellow", "pinker": "pink", "whiter": "white", "blacker": "black", "greyer": "grey",
    "whiten": "white", "redden": "red", "blacken": "black", "bleach": "white", "bleached": "ivory",
}  # fmt: skip
_OTHER_SPELLINGS = {"gray": "grey", "offwhite": "off white", "multicoloured": "", "terracota": "terracotta"}
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})\b")
_RGB = re.compile(r"\brgb\s*\(?\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*\)?")


def colour_rgb(phrase: str) -> RGB | None:
    """The sRGB colour (0..255 each) that `phrase` names, e.g. "a pale pink", "emerald green", "#1f49b0"; None if none.

    A code goes before a name and a longer name before a shorter; words before a name ("dark", "dusty") shade it;
    of two names side by side ("blue green") the mean is meant.
    """
    text = phrase.lower()
    if code := _HEX.search(text):
        digits = code[1] if len(code[1]) == 6 else "".join(d * 2 for d in code[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if (numbers := _RGB.search(text)) and all(int(n) < 256 for n in numbers.groups()):
        return int(numbers[1]), int(numbers[2]), int(numbers[3])
    found = _find(_words(text))
    return found[2] if found else None


def colour_name_in(phrase: str) -> str | None:
    """The words of `phrase`, in lower case, that name a colour, its shade among them ("dark blue"); None if none."""
    text = phrase.lower()
    if code := _HEX.search(text) or _RGB.search(text):
        return code[0]
    words = _words(text)
    found = _find(words)
    return " ".join(words[found[0] : found[1]]) if found else None


def _words(text: str) -> list[str]:
    return [_OTHER_SPELLINGS.get(w, w) for w in re.findall(r"[a-z]+", text)]


def _find(words: list[str]) -> tuple[int, int, RGB] | None:
    """The first colour in `words`: its first word, the word after its last, and the colour."""
    names = _names()
    for start in range(len(words)):
        for end in range(min(len(words), start + 3), start, -1):
            name = " ".join(words[start:end])
            colour = names.get(name) or names.get(name.replace(" ", ""))
            if colour is None:
                continue
            if end - start == 1 and end < len(words) and (beside := names.get(words[end])):
                colour, end = _mean(colour, beside), end + 1
            return _shaded(words, start, end, colour)
    return None


def _shaded(words: list[str], start: int, end: int, colour: RGB) -> tuple[int, int, RGB]:
    """`colour` (words[start:end]) as the words before it shade it, with the first of them as the start."""
    while start and words[start - 1] in (*_SHADES, "very", "slightly"):
        start -= 1
        word = words[start]
        if word == "pure" and words[end - 1] in _PURE:
            colour = _PURE[words[end - 1]]
        elif word in _SHADES:
            colour = _shade(colour, *_SHADES[word])
    return start, end, colour


def _shade(colour: RGB, towards: float, saturation: float) -> RGB:
    hue, light, strength = colorsys.rgb_to_hls(*(c / 255 for c in colour))
    light = light + (1 - light) * towards if towards > 0 else light * (1 + towards)
    shaded = colorsys.hls_to_rgb(hue, light, min(1.0, strength * saturation))
    return round(shaded[0] * 255), round(shaded[1] * 255), round(shaded[2] * 255)


def _mean(one: RGB, other: RGB) -> RGB:
    return (one[0] + other[0]) // 2, (one[1] + other[1]) // 2, (one[2] + other[2]) // 2


_table: dict[str, RGB] = {}


def _names() -> dict[str, RGB]:
    """Every name with its colour, made once."""
    if not _table:
        for entry in _NAMES.replace("\n", " ").split(";"):
            name, _, digits = entry.strip().rpartition(" ")
            _table[name] = (int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16))
        _table.update(COLOURS)
        _table.update({word: _table[name] for word, name in _ISH.items()})
    return _table
