"""The things that come with the app, to be put into photographs: their names, how large they are, their drawings.

The drawings are Microsoft's Fluent Emoji, rendered in 3D: `assets/sprites/things`, one WebP with alpha for each, named
by Unicode's code points. Importing this reads no file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from omniedit.settings import assets_dir

__all__ = [
    "OFTEN",
    "THINGS",
    "Stance",
    "Thing",
    "described",
    "drawing",
    "head_noun",
    "is_plural",
    "named",
    "without_article",
]

Bytes = NDArray[np.uint8]

FAINT = 8  # alpha up to which a pixel counts as empty when a drawing is trimmed
PAINTED_SEA = {"26f5": 0.21, "1f6a4": 0.4, "1f6f6": 0.33, "1f6a2": 0.1}  # share of these drawings, cut off from below


class Stance(StrEnum):
    """How a thing is in the world, which says where it can go and what shadow it throws."""

    STANDS = "stands"  # on the ground, on a table
    FLOATS = "floats"  # in the air, near by
    SKY = "sky"  # far away above
    SWIMS = "swims"  # on or in water
    HEAD = "head"  # worn on it
    EYES = "eyes"  # worn before them
    NECK = "neck"  # worn around it


@dataclass(frozen=True)
class Thing:
    """A thing by its `name` and the other `words` for it, all singular and lower case.

    `size` is its height in metres; of a worn thing its width in widths of the face, of one in the sky its height as a
    share of the picture's; None where nobody knows. `drawings` are files of `assets/sprites/things`, the first the
    usual one; `aloft` is another one for what flies.
    """

    name: str
    drawings: tuple[str, ...]
    size: float | None
    stance: Stance = Stance.STANDS
    words: tuple[str, ...] = ()
    aloft: str = ""


def _thing(
    name: str, drawings: str, size: float, words: str = "", stance: Stance = Stance.STANDS, aloft: str = ""
) -> Thing:
    synonyms = tuple(word.strip() for word in words.split(",") if word.strip())
    return Thing(name, tuple(drawings.split()), size, stance, synonyms, aloft)


_THINGS = (
    # animals
    _thing("cat", "1f408", 0.4, "kitten, kitty, feline, pussycat"),
    _thing("dog", "1f415 1f429", 0.6, "puppy, doggy, hound, pup, labrador, retriever"),
    _thing("poodle", "1f429", 0.5),
    _thing("horse", "1f40e", 1.9, "pony, stallion, mare"),
    _thing("elephant", "1f418", 3.0, "pachyderm, jumbo"),
    _thing("rabbit", "1f407", 0.35, "bunny, hare, bunny rabbit"),
    _thing("bear", "1f43b", 0.8, "grizzly, grizzly bear, bear cub"),
    _thing("teddy bear", "1f9f8", 0.4, "teddy, stuffed bear, plush bear"),
    _thing("panda", "1f43c", 0.8, "panda bear, giant panda"),
    _thing("penguin", "1f427", 0.9, "emperor penguin, king penguin"),
    _thing("frog", "1f438", 0.12, "toad, froggy, tree frog"),
    _thing("butterfly", "1f98b", 0.08, "moth, monarch butterfly", Stance.FLOATS),
    _thing("bee", "1f41d", 0.06, "honeybee, bumblebee, honey bee, wasp", Stance.FLOATS),
    _thing("ladybird", "1f41e", 0.06, "ladybug, beetle"),
    _thing("spider", "1f577", 0.1, "tarantula"),
    _thing("snail", "1f40c", 0.06),
    _thing("snake", "1f40d", 0.3, "serpent"),
    _thing("crocodile", "1f40a", 0.6, "alligator"),
    _thing("turtle", "1f422", 0.3, "tortoise, sea turtle"),
    _thing("owl", "1f989", 0.4, "barn owl, night owl, owlet"),
    _thing("lion", "1f981", 0.8, "lion head, lion cub, king of the jungle"),
    _thing("tiger", "1f405", 1.0),
    _thing("leopard", "1f406", 0.9, "cheetah, jaguar, panther"),
    _thing("monkey", "1f412", 0.6, "ape, chimp, chimpanzee"),
    _thing("gorilla", "1f98d", 1.5),
    _thing("pig", "1f416", 0.8, "piglet, piggy, hog"),
    _thing("cow", "1f404", 1.5, "calf, dairy cow, cattle"),
    _thing("bull", "1f402", 1.6, "ox"),
    _thing("sheep", "1f411", 0.9, "lamb, ewe"),
    _thing("goat", "1f410", 0.9, "billy goat"),
    _thing("deer", "1f98c", 1.6, "stag, reindeer, moose"),
    _thing("giraffe", "1f992", 4.5),
    _thing("zebra", "1f993", 1.5),
    _thing("camel", "1f42a", 2.1, "dromedary"),
    _thing("llama", "1f999", 1.7, "alpaca"),
    _thing("kangaroo", "1f998", 1.6),
    _thing("rhino", "1f98f", 1.7, "rhinoceros"),
    _thing("hippo", "1f99b", 1.5, "hippopotamus"),
    _thing("fox", "1f98a", 0.5, "vixen, fox cub, fox head"),
    _thing("wolf", "1f43a", 0.7),
    _thing("raccoon", "1f99d", 0.5, "racoon"),
    _thing("koala", "1f428", 0.6),
    _thing("hedgehog", "1f994", 0.15),
    _thing("squirrel", "1f43f", 0.25, "chipmunk"),
    _thing("mouse", "1f401", 0.08, "rat"),
    _thing("seal", "1f9ad", 0.7, "sea lion", Stance.SWIMS),
    _thing("bird", "1f426 1f99c 1f54a", 0.2, "songbird, birdie, sparrow, robin", aloft="1f54a"),
    _thing("parrot", "1f99c", 0.4),
    _thing("seagull", "1f54a", 0.4, "gull", Stance.FLOATS),
    _thing("dove", "1f54a", 0.3, "pigeon", Stance.FLOATS),
    _thing("eagle", "1f985", 0.9, "hawk, falcon", Stance.FLOATS),
    _thing("bat", "1f987", 0.3, "", Stance.FLOATS),
    _thing("flamingo", "1f9a9", 1.3),
    _thing("peacock", "1f99a", 1.1),
    _thing("turkey", "1f983", 0.9),
    _thing("rooster", "1f413", 0.6, "cockerel"),
    _thing("chick", "1f425 1f423", 0.12, "baby chicken"),
    _thing("swan", "1f9a2", 0.9, "goose", Stance.SWIMS),
    _thing("duck", "1f986", 0.35, "duckling, mallard, ducky", Stance.SWIMS),
    _thing("fish", "1f41f 1f420", 0.2, "fishy, trout, goldfish", Stance.SWIMS),
    _thing("dolphin", "1f42c", 1.2, "porpoise", Stance.SWIMS),
    _thing("shark", "1f988", 1.2, "", Stance.SWIMS),
    _thing("whale", "1f433 1f40b", 3.0, "sperm whale, humpback, humpback whale", Stance.SWIMS),
    _thing("octopus", "1f419", 0.5, "squid, kraken", Stance.SWIMS),
    _thing("crab", "1f980", 0.12),
    _thing("lobster", "1f99e", 0.3),
    _thing("dinosaur", "1f996 1f995", 4.0, "dino, t-rex, t rex, tyrannosaurus"),
    _thing("unicorn", "1f984", 0.9),
    # plants
    _thing("tree", "1f333 1f332", 6.0, "oak, leafy tree, oak tree"),
    _thing("pine tree", "1f332", 7.0, "pine, fir, fir tree, evergreen, conifer, spruce"),
    _thing("christmas tree", "1f384", 2.2, "xmas tree"),
    _thing("palm tree", "1f334", 6.0, "palm, coconut tree"),
    _thing("cactus", "1f335", 1.5, "succulent, saguaro"),
    _thing("flower", "1f33c 1f337 1f33b", 0.4, "blossom, daisy, bloom"),
    _thing("rose", "1f339", 0.5, "red rose"),
    _thing("tulip", "1f337", 0.4),
    _thing("sunflower", "1f33b", 0.9),
    _thing("bouquet", "1f490", 0.4, "bunch of flowers, flowers bouquet"),
    _thing("potted plant", "1fab4", 0.5, "plant, houseplant, plant pot, pot plant"),
    _thing("leaf", "1f341", 0.1, "maple leaf"),
    _thing("mushroom", "1f344", 0.15, "toadstool, fungus"),
    _thing("pumpkin", "1f383", 0.35, "jack-o'-lantern, jack-o-lantern, jack o lantern, gourd"),
    _thing("rock", "1faa8", 0.5, "stone, boulder"),
    _thing("log", "1fab5", 0.4, "tree stump, stump"),
    # food and drink
    _thing("apple", "1f34e", 0.09, "eating apple, orchard apple"),
    _thing("banana", "1f34c", 0.16, "bunch of bananas, plantain"),
    _thing("orange", "1f34a", 0.09, "tangerine, mandarin"),
    _thing("lemon", "1f34b", 0.08),
    _thing("pear", "1f350", 0.11),
    _thing("peach", "1f351", 0.09),
    _thing("grapes", "1f347", 0.18, "grape, bunch of grapes"),
    _thing("watermelon", "1f349", 0.2, "slice of watermelon, melon"),
    _thing("cherries", "1f352", 0.06, "cherry"),
    _thing("pineapple", "1f34d", 0.3),
    _thing("tomato", "1f345", 0.08),
    _thing("avocado", "1f951", 0.12),
    _thing("strawberry", "1f353", 0.05, "berry, ripe strawberry"),
    _thing("carrot", "1f955", 0.2, "root vegetable, garden carrot"),
    _thing("corn", "1f33d", 0.22, "sweetcorn, corn cob, corn on the cob"),
    _thing("egg", "1f95a", 0.06),
    _thing("bread", "1f35e", 0.14, "loaf, loaf of bread, toast"),
    _thing("croissant", "1f950", 0.08),
    _thing("cheese", "1f9c0", 0.1, "piece of cheese"),
    _thing("sandwich", "1f96a", 0.1),
    _thing("pizza", "1f355", 0.2, "slice of pizza, pizza slice, pizza pie"),
    _thing("burger", "1f354", 0.11, "hamburger, cheeseburger, beefburger"),
    _thing("hot dog", "1f32d", 0.1, "hotdog"),
    _thing("fries", "1f35f", 0.16, "french fries, chips"),
    _thing("cake", "1f382", 0.2, "birthday cake, gateau, layer cake"),
    _thing("slice of cake", "1f370", 0.12, "piece of cake, cheesecake"),
    _thing("cupcake", "1f9c1", 0.1, "muffin"),
    _thing("cookie", "1f36a", 0.08, "biscuit"),
    _thing("donut", "1f369", 0.09, "doughnut, ring doughnut"),
    _thing("ice cream", "1f366 1f368", 0.2, "icecream, ice cream cone, ice-cream"),
    _thing("lollipop", "1f36d", 0.2, "candy, lolly"),
    _thing("chocolate", "1f36b", 0.15, "chocolate bar, bar of chocolate"),
    _thing("cup", "2615", 0.1, "mug, coffee cup, teacup, cup of coffee, cup of tea, coffee"),
    _thing("teapot", "1fad6", 0.18, "tea pot, kettle"),
    _thing("wine glass", "1f377", 0.2, "glass of wine, wine, red wine, glass of red wine"),
    _thing("beer", "1f37a", 0.2, "beer mug, mug of beer, glass of beer, pint"),
    _thing("bottle", "1f37e", 0.32, "champagne, champagne bottle, bottle of champagne, wine bottle, bottle of wine"),
    _thing("cocktail", "1f379", 0.22, "drink, juice, glass of juice, tropical drink"),
    _thing("soda", "1f964", 0.22, "cola, soft drink, paper cup, milkshake"),
    # things of every day
    _thing("ball", "26bd", 0.22, "soccer ball, football, beach ball"),
    _thing("basketball", "1f3c0", 0.24),
    _thing("rugby ball", "1f3c8", 0.28, "american football"),
    _thing("guitar", "1f3b8", 1.0, "electric guitar, string guitar"),
    _thing("violin", "1f3bb", 0.6, "fiddle"),
    _thing("drum", "1f941", 0.4, "snare drum, snare, tom-tom"),
    _thing("microphone", "1f3a4", 0.25, "mic"),
    _thing("clock", "23f0", 0.2, "alarm clock, timepiece, alarm"),
    _thing("lamp", "1f4a1", 0.2, "light bulb, lightbulb, bulb"),
    _thing("lantern", "1f3ee", 0.4, "paper lantern", Stance.FLOATS),
    _thing("candle", "1f56f", 0.2, "taper, wax candle"),
    _thing("book", "1f4d5", 0.25, "novel, hardback, textbook"),
    _thing("newspaper", "1f4f0", 0.35),
    _thing("pencil", "270f", 0.18),
    _thing("key", "1f511", 0.09, "door key, house key, latchkey"),
    _thing("umbrella", "2602", 1.0, "parasol, brolly, sunshade"),
    _thing("bell", "1f514", 0.25, "handbell, church bell"),
    _thing("camera", "1f4f7", 0.12, "photo camera, digital camera"),
    _thing("laptop", "1f4bb", 0.25, "computer, notebook computer"),
    _thing("phone", "1f4f1", 0.16, "smartphone, mobile phone, cell phone, mobile"),
    _thing("television", "1f4fa", 0.6, "tv, tv set, telly"),
    _thing("vase", "1f3fa", 0.35, "amphora, urn"),
    _thing("trophy", "1f3c6", 0.35, "cup trophy, award"),
    _thing("gift", "1f381", 0.3, "present, gift box, wrapped present"),
    _thing("basket", "1f9fa", 0.35, "picnic basket"),
    _thing("bucket", "1faa3", 0.35, "pail"),
    _thing("barrel", "1f6e2", 0.9, "oil drum"),
    _thing("ladder", "1fa9c", 2.5),
    _thing("suitcase", "1f9f3", 0.7, "luggage"),
    _thing("backpack", "1f392", 0.5, "rucksack, school bag"),
    _thing("handbag", "1f45c", 0.3, "bag, purse"),
    _thing("shoe", "1f45f", 0.14, "sneaker, trainer, running shoe"),
    _thing("boot", "1f97e 1f462", 0.22, "hiking boot"),
    _thing("high heel", "1f460", 0.18, "heel, stiletto"),
    _thing("shirt", "1f455", 0.7, "t-shirt, tee, tee shirt, tshirt, t shirt"),
    _thing("dress", "1f457", 1.1, "gown"),
    _thing("coat", "1f9e5", 1.1, "jacket"),
    _thing("ring", "1f48d", 0.03, "diamond ring, engagement ring"),
    _thing("chair", "1fa91", 0.9, "seat, stool, dining chair"),
    _thing("sofa", "1f6cb", 1.3, "couch, settee"),
    _thing("bed", "1f6cf", 1.0),
    _thing("door", "1f6aa", 2.1),
    _thing("mirror", "1fa9e", 0.5),
    _thing("anchor", "2693", 1.2),
    _thing("robot", "1f916", 1.0, "android, robot head, bot"),
    _thing("ghost", "1f47b", 1.5, "spirit, phantom, spook, spectre"),
    _thing("alien", "1f47d", 0.5, "extraterrestrial"),
    _thing("skull", "1f480", 0.22),
    _thing("snowman", "26c4", 1.6, "snow man, snow figure"),
    # buildings and the street
    _thing("house", "1f3e0", 6.0, "home, cottage, bungalow"),
    _thing("castle", "1f3f0", 20.0, "palace"),
    _thing("tent", "26fa", 1.6, "camping tent, wigwam"),
    _thing("fountain", "26f2", 2.5),
    _thing("statue", "1f5ff", 3.0, "moai"),
    _thing("statue of liberty", "1f5fd", 40.0),
    _thing("eiffel tower", "1f5fc", 60.0, "tower, tokyo tower"),
    _thing("traffic light", "1f6a6", 1.0, "traffic lights, stoplight"),
    _thing("stop sign", "1f6d1", 0.8, "road sign, sign"),
    _thing("postbox", "1f4ee", 1.4, "mailbox, letter box, letterbox"),
    # vehicles
    _thing("car", "1f697 1f699", 1.5, "automobile, auto, motorcar, sedan"),
    _thing("jeep", "1f699", 1.8, "suv, off-roader"),
    _thing("racing car", "1f3ce", 1.0, "race car, sports car, racecar"),
    _thing("taxi", "1f695", 1.5, "cab, yellow cab"),
    _thing("police car", "1f693", 1.5),
    _thing("fire engine", "1f692", 3.0, "fire truck, firetruck"),
    _thing("ambulance", "1f691", 2.6),
    _thing("bus", "1f68c", 3.0, "coach, omnibus, school bus"),
    _thing("truck", "1f69a", 2.8, "lorry, delivery truck, van"),
    _thing("tractor", "1f69c", 2.6),
    _thing("train", "1f682", 3.5, "locomotive, steam engine, steam train"),
    _thing("bicycle", "1f6b2", 1.1, "bike, cycle, push bike"),
    _thing("motorbike", "1f3cd", 1.1, "motorcycle"),
    _thing("scooter", "1f6f5 1f6f4", 1.1, "moped, vespa"),
    _thing("skateboard", "1f6f9", 0.3),
    _thing("boat", "26f5 1f6a4", 5.0, "sailboat, sailing boat, yacht, dinghy", Stance.SWIMS),
    _thing("speedboat", "1f6a4", 2.0, "motorboat, motor boat", Stance.SWIMS),
    _thing("canoe", "1f6f6", 0.8, "kayak, rowing boat, rowboat", Stance.SWIMS),
    _thing("ship", "1f6a2", 20.0, "ferry, cruise ship, liner", Stance.SWIMS),
    _thing("airplane", "2708 1f6e9", 10.0, "plane, aeroplane, aircraft, jet, airliner", Stance.FLOATS),
    _thing("helicopter", "1f681", 4.0, "chopper", Stance.FLOATS),
    _thing("rocket", "1f680", 8.0, "spaceship, rocket ship, spacecraft", Stance.FLOATS),
    _thing("ufo", "1f6f8", 5.0, "flying saucer, alien ship", Stance.FLOATS),
    # in the air and above
    _thing("balloon", "1f388", 0.6, "party balloon, toy balloon", Stance.FLOATS),
    _thing("kite", "1fa81", 1.2, "", Stance.FLOATS),
    _thing("parachute", "1fa82", 5.0, "skydiver, parachutist", Stance.FLOATS),
    _thing("star", "2b50", 0.09, "five-pointed star, star shape", Stance.SKY),
    _thing("moon", "1f319", 0.16, "crescent moon, crescent, half moon", Stance.SKY),
    _thing("full moon", "1f315", 0.15, "", Stance.SKY),
    _thing("sun", "2600", 0.17, "shining sun, sunshine", Stance.SKY),
    _thing("cloud", "2601", 0.14, "", Stance.SKY),
    _thing("rainbow", "1f308", 0.45, "", Stance.SKY),
    _thing("lightning", "26a1", 0.3, "lightning bolt, bolt", Stance.SKY),
    _thing("heart", "2764", 0.4, "love heart, valentine, heart shape", Stance.FLOATS),
    _thing("fire", "1f525", 0.6, "flame, campfire"),
    # worn
    _thing("hat", "1f3a9 1f452 1f9e2", 1.5, "top hat, tall hat, topper", Stance.HEAD),
    _thing("sun hat", "1f452", 1.8, "straw hat, summer hat, lady's hat, bonnet", Stance.HEAD),
    _thing("cap", "1f9e2", 1.3, "baseball cap, baseball hat", Stance.HEAD),
    _thing("graduation cap", "1f393", 1.7, "mortarboard, graduation hat", Stance.HEAD),
    _thing("helmet", "1fa96", 1.45, "army helmet", Stance.HEAD),
    _thing("crown", "1f451", 1.0, "tiara, diadem, coronet", Stance.HEAD),
    _thing("sunglasses", "1f576", 1.02, "shades, dark glasses, pair of sunglasses", Stance.EYES),
    _thing("glasses", "1f453", 1.02, "spectacles, eyeglasses, specs, pair of glasses", Stance.EYES),
    _thing("scarf", "1f9e3", 1.1, "shawl", Stance.NECK),
    _thing("bow", "1f380", 0.6, "bow tie, bowtie, ribbon", Stance.NECK),
)
THINGS: dict[str, Thing] = {thing.name: thing for thing in _THINGS}
OFTEN = ("cat", "dog", "bird", "tree", "flower", "car", "boat", "balloon", "moon", "hat", "sunglasses", "cake")

_BY_WORD = {word: thing for thing in _THINGS for word in (*thing.words, thing.name)}  # a name goes before a synonym
_BY_WORD |= {thing.name: thing for thing in _THINGS}
_ARTICLE = re.compile(r"^(?:(?:a|an|the|some|my|our|your|his|her|its|their|this|that|another|one more|one)\s+)+", re.I)
_RELATIVE = re.compile(
    r",|\b(?:with|wearing|holding|that|which|who|in|on|at|by|near|behind|beside|under|from|for)\b", re.I
)
_AFTER = re.compile(
    r"(?:\s+(?:\w+ing|please|too|there|here|instead|as well))+$", re.I
)  # "a cat sleeping", "a dog there"


def named(words: str) -> Thing | None:
    """The thing that `words` name ("two big red balloons with strings" -> balloon), None where there is none.

    Its name must be the last words of what is named: "cat food" is no cat.
    """
    found = described(words)
    return None if found is None else found[0]


def described(words: str) -> tuple[Thing, str] | None:
    """The thing that `words` name, and what stands before: "two big red balloons" -> balloon, "two big red"."""
    noun = head_noun(words)
    for said in (noun, noun.split(" of ")[0]):  # "cup of hot tea"
        parts = said.split()
        for start in range(len(parts)):
            name = " ".join(parts[start:])
            for form in (name, *_singular(name)):
                if form in _BY_WORD:
                    return _BY_WORD[form], " ".join(parts[:start])
    return None


def head_noun(words: str) -> str:
    """What `words` name, without article and without what follows it: "the Cat on the sofa" -> "cat"."""
    plain = without_article(words.strip().lower().replace("’", "'").rstrip(".!?"))
    if plain in _BY_WORD:  # "corn on the cob"
        return plain
    return _AFTER.sub("", _RELATIVE.split(plain)[0].strip()).strip() or plain


def is_plural(words: str) -> bool:
    """Whether `words` name several of a thing: "balloons", but not "glasses"."""
    noun = head_noun(words)
    return noun.endswith("s") and noun not in _BY_WORD and noun.split()[-1] not in _BY_WORD and named(words) is not None


def without_article(words: str) -> str:
    """ "a red hat" -> "red hat"."""
    return _ARTICLE.sub("", words.strip())


def drawing(thing: Thing, which: int = 0, aloft: bool = False) -> Bytes:
    """A drawing of `thing`, uint8 (h, w, 4) with straight alpha, trimmed; `which` counts around its drawings."""
    return _load(thing.aloft if aloft and thing.aloft else thing.drawings[which % len(thing.drawings)])


@lru_cache(maxsize=16)
def _load(file: str) -> Bytes:
    with Image.open(assets_dir() / "sprites" / "things" / f"{file}.webp") as picture:
        rgba = np.asarray(picture.convert("RGBA"))
    rgba = _trimmed(rgba)
    rgba = _trimmed(rgba[: round(len(rgba) * (1 - PAINTED_SEA.get(file, 0.0)))]).copy()
    rgba.flags.writeable = False
    return rgba


def _trimmed(rgba: Bytes) -> Bytes:
    seen = rgba[..., 3] > FAINT
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _singular(name: str) -> list[str]:
    """What `name` may be the plural of."""
    forms = [
        name[: -len(end)] + new
        for end, new in (("ies", "y"), ("ves", "f"), ("es", ""), ("s", ""))
        if name.endswith(end)
    ]
    irregular = {"mice": "mouse", "geese": "goose", "wolves": "wolf", "people": "person"}
    return forms + ([irregular[name]] if name in irregular else [])
