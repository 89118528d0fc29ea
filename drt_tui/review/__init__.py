"""Behind the review screen: which sentence comes, what is shown of it, and what is decided."""
