"""The proxy of the environment's variables."""

from __future__ import annotations

import urllib.request
from urllib.parse import urlsplit

from yarl import URL

from text2everything.exceptions import InvalidConfigurationError


def environment_proxy(base_url: str) -> URL | None:
    """Return the proxy for `base_url` from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, or None.

    aiohttp reads these in a thread for each request, and `.netrc` as well.

    Raises:
        InvalidConfigurationError: The variable holds something other than an HTTP proxy.
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
