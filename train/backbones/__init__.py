"""Where a model to start from comes from: Hugging Face, a folder, or the built-in one."""
