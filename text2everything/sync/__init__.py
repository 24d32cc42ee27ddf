"""The blocking side: one portal written by hand, and the classes generated from the async ones."""
