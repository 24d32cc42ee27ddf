"""Questions with the SQL that answers them, over two databases made here: see `benchmarks/README.md`."""
