"""What can be asked for by name: the kinds of each task, with the words people use for them.

A key is the canonical word that `Intent.parameters["kind"]` holds and that a specialist knows; its synonyms are
lower case. Data only.
"""

from __future__ import annotations

__all__ = ["BACKDROPS", "BACKGROUNDS", "CHANGES", "COLOURS", "ENVIRONMENTS", "MATERIALS", "STYLES"]


def _kinds(lines: str) -> dict[str, tuple[str, ...]]:
    """Lines "kind: synonym, synonym, ..."; a line that begins with a space goes on with the one before."""
    pairs = (line.partition(":") for line in lines.strip().replace("\n ", " ").splitlines())
    return {kind: tuple(w.strip() for w in words.split(",") if w.strip()) for kind, _, words in pairs}


ENVIRONMENTS: dict[str, tuple[str, ...]] = _kinds("""
night: nighttime, midnight, dark outside, moonlight, night time, nite, nite time, after dark, dark out, pitch dark,
 starry night, starry, moonlit, day for night, nightfall, twilight, blue hour, late evening, street lamps, 3am
sunset: sundown, dusk, evening glow, setting sun, evening, evening sun, sky on fire, sun goes down
golden hour: golden light, warm evening light, late afternoon, low sun, warm light, magic hour, evening light, last
 light
dawn: sunrise, daybreak, early morning, morning, morning light, first light, rising sun, break of day, early light
overcast: cloudy, grey sky, dull, clouds, cloudier, gloomy, gloom, dreary, grey skies, grey day, soft light, flat
 light
sunny: sunshine, clear sky, blue sky, nice weather, daytime, sun, sunlight, sunnier, daylight, bright day, day, noon,
 midday, clear day, clear skies, blue skies, good weather, fine weather, cloudless, heat wave, heatwave, scorching,
 hot, more light, let the light in
fog: foggy, mist, misty, haze, hazy, sea mist, foggier, smog, mistier, steam in the air
rain: rainy, raining, wet weather, downpour, drizzle, drizzly, pouring, pour, shower, wet, rained, monsoon, puddles,
 wet streets, wet asphalt, rainstorm
snow: snowy, snowing, snowfall, blizzard, snowstorm, flakes, snowflakes, flurries, dusting, snowed, white christmas,
 sleet, hail
storm: stormy, thunderstorm, lightning, thunder, hurricane, tornado, cyclone, storm clouds, squall, gale, tempest,
 stormier
spring: springtime, blossom, blossoms, cherry blossom, cherry blossom season, april
summer: summertime, summery, june, july, august, midsummer, high summer
autumn: fall, autumnal, fall colours, october, november, september, autumn leaves, autumn leafs, falling leaves,
 fallen leaves, indian summer
winter: wintry, wintertime, frost, frosty, icy, ice, frozen, december, january, february, christmas, christmas eve,
 xmas, midwinter, winter wonderland
""")

STYLES: dict[str, tuple[str, ...]] = _kinds("""
watercolour: watercolor, aquarelle, water colour, gouache, aquarell
oil: oil painting, painting, oils, oil on canvas, acrylic, old master, old masters, rembrandt, vermeer, caravaggio,
 renaissance, baroque, leonardo, da vinci, titian, rubens
impressionist: monet, impressionism, impressionists, renoir, degas, manet, pissarro, claude monet
van gogh: vincent van gogh, starry night, swirly, gogh, vincent
pencil: pencil drawing, sketch, pencil sketch, drawing, sketched, sketchy, coloured pencil, crayon, graphite
charcoal: charcoal drawing, chalk, pastel drawing
ink: ink drawing, line art, pen drawing, pen and ink, etching, engraving, woodcut, linocut, line drawing, ink wash,
 sumi-e, hokusai
cartoon: toon, cel shaded, cartoonish, pixar, disney, simpsons, the simpsons, caricature, cartoony, toony
comic: comic book, halftone, comics, graphic novel, comic strip, lichtenstein, roy lichtenstein
anime: manga, ghibli, studio ghibli, miyazaki
pixel art: 8-bit, pixelated, pixels, 8bit, 8 bit, 16-bit, pixelart, minecraft, video game, retro game
mosaic: tiles, tessera, mosaics, tesserae, byzantine, gaudi
stained glass: church window, stained glass window, leaded glass
pop art: warhol, andy warhol, popart, pop-art, screen print, silkscreen
sepia: old photo, antique, sepia tone, sepia tones, daguerreotype, tintype, victorian, edwardian, old photograph,
 aged, wet plate
black and white: b&w, monochrome, greyscale, grayscale, black & white, b & w, bw, monochromatic, greyscaled, ansel
 adams, silver gelatin, silent film, film noir
film: analog, analogue, film grain, noir, grain, grainy, 35mm, kodachrome, kodak, portra, analogue film, vintage,
 retro, lomo, cross-process, disposable camera, super 8, cinematic, film look, old film, faded film
polaroid: instant photo, polaroids, instax, instant film
""")

