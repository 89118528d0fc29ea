"""A trained run in the forms that others load: adapter, merged model, GGUF, and what goes with them."""
