"""Ratings in files: CSV, JSON Lines and Parquet, read and written row by row."""
