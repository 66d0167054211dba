"""How each style is made: one function a style, `(rgb, hand) -> rgb`, at the picture's own size."""
