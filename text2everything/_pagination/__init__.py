"""Listings: a page at a time, or every item, whatever way a service pages."""
