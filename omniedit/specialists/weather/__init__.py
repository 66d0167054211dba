"""Light, weather and season of a photograph: what the scene is, and how each kind changes it.

scene       sky, sky.py; distance and ground, depth.py; skin, leaves, lamps, scene.py
recipe      what a kind does, as small maps and a few numbers; develop.py carries it out at full size
kinds       light.py, air.py, falling.py, seasons.py
"""
