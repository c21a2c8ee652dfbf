"""The Excel side: ribbon, actions behind its buttons, worksheet functions."""
