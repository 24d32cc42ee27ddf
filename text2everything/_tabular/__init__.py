"""Ratings in files: CSV, JSON Lines and Parquet, read and written a row at a time."""
