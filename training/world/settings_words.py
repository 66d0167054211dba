"""Words for what a whole picture can become, and for places in it: each entry as it is really said.

`phrases` has the sentences; a tuple here fills one of its slots, and an empty one rules the sentence out.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PLACE_WORDS", "SETTINGS", "TURNS", "PlaceWords", "words"]


@dataclass(frozen=True)
class PlaceWords:
    """`at`: after a thing or an addition ("on the left"); `which`: before a name ("leftmost")."""

    at: tuple[str, ...]
    which: tuple[str, ...]


def words(text: str) -> tuple[str, ...]:
    """The alternatives of "a|b|c"."""
    return tuple(text.split("|"))


_OF = "of the picture", "of the image", "of the photo"


def _corner(down: str, other: str, across: str) -> PlaceWords:
    plain, upper = f"{down} {across}", f"{other} {across}"
    return PlaceWords(
        words(
            f"in the {plain}|in the {plain}|at the {plain}|on the {plain}|in the {plain} corner|"
            f"in the {plain} corner|in the {upper}|in the {upper} corner|at the {upper}|"
            f"at the {plain} corner|in the {down}-{across} corner"
        ),
        (plain, upper),
    )


def _side(name: str) -> PlaceWords:
    return PlaceWords(
        words(
            f"on the {name}|on the {name}|on the {name}|to the {name}|at the {name}|on the {name} side|"
            f"on the {name}-hand side|at the {name} side|on the {name} {_OF[0]}|on the {name} side {_OF[1]}"
        ),
        (f"{name}most", name, f"{name}-hand"),
    )


PLACE_WORDS: dict[str, PlaceWords] = {
    "left": _side("left"),
    "right": _side("right"),
    "top": PlaceWords(
        words(
            "at the top|at the top|at the very top|in the upper part|in the top middle|at the top center|"
            f"at the top centre|at the top {_OF[0]}|in the top part|near the top"
        ),
        ("topmost", "top", "upper"),
    ),
    "bottom": PlaceWords(
        words(
            "at the bottom|at the bottom|at the very bottom|in the lower part|in the bottom middle|"
            f"at the bottom center|at the bottom centre|at the bottom {_OF[0]}|near the bottom"
        ),
        ("lowest", "bottom", "lower"),
    ),
    "center": PlaceWords(
        words(
            "in the middle|in the middle|in the middle|in the center|in the centre|at the center|"
            f"in the middle {_OF[0]}|in the center {_OF[1]}|right in the middle"
        ),
        ("middle", "central"),
    ),
    "top left": _corner("top", "upper", "left"),
    "top right": _corner("top", "upper", "right"),
    "bottom left": _corner("bottom", "lower", "left"),
    "bottom right": _corner("bottom", "lower", "right"),
}


def _turn(side: str, clock: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {
        "turned": (f"to the {side}", f"to the {side}", side, *clock),
        "degrees": (f"90 degrees to the {side}", *(f"90 degrees {c}" for c in clock), f"90 degrees {side}"),
    }


TURNS: dict[str, dict[str, tuple[str, ...]]] = {
    "left": _turn("left", ("counterclockwise", "anticlockwise", "counter-clockwise")),
    "right": _turn("right", ("clockwise",)),
    "upside down": {},
}


def _background(noun: str, bare: str, there: str, to: str = "") -> dict[str, tuple[str, ...]]:
    entry = {"noun": words(noun), "bare": words(bare), "there": words(there)}
    return {**entry, "to": words(to)} if to else entry


_BACKGROUNDS = {
    "beach": _background(
        "a beach|the beach|a sandy beach|the seaside|the seashore|a shore",
        "beach|beach|sandy beach|seaside|seashore",
        "on a beach|on the beach|at the beach|at the seaside|by the seaside|on the shore|on a sandy beach",
        "to the beach|to a beach|to the seaside",
    ),
    "forest": _background(
        "a forest|the forest|the woods|a woodland|woodlands",
        "forest|forest|woodland|woods",
        "in a forest|in the forest|in the woods|in a woodland",
        "to the forest|to a forest|into the woods|into the forest",
    ),
    "desert": _background(
        "a desert|the desert|sand dunes|the sahara|dunes",
        "desert|desert|sand dunes|sahara",
        "in a desert|in the desert|among sand dunes|in the sahara|on the dunes",
        "to the desert|into the desert|to a desert|to the sahara",
    ),
    "space": _background(
        "space|outer space|the cosmos|the galaxy|starry space|a galaxy",
        "space|outer space|galaxy|starry space|cosmos",
        "in space|in outer space|in the cosmos|in the galaxy",
        "to space|into space|to outer space|into outer space",
    ),
    "city": _background(
        "a city|the city|a town|a skyline|a city skyline|downtown",
        "city|city|town|city skyline|skyline|downtown",
        "in a city|in the city|in town|downtown|in a town",
        "to the city|to a city|into town|downtown",
    ),
    "ocean": _background(
        "an ocean|the ocean|the sea|the open sea|a seascape",
        "ocean|ocean|sea|seascape",
        "by the ocean|by the sea|at the sea|in front of the ocean|on the ocean|at sea",
        "to the ocean|to the sea|to the open sea",
    ),
    "snow": _background(
        "snow|a snow field|a snowfield|the arctic|the tundra|a snowy field",
        "snow|snow field|snowfield|arctic|tundra|snowy",
        "on the snow|in the snow|on snow|in the arctic|in the tundra|in a snowfield",
        "to the arctic|to the tundra|onto the snow|to a snowfield",
    ),
    "grass": _background(
        "grass|a meadow|a lawn|a grassy field|grassland|green grass",
        "grass|meadow|lawn|grassland|grassy field|grassy",
        "on the grass|on grass|in a meadow|on a lawn|in a grassy field|in the grass",
        "to a meadow|onto the grass|to the grass|onto a lawn|to a grassy field",
    ),
    "mountains": _background(
        "mountains|the mountains|a mountain|a mountain range|the alps|mountain peaks|peaks",
        "mountain|mountains|alps|mountain range",
        "in the mountains|in front of mountains|in the alps|on a mountain|by the mountains",
        "to the mountains|into the mountains|to the alps",
    ),
    "room": _background(
        "a room|a living room|a lounge|a sitting room|the living room",
        "room|living room|lounge|indoor|sitting room",
        "in a room|in a living room|indoors|inside|in the living room|in a lounge|in a sitting room",
        "indoors|inside|into a room|into the living room",
    ),
    "studio": _background(
        "a studio|a photo studio|a plain studio|a studio backdrop|a photography studio",
        "studio|studio|photo studio|plain studio",
        "in a studio|in a photo studio|in the studio|in a plain studio",
        "to a studio|into a studio|to the studio|into a photo studio",
    ),
    "sky": _background(
        "the sky|a sky|clouds|a cloudy sky|a blue sky|the heavens",
        "sky|sky|cloudy sky|blue sky|clouds",
        "in the sky|up in the sky|in the clouds|among the clouds|in the air",
        "to the sky|into the sky|up into the clouds",
    ),
    "park": _background(
        "a park|the park|a garden|a public park|a city park",
        "park|park|garden|city park",
        "in a park|in the park|in a garden|in the garden|at the park",
        "to the park|to a park|into the garden|to a garden",
    ),
    "underwater": _background(
        "the seabed|the sea floor|a coral reef|an underwater scene|the bottom of the sea",
        "underwater|underwater|seabed|coral reef|undersea",
        "underwater|under water|under the sea|on the seabed|on the sea floor|at the bottom of the sea",
        "underwater|under the sea|to the seabed|to a coral reef|to the sea floor",
    ),
    "brick wall": _background(
        "a brick wall|bricks|a wall of bricks|red bricks|a red brick wall",
        "brick wall|brick|bricks|brick wall",
        "by a brick wall|in front of a brick wall|against a brick wall|against bricks",
    ),
    "wooden floor": _background(
        "a wooden floor|wooden planks|planks|floorboards|wood planks",
        "wooden floor|wooden planks|plank|wood",
        "on a wooden floor|on planks|on wooden planks|on floorboards",
        "onto a wooden floor|onto planks",
    ),
    "road": _background(
        "a road|a street|a highway|the street|a motorway",
        "road|street|highway|motorway",
        "on a road|on the road|on the street|in the street|on a highway|on a motorway",
        "to the street|onto the road|onto a highway|to a road",
    ),
    "farm": _background(
        "a farm|a wheat field|a cornfield|farmland|a barnyard",
        "farm|farm|wheat field|cornfield|farmland",
        "on a farm|on the farm|in a wheat field|in a cornfield|in a barnyard",
        "to a farm|to the farm|to the barnyard|to a cornfield",
    ),
}


def _environment(**slots: str) -> dict[str, tuple[str, ...]]:
    return {slot: words(text) for slot, text in slots.items()}


_ENVIRONMENTS = {
    "night": _environment(
        state="night|night|nighttime|night time|midnight",
        look="nocturnal|moonlit|like night|like midnight|like it's night",
        doing="getting dark|the middle of the night",
        thing="a night sky|moonlight",
        scene="a night scene|a night shot|a moonlit scene|a night picture|a nighttime scene",
        when="at night|at night|at midnight|in the middle of the night|by night|in the moonlight|after dark",
        time="night|nighttime|midnight",
    ),
    "sunset": _environment(
        state="sunset|sunset|dusk|sundown|golden hour",
        look="sunset-lit|like sunset|like dusk|like it's sunset|like golden hour",
        thing="a sunset|sunset light|golden hour light",
        scene="a sunset scene|a sunset|a sunset shot|a sunset picture",
        when="at sunset|at sunset|at dusk|at sundown|during golden hour|during the sunset",
        time="sunset|dusk|sundown|golden hour",
    ),
    "dawn": _environment(
        state="dawn|dawn|sunrise|daybreak|early morning",
        look="like dawn|like early morning|like sunrise|like it's dawn",
        thing="a sunrise|dawn light|early morning light",
        scene="a sunrise scene|a sunrise|an early morning scene|a dawn scene",
        when="at dawn|at dawn|at sunrise|at daybreak|in the early morning|early in the morning",
        time="dawn|sunrise|daybreak|early morning",
    ),
    "foggy": _environment(
        state="foggy|foggy|misty|hazy|very foggy",
        look="foggy|misty|hazy",
        thing="fog|fog|mist|haze|a bit of fog|a light mist|thick fog",
        scene="a foggy day|a misty morning|a foggy scene|a hazy day|a misty day",
        when="in the fog|in fog|in the mist|on a foggy day|in thick fog|in the haze",
        weather="foggy|fog|misty|mist|hazy",
    ),
    "snowy": _environment(
        state="snowy|snowy|snowing",
        look="snowy|like a snowfall",
        act="snow|snow|snow heavily",
        doing="snowing|snowing|snowing outside",
        thing="snowfall|falling snow|snowflakes|snow|a snow shower|falling snowflakes",
        scene="a snowy day|a snowy scene|a snow shower",
        when="in falling snow|while it snows|on a snowy day|in a snow shower|while it is snowing",
        weather="snowy|snow|snowfall|snowing",
    ),
    "rainy": _environment(
        state="rainy|rainy|raining|wet",
        look="rainy|wet",
        act="rain|rain|drizzle|pour",
        doing="raining|raining|drizzling|pouring",
        thing="rain|rain|rainfall|drizzle|a bit of rain|raindrops|heavy rain",
        scene="a rainy day|a rainy scene|a wet day",
        when="in the rain|in the rain|on a rainy day|while it rains|in the drizzle|while it is raining",
        weather="rainy|rain|raining|drizzle|wet",
    ),
    "stormy": _environment(
        state="stormy|stormy|thundery|storming",
        look="stormy|thundery|like a storm",
        act="storm|thunder",
        doing="storming|thundering",
        thing="a storm|a thunderstorm|a tempest|a big storm",
        scene="a stormy day|a stormy scene|a storm|a thunderstorm",
        when="in a storm|in a storm|during a storm|in a thunderstorm|on a stormy day|in a tempest",
        weather="stormy|storm|thunderstorm|thundery",
    ),
    "overcast": _environment(
        state="overcast|overcast|gloomy|dull|cloudy",
        look="overcast|gloomy|dull",
        thing="cloud cover|dull weather|an overcast sky|gloomy light|gloomy weather",
        scene="an overcast day|a gloomy day|a dull day|a cloudy day",
        when="on an overcast day|on a gloomy day|on a dull day|in dull weather|under cloud cover",
        weather="overcast|gloomy|dull|cloudy",
    ),
    "autumn": _environment(
        state="autumn|autumn|autumnal|fall",
        look="autumnal|like autumn|like fall",
        thing="an autumn feel|autumn colours|autumn colors|fall colors",
        scene="an autumn scene|an autumn day|a fall scene|an autumn picture",
        when="in autumn|in autumn|in the fall|during autumn|on an autumn day|in the autumn season",
        season="autumn|fall|autumn",
    ),
    "winter": _environment(
        state="winter|winter|wintry|frosty|icy",
        look="wintry|frosty|icy|like winter",
        thing="frost|frost|a winter feel",
        scene="a winter scene|a winter day|a wintry scene|a frosty day|a winter picture",
        when="in winter|in winter|in the winter|during winter|on a winter day|in wintertime|in the frost",
        season="winter|winter|wintertime",
    ),
}

_STYLES = {
    "sepia": _environment(
        noun="a sepia photo|a sepia print|a sepia picture|a sepia image",
        adj="sepia|sepia|sepia tone|sepia-toned",
        medium="sepia|sepia|sepia tones|sepia tone",
        look="sepia|sepia-toned",
    ),
    "black and white": _environment(
        noun="a black and white photo|a monochrome photo|a greyscale photo|a grayscale image",
        adj="black and white|black and white|monochrome|greyscale|grayscale|black-and-white",
        medium="black and white|black and white|monochrome|greyscale|grayscale|black-and-white",
        look="black and white|monochrome|colourless|greyscale|grayscale",
        act="desaturate",
    ),
    "pencil sketch": _environment(
        noun="a pencil sketch|a pencil drawing|a sketch|a line drawing|a drawing",
        adj="pencil sketch|pencil drawing|sketch|line drawing|pencil",
        medium="pencil|pencil sketch style|pencil drawing style",
        look="look sketched|look like a drawing|look hand drawn",
        act="sketch|draw|pencil",
    ),
    "pixel art": _environment(
        noun="pixel art|8-bit art|a pixel art picture|an 8-bit picture",
        adj="pixel art|pixel art|8-bit|pixel|pixelated",
        medium="pixel art|pixel art style|8-bit|8-bit style",
        look="pixelated|pixelised|8-bit|look pixelated",
        act="pixelate|pixelate|pixelise",
    ),
    "watercolor": _environment(
        noun="a watercolor painting|a watercolour painting|a watercolor|a watercolour|an aquarelle",
        adj="watercolor|watercolor|watercolour|aquarelle",
        medium="watercolor|watercolour|watercolors|watercolours|watercolor style",
        look="look like watercolor|look watercoloured",
    ),
    "cartoon": _environment(
        noun="a cartoon|a cartoon drawing|a toon|an animation",
        adj="cartoon|cartoon|cartoonish|toon|cartoony|animation",
        medium="cartoon style|toon style|animation style",
        look="cartoonish|cartoony|look cartoonish",
        act="cartoonify|cartoonize|cartoonise",
    ),
    "oil painting": _environment(
        noun="an oil painting|oil on canvas|an oil-painted picture",
        adj="oil painting|oil painting|oil paint|oil-painted",
        medium="oils|oil paint|oil|oil on canvas|oil painting style",
        look="oil-painted|look oil-painted",
    ),
    "pop art": _environment(
        noun="pop art|a warhol print|a pop-art print|a pop art poster|an andy warhol print",
        adj="pop art|pop art|pop-art|andy warhol|warhol",
        medium="pop art style|pop art|andy warhol style",
        look="look like pop art",
    ),
    "comic": _environment(
        noun="a comic|a comic book|a comic strip|a graphic novel|a comic book page",
        adj="comic|comic|comic book|graphic novel|comic strip",
        medium="comic style|comic book style|graphic novel style",
        look="look inked|look like a comic",
    ),
    "vintage film": _environment(
        noun="a vintage film photo|a vintage photo|a retro photo|old film|an old film photo",
        adj="vintage|vintage film|retro|old film",
        medium="vintage film style|vintage style|retro style|old film style",
        look="retro|vintage|look retro|look vintage",
    ),
}

# kind of edit -> canonical value -> slot -> words
SETTINGS: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "background": _BACKGROUNDS,
    "environment": _ENVIRONMENTS,
    "style": _STYLES,
}
