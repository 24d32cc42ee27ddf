"""The proxy that the environment names."""

from __future__ import annotations

import urllib.request
from urllib.parse import urlsplit

from yarl import URL

from text2everything.exceptions import InvalidConfigurationError


def environment_proxy(base_url: str) -> URL | None:
    """Return the proxy for `base_url` (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, but for NO_PROXY), or None.

    aiohttp's own reading of these costs each request a thread, and reads `.netrc` too.

    Raises:
        InvalidConfigurationError: The environment names something that is no HTTP proxy.
    """
    parts = urlsplit(base_url)
    proxies = urllib.request.getproxies()
    named = proxies.get(parts.scheme) or proxies.get("all")
    if not named or urllib.request.proxy_bypass(parts.netloc):
        return None
    try:
        proxy = URL(named if "://" in named else f"http://{named}")
    except ValueError:
        proxy = URL()
    if proxy.scheme not in {"http", "https"} or not proxy.host:
        raise InvalidConfigurationError(  # the value may hold a password
            f"the environment's proxy for {parts.scheme} must look like http://host:port; "
            "for another kind of proxy, pass a connector"
        )
    return proxy
