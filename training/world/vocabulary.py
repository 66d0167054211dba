"""The words of the world: every object, colour, background, environment, style, material and place.

Data only. An entry's key is its canonical name; its synonyms are real words for the same thing, and no
word of a table means two entries of that table. How words become sentences is `wording`'s matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["animal", "plant", "food", "vehicle", "building", "wear", "thing", "figure", "sky"]


@dataclass(frozen=True)
class ObjectSpec:
    """A thing that a scene can hold; `noto` and `fluent` name its drawings in the two emoji families."""

    name: str
    synonyms: tuple[str, ...]
    noto: int  # Unicode code point
    fluent: str  # file stem in the fluentui-emoji package
    kind: Kind
    recolourable: bool = True
    irregular_plural: str | None = None

    @property
    def plural(self) -> str:
        return self.irregular_plural or plural(self.name)


@dataclass(frozen=True)
class Colour:
    """A colour word with its sRGB value, each channel 0..255."""

    name: str
    rgb: tuple[int, int, int]
    synonyms: tuple[str, ...]


@dataclass(frozen=True)
class Background:
    """A painted setting: `noun` with its article ("a beach") and `where` a thing stands ("on a beach")."""

    name: str
    synonyms: tuple[str, ...]
    noun: str
    where: str
    outdoors: bool = True


@dataclass(frozen=True)
class Environment:
    """Weather, season or time of day: nouns ("fog"), adjectives ("foggy") and when it is ("in the fog")."""

    name: str
    nouns: tuple[str, ...]
    adjectives: tuple[str, ...]
    when: str

    @property
    def synonyms(self) -> tuple[str, ...]:
        return tuple(word for word in (*self.nouns, *self.adjectives) if word != self.name)


@dataclass(frozen=True)
class Style:
    """A way of drawing: `noun` with its article ("a pencil sketch") and adjectives ("sketchy")."""

    name: str
    synonyms: tuple[str, ...]
    noun: str
    adjectives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Material:
    """A stuff that a thing can be made of: the adjective is the name, `noun` follows "made of"."""

    name: str
    noun: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """One of nine named cells; x and y are its anchor as shares of width and height."""

    name: str
    x: float
    y: float
    synonyms: tuple[str, ...]


class Named(Protocol):
    """Anything with a canonical name and synonyms."""

    @property
    def name(self) -> str: ...

    @property
    def synonyms(self) -> tuple[str, ...]: ...


def plural(noun: str) -> str:
    """The regular English plural of a noun or noun phrase."""
    if noun.endswith(("s", "sh", "ch", "x")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def words_of(table: Mapping[str, Named]) -> dict[str, str]:
    """Every word of a table -> the canonical name that it means, the names themselves included."""
    return {word: name for name, entry in table.items() for word in (name, *entry.synonyms)}


_OBJECTS = (
    ObjectSpec("cat", ("kitten", "kitty", "feline", "pussycat"), 0x1F408, "cat", "animal"),
    ObjectSpec("dog", ("puppy", "doggy", "hound", "pup"), 0x1F415, "dog", "animal"),
    ObjectSpec("car", ("automobile", "auto", "motorcar", "sedan"), 0x1F697, "automobile", "vehicle"),
    ObjectSpec("tree", ("oak", "leafy tree", "oak tree"), 0x1F333, "deciduous-tree", "plant"),
    ObjectSpec("house", ("home", "cottage", "bungalow"), 0x1F3E0, "house", "building"),
    ObjectSpec("balloon", ("party balloon", "toy balloon"), 0x1F388, "balloon", "thing"),
    ObjectSpec("flower", ("blossom", "daisy", "bloom"), 0x1F33C, "blossom", "plant"),
    ObjectSpec("bird", ("songbird", "birdie", "sparrow"), 0x1F426, "bird", "animal"),
    ObjectSpec("fish", ("fishy", "trout"), 0x1F41F, "fish", "animal", True, "fish"),
    ObjectSpec("boat", ("sailboat", "sailing boat", "yacht", "dinghy"), 0x26F5, "sailboat", "vehicle"),
    ObjectSpec("airplane", ("plane", "aeroplane", "aircraft", "jet"), 0x2708, "airplane", "vehicle"),
    ObjectSpec("bicycle", ("bike", "cycle", "push bike"), 0x1F6B2, "bicycle", "vehicle"),
    ObjectSpec("apple", ("eating apple", "orchard apple"), 0x1F34E, "red-apple", "food"),
    ObjectSpec("banana", ("bunch of bananas", "plantain"), 0x1F34C, "banana", "food"),
    ObjectSpec("pizza", ("slice of pizza", "pizza slice", "pizza pie"), 0x1F355, "pizza", "food"),
    ObjectSpec("cake", ("birthday cake", "gateau", "layer cake"), 0x1F382, "birthday-cake", "food"),
    ObjectSpec("hat", ("top hat", "tall hat", "topper"), 0x1F3A9, "top-hat", "wear"),
    ObjectSpec("crown", ("tiara", "diadem", "coronet"), 0x1F451, "crown", "wear"),
    ObjectSpec("ball", ("soccer ball", "football"), 0x26BD, "soccer-ball", "thing"),
    ObjectSpec("guitar", ("electric guitar", "string guitar"), 0x1F3B8, "guitar", "thing"),
    ObjectSpec("clock", ("alarm clock", "timepiece", "alarm"), 0x23F0, "alarm-clock", "thing"),
    ObjectSpec("lamp", ("light bulb", "lightbulb", "bulb"), 0x1F4A1, "light-bulb", "thing"),
    ObjectSpec("book", ("novel", "hardback", "textbook"), 0x1F4D5, "closed-book", "thing"),
    ObjectSpec("key", ("door key", "house key", "latchkey"), 0x1F511, "key", "thing"),
    ObjectSpec("umbrella", ("parasol", "brolly", "sunshade"), 0x2602, "umbrella", "thing"),
    ObjectSpec("rocket", ("spaceship", "rocket ship", "spacecraft"), 0x1F680, "rocket", "vehicle"),
    ObjectSpec("bus", ("coach", "omnibus", "school bus"), 0x1F68C, "bus", "vehicle"),
    ObjectSpec("train", ("locomotive", "steam engine", "steam train"), 0x1F682, "locomotive", "vehicle"),
    ObjectSpec("horse", ("pony", "stallion", "mare"), 0x1F40E, "horse", "animal"),
    ObjectSpec("elephant", ("pachyderm", "jumbo"), 0x1F418, "elephant", "animal"),
    ObjectSpec("rabbit", ("bunny", "hare", "bunny rabbit"), 0x1F407, "rabbit", "animal"),
    ObjectSpec("bear", ("grizzly", "grizzly bear", "bear cub"), 0x1F43B, "bear", "animal"),
    ObjectSpec("panda", ("panda bear", "giant panda"), 0x1F43C, "panda", "animal"),
    ObjectSpec("penguin", ("emperor penguin", "king penguin"), 0x1F427, "penguin", "animal"),
    ObjectSpec("frog", ("toad", "froggy", "tree frog"), 0x1F438, "frog", "animal"),
    ObjectSpec("butterfly", ("moth", "monarch butterfly"), 0x1F98B, "butterfly", "animal"),
    ObjectSpec("bee", ("honeybee", "bumblebee", "honey bee"), 0x1F41D, "honeybee", "animal"),
    ObjectSpec("mushroom", ("toadstool", "fungus"), 0x1F344, "mushroom", "plant"),
    ObjectSpec("cactus", ("succulent", "saguaro"), 0x1F335, "cactus", "plant", True, "cacti"),
    ObjectSpec("star", ("five-pointed star", "star shape"), 0x2B50, "star", "sky"),
    ObjectSpec("heart", ("love heart", "valentine", "heart shape"), 0x2764, "red-heart", "thing"),
    ObjectSpec("gift", ("present", "gift box", "wrapped present"), 0x1F381, "wrapped-gift", "thing"),
    ObjectSpec("cup", ("mug", "coffee cup", "teacup", "cup of coffee"), 0x2615, "hot-beverage", "thing"),
    ObjectSpec("chair", ("seat", "stool", "dining chair"), 0x1FA91, "chair", "thing"),
    ObjectSpec("shoe", ("sneaker", "trainer", "running shoe"), 0x1F45F, "running-shoe", "wear"),
    ObjectSpec("shirt", ("t-shirt", "tee", "tee shirt", "tshirt"), 0x1F455, "t-shirt", "wear"),
    ObjectSpec("robot", ("android", "robot head", "bot"), 0x1F916, "robot", "figure"),
    ObjectSpec("ghost", ("spirit", "phantom", "spook", "spectre"), 0x1F47B, "ghost", "figure"),
    ObjectSpec("pumpkin", ("jack-o'-lantern", "jack-o-lantern", "gourd"), 0x1F383, "jack-o-lantern", "plant"),
    ObjectSpec(
        "snowman",
        ("snow man", "snow figure"),
        0x26C4,
        "snowman-without-snow",
        "figure",
        True,
        "snowmen",
    ),
    ObjectSpec("strawberry", ("berry", "ripe strawberry"), 0x1F353, "strawberry", "food"),
    ObjectSpec("carrot", ("root vegetable", "garden carrot"), 0x1F955, "carrot", "food"),
    ObjectSpec("turtle", ("tortoise", "sea turtle"), 0x1F422, "turtle", "animal"),
    ObjectSpec("owl", ("barn owl", "night owl", "owlet"), 0x1F989, "owl", "animal"),
    ObjectSpec("lion", ("lion head", "lion cub", "king of the jungle"), 0x1F981, "lion", "animal"),
    ObjectSpec("monkey", ("ape", "chimp", "chimpanzee"), 0x1F412, "monkey", "animal"),
    ObjectSpec("pig", ("piglet", "piggy", "hog"), 0x1F416, "pig", "animal"),
    ObjectSpec("cow", ("calf", "dairy cow", "cattle"), 0x1F404, "cow", "animal"),
    ObjectSpec("bell", ("handbell", "church bell"), 0x1F514, "bell", "thing"),
    ObjectSpec("camera", ("photo camera", "digital camera"), 0x1F4F7, "camera", "thing"),
    ObjectSpec("drum", ("snare drum", "snare", "tom-tom"), 0x1F941, "drum", "thing"),
    ObjectSpec("tent", ("camping tent", "wigwam"), 0x26FA, "tent", "building"),
    ObjectSpec("moon", ("crescent moon", "crescent", "half moon"), 0x1F319, "crescent-moon", "sky"),
    ObjectSpec("sun", ("shining sun", "sunshine"), 0x2600, "sun", "sky"),
    ObjectSpec("truck", ("lorry", "delivery truck", "van"), 0x1F69A, "delivery-truck", "vehicle"),
    ObjectSpec("duck", ("duckling", "mallard", "ducky"), 0x1F986, "duck", "animal"),
    ObjectSpec("fox", ("vixen", "fox cub", "fox head"), 0x1F98A, "fox", "animal"),
    ObjectSpec("burger", ("hamburger", "cheeseburger", "beefburger"), 0x1F354, "hamburger", "food"),
    ObjectSpec("donut", ("doughnut", "ring doughnut"), 0x1F369, "doughnut", "food"),
    ObjectSpec("candle", ("taper", "wax candle"), 0x1F56F, "candle", "thing"),
    ObjectSpec("whale", ("sperm whale", "humpback", "humpback whale"), 0x1F433, "spouting-whale", "animal"),
    ObjectSpec("octopus", ("squid", "kraken"), 0x1F419, "octopus", "animal", True, "octopuses"),
)
OBJECTS: dict[str, ObjectSpec] = {spec.name: spec for spec in _OBJECTS}

_COLOURS = (
    Colour("red", (220, 38, 38), ("crimson", "scarlet", "bright red")),
    Colour("orange", (245, 130, 32), ("tangerine", "amber", "bright orange")),
    Colour("yellow", (250, 210, 40), ("lemon yellow", "canary yellow", "bright yellow")),
    Colour("green", (46, 160, 60), ("emerald", "emerald green", "grass green")),
    Colour("blue", (40, 100, 225), ("azure", "cobalt", "royal blue")),
    Colour("purple", (140, 60, 190), ("violet", "royal purple", "bright purple")),
    Colour("pink", (245, 120, 175), ("rose", "magenta", "hot pink", "rosy")),
    Colour("brown", (125, 75, 40), ("chestnut", "chestnut brown")),
    Colour("white", (246, 246, 246), ("snow white", "pure white", "ivory")),
    Colour("black", (38, 38, 40), ("jet black", "pitch black", "ebony")),
    Colour("grey", (140, 142, 145), ("gray", "slate grey", "slate gray")),
    Colour("light blue", (140, 200, 245), ("sky blue", "baby blue", "pale blue")),
    Colour("dark blue", (24, 40, 120), ("navy", "navy blue", "midnight blue")),
    Colour("light green", (150, 220, 130), ("mint", "mint green", "pale green", "lime")),
    Colour("dark green", (20, 85, 45), ("forest green", "bottle green", "deep green")),
    Colour("dark red", (125, 18, 28), ("maroon", "burgundy", "deep red")),
    Colour("light purple", (196, 160, 235), ("lilac", "pale purple")),
    Colour("dark purple", (70, 22, 105), ("indigo", "deep purple")),
    Colour("light brown", (196, 154, 108), ("pale brown", "soft brown")),
    Colour("dark brown", (70, 40, 20), ("chocolate", "chocolate brown", "deep brown")),
    Colour("light grey", (200, 202, 205), ("light gray", "pale grey", "pale gray")),
    Colour("dark grey", (84, 86, 90), ("dark gray", "deep grey", "deep gray")),
)
COLOURS: dict[str, Colour] = {colour.name: colour for colour in _COLOURS}

_BACKGROUNDS = (
    Background("beach", ("seaside", "seashore", "sandy beach", "shore"), "a beach", "on a beach"),
    Background("forest", ("woods", "woodland", "woodlands"), "a forest", "in a forest"),
    Background("desert", ("sand dunes", "dunes", "sahara"), "a desert", "in a desert"),
    Background("space", ("outer space", "the cosmos", "the galaxy", "starry space"), "space", "in space"),
    Background("city", ("town", "downtown", "skyline", "city skyline"), "a city", "in a city"),
    Background("ocean", ("sea", "the open sea", "seascape"), "an ocean", "by the ocean"),
    Background("snow", ("snow field", "snowfield", "arctic", "tundra"), "snow", "on the snow"),
    Background("grass", ("meadow", "grassland", "lawn", "grassy field"), "grass", "on the grass"),
    Background("mountains", ("mountain", "the alps", "mountain range", "peaks"), "mountains", "in the mountains"),
    Background("room", ("living room", "lounge", "sitting room", "indoors"), "a room", "in a room", False),
    Background("studio", ("photo studio", "plain studio", "studio backdrop"), "a studio", "in a studio", False),
    Background("sky", ("clouds", "cloudy sky", "blue sky", "heavens"), "the sky", "in the sky"),
    Background("park", ("public park", "garden", "city park"), "a park", "in a park"),
    Background("underwater", ("under the sea", "seabed", "sea floor", "coral reef"), "the seabed", "underwater"),
    Background("brick wall", ("bricks", "wall of bricks", "red bricks"), "a brick wall", "by a brick wall", False),
    Background("wooden floor", ("planks", "wooden planks", "floorboards"), "planks", "on planks", False),
    Background("road", ("street", "highway", "motorway"), "a road", "on a road"),
    Background("farm", ("wheat field", "cornfield", "farmland", "barnyard"), "a farm", "on a farm"),
)
BACKGROUNDS: dict[str, Background] = {background.name: background for background in _BACKGROUNDS}

_ENVIRONMENTS = (
    Environment("night", ("night", "nighttime", "night time", "midnight"), ("moonlit", "nocturnal"), "at night"),
    Environment("sunset", ("sunset", "dusk", "golden hour", "sundown"), ("sunset-lit",), "at sunset"),
    Environment("foggy", ("fog", "mist", "haze"), ("foggy", "misty", "hazy"), "in the fog"),
    Environment("snowy", ("snowfall", "falling snow", "snow shower"), ("snowy", "snowing"), "in falling snow"),
    Environment("rainy", ("rain", "rainfall", "drizzle"), ("rainy", "raining", "wet"), "in the rain"),
    Environment("dawn", ("dawn", "sunrise", "daybreak", "early morning"), ("dawning",), "at dawn"),
    Environment("overcast", ("cloud cover", "dull weather"), ("overcast", "gloomy", "dull"), "on an overcast day"),
    Environment("stormy", ("storm", "thunderstorm", "tempest"), ("stormy", "thundery"), "in a storm"),
    Environment("autumn", ("autumn", "fall", "autumn season"), ("autumnal",), "in autumn"),
    Environment("winter", ("winter", "wintertime", "frost"), ("wintry", "frosty", "icy"), "in winter"),
)
ENVIRONMENTS: dict[str, Environment] = {environment.name: environment for environment in _ENVIRONMENTS}

_STYLES = (
    Style("sepia", ("sepia tone", "sepia photo", "sepia print"), "a sepia photo", ("sepia-toned",)),
    Style(
        "black and white",
        ("monochrome", "greyscale", "grayscale", "black-and-white"),
        "a black and white photo",
        ("colourless",),
    ),
    Style("pencil sketch", ("pencil drawing", "sketch", "line drawing"), "a pencil sketch", ("sketched",)),
    Style("pixel art", ("8-bit art", "8-bit"), "pixel art", ("pixelated", "pixelised")),
    Style("watercolor", ("watercolour", "aquarelle", "watercolor painting"), "a watercolor painting"),
    Style("cartoon", ("animation", "toon", "cartoon drawing"), "a cartoon", ("cartoonish", "cartoony")),
    Style("oil painting", ("oil paint", "oils", "oil on canvas"), "an oil painting", ("oil-painted",)),
    Style("pop art", ("andy warhol style", "warhol print", "pop-art print"), "pop art"),
    Style("comic", ("comic book", "comic strip", "graphic novel"), "a comic", ("inked",)),
    Style(
        "vintage film",
        ("vintage photo", "retro photo", "old film"),
        "a vintage film photo",
        ("retro", "vintage"),
    ),
)
STYLES: dict[str, Style] = {style.name: style for style in _STYLES}

_MATERIALS = (
    Material("wooden", "wood", ("wood", "timber", "carved wooden")),
    Material("golden", "gold", ("gold", "gilded", "solid gold")),
    Material("glass", "glass", ("crystal", "transparent", "see-through")),
    Material("striped", "stripes", ("stripy", "stripey", "stripes")),
)
MATERIALS: dict[str, Material] = {material.name: material for material in _MATERIALS}

_PLACES = (
    Place("left", 0.2, 0.5, ("left side", "left-hand side")),
    Place("right", 0.8, 0.5, ("right side", "right-hand side")),
    Place("top", 0.5, 0.22, ("top middle", "upper part", "top center")),
    Place("bottom", 0.5, 0.78, ("bottom middle", "lower part", "bottom center")),
    Place("center", 0.5, 0.5, ("centre", "middle")),
    Place("top left", 0.2, 0.22, ("upper left", "top left corner", "upper left corner")),
    Place("top right", 0.8, 0.22, ("upper right", "top right corner", "upper right corner")),
    Place("bottom left", 0.2, 0.78, ("lower left", "bottom left corner", "lower left corner")),
    Place("bottom right", 0.8, 0.78, ("lower right", "bottom right corner", "lower right corner")),
)
PLACES: dict[str, Place] = {place.name: place for place in _PLACES}
