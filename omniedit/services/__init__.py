"""What the UI and the command line ask for: editing, and what can edit here."""
