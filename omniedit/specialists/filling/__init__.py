"""What stood behind: holes filled from their surroundings, and the shadow or reflection that goes with a thing."""
