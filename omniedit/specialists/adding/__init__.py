"""What is added and where it goes: the thing by its name or picture, the place by words, a click or what is free."""
