"""What is made of ratings besides single calls."""
