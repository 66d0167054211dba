"""Joins a foreground with a picture: the matte, the light on it, its shadow, its grain."""
