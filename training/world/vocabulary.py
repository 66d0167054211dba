"""The words of the world: every object, colour, background, environment, style, material and place.

Data only. An entry's key is its canonical name; its synonyms are real words for the same thing, and no
word of a table means two entries of that table. Words for places, backgrounds, environments and styles are in
`settings_words`; how words become sentences is `wording`'s matter.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class ObjectSpec:
    """A thing that a scene can hold; `noto` and `fluent` name its drawings in the two emoji families."""

    name: str
    synonyms: tuple[str, ...]
    noto: int  # Unicode code point
    fluent: str  # file stem in the fluentui-emoji package


@dataclass(frozen=True)
class Colour:
    """A colour word with its sRGB value, each channel 0..255."""

    name: str
    rgb: tuple[int, int, int]
    synonyms: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """One of nine named cells; x and y are its anchor as shares of width and height."""

    name: str
    x: float
    y: float


class Named(Protocol):
    """Anything with a canonical name and synonyms."""

    @property
    def name(self) -> str: ...

    @property
    def synonyms(self) -> tuple[str, ...]: ...


_OBJECTS = (
    ObjectSpec("cat", ("kitten", "kitty", "feline", "pussycat"), 0x1F408, "cat"),
    ObjectSpec("dog", ("puppy", "doggy", "hound", "pup"), 0x1F415, "dog"),
    ObjectSpec("car", ("automobile", "auto", "motorcar", "sedan"), 0x1F697, "automobile"),
    ObjectSpec("tree", ("oak", "leafy tree", "oak tree"), 0x1F333, "deciduous-tree"),
    ObjectSpec("house", ("home", "cottage", "bungalow"), 0x1F3E0, "house"),
    ObjectSpec("balloon", ("party balloon", "toy balloon"), 0x1F388, "balloon"),
    ObjectSpec("flower", ("blossom", "daisy", "bloom"), 0x1F33C, "blossom"),
    ObjectSpec("bird", ("songbird", "birdie", "sparrow"), 0x1F426, "bird"),
    ObjectSpec("fish", ("fishy", "trout"), 0x1F41F, "fish"),
    ObjectSpec("boat", ("sailboat", "sailing boat", "yacht", "dinghy"), 0x26F5, "sailboat"),
    ObjectSpec("airplane", ("plane", "aeroplane", "aircraft", "jet"), 0x2708, "airplane"),
    ObjectSpec("bicycle", ("bike", "cycle", "push bike"), 0x1F6B2, "bicycle"),
    ObjectSpec("apple", ("eating apple", "orchard apple"), 0x1F34E, "red-apple"),
    ObjectSpec("banana", ("bunch of bananas", "plantain"), 0x1F34C, "banana"),
    ObjectSpec("pizza", ("slice of pizza", "pizza slice", "pizza pie"), 0x1F355, "pizza"),
    ObjectSpec("cake", ("birthday cake", "gateau", "layer cake"), 0x1F382, "birthday-cake"),
    ObjectSpec("hat", ("top hat", "tall hat", "topper"), 0x1F3A9, "top-hat"),
    ObjectSpec("crown", ("tiara", "diadem", "coronet"), 0x1F451, "crown"),
    ObjectSpec("ball", ("soccer ball", "football"), 0x26BD, "soccer-ball"),
    ObjectSpec("guitar", ("electric guitar", "string guitar"), 0x1F3B8, "guitar"),
    ObjectSpec("clock", ("alarm clock", "timepiece", "alarm"), 0x23F0, "alarm-clock"),
    ObjectSpec("lamp", ("light bulb", "lightbulb", "bulb"), 0x1F4A1, "light-bulb"),
    ObjectSpec("book", ("novel", "hardback", "textbook"), 0x1F4D5, "closed-book"),
    ObjectSpec("key", ("door key", "house key", "latchkey"), 0x1F511, "key"),
    ObjectSpec("umbrella", ("parasol", "brolly", "sunshade"), 0x2602, "umbrella"),
    ObjectSpec("rocket", ("spaceship", "rocket ship", "spacecraft"), 0x1F680, "rocket"),
    ObjectSpec("bus", ("coach", "omnibus", "school bus"), 0x1F68C, "bus"),
    ObjectSpec("train", ("locomotive", "steam engine", "steam train"), 0x1F682, "locomotive"),
    ObjectSpec("horse", ("pony", "stallion", "mare"), 0x1F40E, "horse"),
    ObjectSpec("elephant", ("pachyderm", "jumbo"), 0x1F418, "elephant"),
    ObjectSpec("rabbit", ("bunny", "hare", "bunny rabbit"), 0x1F407, "rabbit"),
    ObjectSpec("bear", ("grizzly", "grizzly bear", "bear cub"), 0x1F43B, "bear"),
    ObjectSpec("panda", ("panda bear", "giant panda"), 0x1F43C, "panda"),
    ObjectSpec("penguin", ("emperor penguin", "king penguin"), 0x1F427, "penguin"),
    ObjectSpec("frog", ("toad", "froggy", "tree frog"), 0x1F438, "frog"),
    ObjectSpec("butterfly", ("moth", "monarch butterfly"), 0x1F98B, "butterfly"),
    ObjectSpec("bee", ("honeybee", "bumblebee", "honey bee"), 0x1F41D, "honeybee"),
    ObjectSpec("mushroom", ("toadstool", "fungus"), 0x1F344, "mushroom"),
    ObjectSpec("cactus", ("succulent", "saguaro"), 0x1F335, "cactus"),
    ObjectSpec("star", ("five-pointed star", "star shape"), 0x2B50, "star"),
    ObjectSpec("heart", ("love heart", "valentine", "heart shape"), 0x2764, "red-heart"),
    ObjectSpec("gift", ("present", "gift box", "wrapped present"), 0x1F381, "wrapped-gift"),
    ObjectSpec("cup", ("mug", "coffee cup", "teacup", "cup of coffee"), 0x2615, "hot-beverage"),
    ObjectSpec("chair", ("seat", "stool", "dining chair"), 0x1FA91, "chair"),
    ObjectSpec("shoe", ("sneaker", "trainer", "running shoe"), 0x1F45F, "running-shoe"),
    ObjectSpec("shirt", ("t-shirt", "tee", "tee shirt", "tshirt"), 0x1F455, "t-shirt"),
    ObjectSpec("robot", ("android", "robot head", "bot"), 0x1F916, "robot"),
    ObjectSpec("ghost", ("spirit", "phantom", "spook", "spectre"), 0x1F47B, "ghost"),
    ObjectSpec("pumpkin", ("jack-o'-lantern", "jack-o-lantern", "gourd"), 0x1F383, "jack-o-lantern"),
    ObjectSpec("snowman", ("snow man", "snow figure"), 0x26C4, "snowman-without-snow"),
    ObjectSpec("strawberry", ("berry", "ripe strawberry"), 0x1F353, "strawberry"),
    ObjectSpec("carrot", ("root vegetable", "garden carrot"), 0x1F955, "carrot"),
    ObjectSpec("turtle", ("tortoise", "sea turtle"), 0x1F422, "turtle"),
    ObjectSpec("owl", ("barn owl", "night owl", "owlet"), 0x1F989, "owl"),
    ObjectSpec("lion", ("lion head", "lion cub", "king of the jungle"), 0x1F981, "lion"),
    ObjectSpec("monkey", ("ape", "chimp", "chimpanzee"), 0x1F412, "monkey"),
    ObjectSpec("pig", ("piglet", "piggy", "hog"), 0x1F416, "pig"),
    ObjectSpec("cow", ("calf", "dairy cow", "cattle"), 0x1F404, "cow"),
    ObjectSpec("bell", ("handbell", "church bell"), 0x1F514, "bell"),
    ObjectSpec("camera", ("photo camera", "digital camera"), 0x1F4F7, "camera"),
    ObjectSpec("drum", ("snare drum", "snare", "tom-tom"), 0x1F941, "drum"),
    ObjectSpec("tent", ("camping tent", "wigwam"), 0x26FA, "tent"),
    ObjectSpec("moon", ("crescent moon", "crescent", "half moon"), 0x1F319, "crescent-moon"),
    ObjectSpec("sun", ("shining sun", "sunshine"), 0x2600, "sun"),
    ObjectSpec("truck", ("lorry", "delivery truck", "van"), 0x1F69A, "delivery-truck"),
    ObjectSpec("duck", ("duckling", "mallard", "ducky"), 0x1F986, "duck"),
    ObjectSpec("fox", ("vixen", "fox cub", "fox head"), 0x1F98A, "fox"),
    ObjectSpec("burger", ("hamburger", "cheeseburger", "beefburger"), 0x1F354, "hamburger"),
    ObjectSpec("donut", ("doughnut", "ring doughnut"), 0x1F369, "doughnut"),
    ObjectSpec("candle", ("taper", "wax candle"), 0x1F56F, "candle"),
    ObjectSpec("whale", ("sperm whale", "humpback", "humpback whale"), 0x1F433, "spouting-whale"),
    ObjectSpec("octopus", ("squid", "kraken"), 0x1F419, "octopus"),
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

BACKGROUNDS = (
    "beach",
    "forest",
    "desert",
    "space",
    "city",
    "ocean",
    "snow",
    "grass",
    "mountains",
    "room",
    "studio",
    "sky",
    "park",
    "underwater",
    "brick wall",
    "wooden floor",
    "road",
    "farm",
)

ENVIRONMENTS = (
    "night",
    "sunset",
    "foggy",
    "snowy",
    "rainy",
    "dawn",
    "overcast",
    "stormy",
    "autumn",
    "winter",
)

STYLES = (
    "sepia",
    "black and white",
    "pencil sketch",
    "pixel art",
    "watercolor",
    "cartoon",
    "oil painting",
    "pop art",
    "comic",
    "vintage film",
)

MATERIALS = {"wooden": "wood", "golden": "gold", "glass": "glass", "striped": "stripes"}  # and what follows "made of"

_PLACES = (
    Place("left", 0.2, 0.5),
    Place("right", 0.8, 0.5),
    Place("top", 0.5, 0.22),
    Place("bottom", 0.5, 0.78),
    Place("center", 0.5, 0.5),
    Place("top left", 0.2, 0.22),
    Place("top right", 0.8, 0.22),
    Place("bottom left", 0.2, 0.78),
    Place("bottom right", 0.8, 0.78),
)
PLACES: dict[str, Place] = {place.name: place for place in _PLACES}
