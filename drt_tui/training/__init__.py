"""Training as a person sees it: a form, a run that is watched, and the words for both."""
