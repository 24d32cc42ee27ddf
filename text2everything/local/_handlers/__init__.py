"""The service's calls, a file for each resource, over what `base` holds for all of them."""
