"""What is measured, one file each: `run(quick)` returns the outcome."""
