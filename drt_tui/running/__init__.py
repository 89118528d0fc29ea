"""The loop as people meet it: behind a screen, ahead of a reader, or headless."""
