"""Procedural scenes: a scene graph, a program that edits it, and exact pictures of both."""
