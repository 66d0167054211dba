"""What an instruction means: `parse(instruction) -> Intent`."""