BACKDROPS = ("blur", "plain", "gradient", "studio", "transparent")  # backgrounds that are no scenes
BACKGROUNDS: dict[str, tuple[str, ...]] = _kinds("""
blur: blurred, bokeh, out of focus, depth of field, blurry, blurrier, soft, soften, softer, defocus, defocused, creamy
 bokeh, portrait mode, shallow depth of field, melt
plain: solid, plain colour, one colour, uniform, seamless, seamless paper, single colour, flat colour, solid colour,
 one tone, green screen, greenscreen
gradient: gradients, gradiant, fade, fading
studio: studio backdrop, backdrop, studio wall, studio background, photo studio, muslin, backcloth
transparent: no background, cut out, transparency, see-through, cutout, cut-out, isolate, isolated, remove, delete,
 erase, get rid, alpha, png, knock out, extract
beach: seaside, shore, tropical beach, sand, sandy, island, seashore, coast, caribbean, hawaii, maldives, bali, lagoon
sea: ocean, harbour, lake, open sea, underwater, under water, waves
forest: woods, trees, jungle, wood, woodland, rainforest, redwoods, bamboo, cherry blossoms, cherry blossom
meadow: field, grass, park, garden, lawn, flowers, flower field, hills, rolling hills, countryside, vineyard, farm,
 fields, sunflowers, lavender, rose garden, orchard, tulips
mountains: mountain, alps, the alps, himalayas, rockies, everest, summit, peaks, mountain top, mountaintop,
 matterhorn, fuji, mount fuji, hill top, cliffs
desert: dunes, sahara, dune, sand dunes, canyon, savanna, savannah, outback
snowfield: snow, snowy landscape, winter landscape, ski slope, glacier, antarctica, arctic, north pole
sky: clouds, blue sky, cloudy sky, heaven, in the air, cloud
sunset: sunset sky
night sky: stars, starry sky, milky way, northern lights, aurora, star
space: galaxy, outer space, the stars, moon, the moon, mars, nebula, cosmos, universe, planet, planets
city: skyline, street, town, new york, cities, downtown, rooftop, times square, tokyo, skyscrapers, cityscape,
 manhattan
room: living room, indoors, office, kitchen, library, bedroom, cafe, restaurant, interior, loft, hall, bar, gallery,
 museum, classroom, bookshelf
""")

MATERIALS: dict[str, tuple[str, ...]] = _kinds("""
gold: golden, gilded, solid gold, gold leaf, 24k
silver: chrome, metal, metallic, steel, stainless steel, aluminium, iron, tin, mirror, chromed
copper: bronze, brass, coppery, rose copper
wood: wooden, oak, walnut, pine, mahogany, bamboo, timber
marble: stone, granite, concrete, slate, marbled
denim: jeans, denims, jean
leather: suede, leathery
velvet: velvety, corduroy
stripes: striped, stripy, stripe, pinstripe, pinstripes, zebra
dots: polka dots, dotted, spotted, dot, polka dot, spots, spotty
checks: checked, checkered, plaid, tartan, check, chequered, gingham, checkerboard, houndstooth
""")

CHANGES: dict[str, tuple[str, ...]] = _kinds("""
lighter: brighter, brighten, lighten, whiten, bleach, lift, lifted, dodge, illuminate, light up, brought up, bring up,
 brightened, lightened, less dark
darker: darken, dim, dimmer, dimmed, burn, burn down, deepen, darkened, less bright, tone down the light, black out
vivid: more saturated, more saturation, saturate, more colourful, pop, vibrant, more vivid, intensify, boost, saturated,
 richer, punch, hdr, colourful, more vibrant, bolder, more pop
faded: desaturate, muted, less saturated, washed out, paler, fade, mute, toned down, tone down, desaturated, less
 vivid, not so saturated, less colourful, less saturation, matte, duller, less red, less yellow
warmer: warm up, warm it up, less blue, golden tones
cooler: cool down, colder, less yellow, less orange, blue tones
blurred: blur, out of focus, blurry, blurrier, pixelate, pixelated, censor, censored, unreadable, defocus,
 unrecognisable
sharper: sharpen, crisper, sharp, sharpened, crisp, in focus, enhance, clearer, refocus, more detail, clarity
smoother: smooth, softer, soften, softened, smoothen, retouch, even out, airbrush, less wrinkled, flawless,
 denoise, less noise, less noisy, less grain
contrast: more contrast, punchier, contrasty, punchy, crush the blacks, more dramatic
bigger: larger, enlarge, huge, massive, enormous, gigantic, grow, magnify, scale up, upsize, supersize, twice as big,
 blow up
smaller: shrink, tinier, tiny, miniature, scale down, downsize, half the size, reduce the size
""")

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
