"""What can be asked for by name: the kinds of each task, with the words people use for them.

A key is the canonical word that `Intent.parameters["kind"]` holds and that a specialist knows; its synonyms are
lower case. Data only.
"""

from __future__ import annotations

__all__ = ["BACKGROUNDS", "CHANGES", "COLOURS", "ENVIRONMENTS", "MATERIALS", "STYLES"]

ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "night": ("nighttime", "midnight", "dark outside", "moonlight"),
    "sunset": ("sundown", "dusk", "evening glow"),
    "golden hour": ("golden light", "warm evening light"),
    "dawn": ("sunrise", "daybreak", "early morning"),
    "overcast": ("cloudy", "grey sky", "dull"),
    "sunny": ("sunshine", "clear sky", "blue sky", "nice weather", "daytime"),
    "fog": ("foggy", "mist", "misty", "haze", "hazy"),
    "rain": ("rainy", "raining", "wet weather", "downpour"),
    "snow": ("snowy", "snowing", "snowfall"),
    "storm": ("stormy", "thunderstorm", "lightning"),
    "spring": ("springtime",),
    "summer": ("summertime",),
    "autumn": ("fall", "autumnal", "fall colours"),
    "winter": ("wintry", "wintertime"),
}

STYLES: dict[str, tuple[str, ...]] = {
    "watercolour": ("watercolor", "aquarelle"),
    "oil": ("oil painting", "painting", "oils"),
    "impressionist": ("monet", "impressionism"),
    "van gogh": ("vincent van gogh", "starry night", "swirly"),
    "pencil": ("pencil drawing", "sketch", "pencil sketch", "drawing"),
    "charcoal": ("charcoal drawing",),
    "ink": ("ink drawing", "line art", "pen drawing"),
    "cartoon": ("toon", "cel shaded"),
    "comic": ("comic book", "halftone"),
    "anime": ("manga", "ghibli"),
    "pixel art": ("8-bit", "pixelated", "pixels"),
    "mosaic": ("tiles", "tessera"),
    "stained glass": ("church window",),
    "pop art": ("warhol", "andy warhol"),
    "sepia": ("old photo", "antique"),
    "black and white": ("b&w", "monochrome", "greyscale", "grayscale"),
    "film": ("analog", "analogue", "film grain", "noir"),
    "polaroid": ("instant photo",),
}

BACKGROUNDS: dict[str, tuple[str, ...]] = {
    "blur": ("blurred", "bokeh", "out of focus", "depth of field"),
    "plain": ("solid", "plain colour", "one colour"),  # with "colour"
    "gradient": (),
    "studio": ("studio backdrop", "backdrop"),
    "transparent": ("no background", "cut out"),
    "beach": ("seaside", "shore"),
    "sea": ("ocean",),
    "forest": ("woods", "trees", "jungle"),
    "meadow": ("field", "grass", "park"),
    "mountains": ("mountain", "alps"),
    "desert": ("dunes",),
    "snowfield": ("snow", "snowy landscape"),
    "sky": ("clouds", "blue sky"),
    "sunset": ("sunset sky",),
    "night sky": ("stars", "starry sky"),
    "space": ("galaxy", "outer space", "the stars"),
    "city": ("skyline", "street", "town", "new york"),
    "room": ("living room", "indoors"),
}

MATERIALS: dict[str, tuple[str, ...]] = {
    "gold": ("golden",),
    "silver": ("chrome", "metal", "metallic", "steel"),
    "copper": ("bronze", "brass"),
    "wood": ("wooden",),
    "marble": ("stone",),
    "denim": ("jeans",),
    "leather": (),
    "velvet": (),
    "stripes": ("striped", "stripy"),
    "dots": ("polka dots", "dotted", "spotted"),
    "checks": ("checked", "checkered", "plaid", "tartan"),
}

CHANGES: dict[str, tuple[str, ...]] = {
    "lighter": ("brighter", "brighten", "lighten"),
    "darker": ("darken", "dim"),
    "vivid": ("more saturated", "saturate", "more colourful", "pop"),
    "faded": ("desaturate", "muted", "less saturated", "washed out", "paler"),
    "warmer": (),
    "cooler": (),
    "blurred": ("blur", "out of focus"),
    "sharper": ("sharpen", "crisper"),
    "smoother": ("smooth", "softer"),
    "contrast": ("more contrast", "punchier"),
    "bigger": ("larger", "enlarge"),
    "smaller": ("shrink", "tinier"),
}

COLOURS: dict[str, tuple[int, int, int]] = {
    "black": (24, 24, 26),
    "white": (244, 244, 242),
    "grey": (128, 128, 130),
    "red": (204, 32, 40),
    "green": (44, 140, 60),
    "blue": (40, 84, 196),
    "yellow": (242, 208, 44),
    "orange": (240, 132, 32),
    "purple": (124, 58, 168),
    "pink": (242, 130, 176),
    "brown": (120, 76, 44),
}
