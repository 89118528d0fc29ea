"""The contenders that need no server of ours: models of `drt.toml`, and columns of files."""
