"""The Excel side: the add-in file with its ribbon, and what its buttons and worksheet functions do."""
