"""The interpreter and the system it runs on, as far as other packages change them; see `threads.py`."""
