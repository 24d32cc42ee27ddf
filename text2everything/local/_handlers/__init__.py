"""The request handlers, one module for each resource; `base` has what they share."""
