"""How a thing is changed where it stands: colour, material, pattern, light, size."""
