"""Asking models: the seam (`request`), the router behind it, and the built-in model."""
