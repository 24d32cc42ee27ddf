"""The proxy of the environment's variables."""

from __future__ import annotations

import os
import re
import socket
import urllib.request
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from yarl import URL

from text2everything.exceptions import InvalidConfigurationError

DEFAULT_PORTS = {"http": 80, "https": 443}

LOCAL_NAMES = frozenset(
    {
        "localhost",
        "localhost.localdomain",
        "localhost4",
        "localhost4.localdomain4",
        "localhost6",
        "localhost6.localdomain6",
        "ip6-localhost",
        "ip6-loopback",
    }
)


def environment_proxy(base_url: str) -> URL | None:
    """Return the proxy for `base_url` from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, or None.

    This machine (loopback addresses, `localhost` and names below it) is never reached through a proxy. aiohttp reads
    the variables in a thread for each request, and `.netrc` as well.

    Raises:
        InvalidConfigurationError: A proxy is needed, and the variable holds something other than an HTTP proxy.
    """
    parts = urlsplit(base_url)
    host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
    if is_this_machine(host):
        return None
    variables = {kind: found for kind in (*DEFAULT_PORTS, "all", "no") if (found := _variable(f"{kind}_proxy"))}
    if not variables:
        return _system_proxy(parts.scheme, parts.netloc)
    source, named = variables.get(parts.scheme) or variables.get("all") or ("", "")
    if not named or is_excluded(host, port, variables.get("no", ("", ""))[1]):
        return None
    return _proxy_url(named, source)


def _variable(name: str) -> tuple[str, str] | None:
    """Return the spelling and the value of an environment's variable; as to curl, an empty one is not set.

    Lower case comes first. In a CGI script, others than `http_proxy` in lower case may come from a request's header.
    """
    others = [each for each in os.environ if each.lower() == name != each]
    if name == "http_proxy" and "REQUEST_METHOD" in os.environ:
        others = []
    for spelling in (name, *others):
        if value := os.environ.get(spelling, "").strip():
            return spelling, value
    return None


def _system_proxy(scheme: str, netloc: str) -> URL | None:
    """Return the proxy in the settings of macOS or Windows, or None."""
    named = urllib.request.getproxies().get(scheme, "").strip()
    if not named or urllib.request.proxy_bypass(netloc):
        return None
    return _proxy_url(named, "the system's proxy setting")


def is_this_machine(host: str) -> bool:
    """Return whether `host` is a loopback address, the address 0.0.0.0 or ::, or a name of this machine.

    Names are `localhost`, those below it, and those that the /etc/hosts of Debian and Red Hat give to it.
    """
    address = _address(host)
    if address is not None:
        return address.is_loopback or address.is_unspecified
    name = host.lower().removesuffix(".")
    return name in LOCAL_NAMES or name.endswith(".localhost")


def is_excluded(host: str, port: int, no_proxy: str) -> bool:
    """Return whether NO_PROXY excludes `host`, as curl documents it.

    Entries are separated by commas or white space. A name excludes itself and the names below it, with or without a
    leading dot; an address excludes itself, a range (`10.0.0.0/8`, `fd00::/8`) the addresses in it, and `*` every
    host. IPv6 may stand in brackets. With a port, an entry holds for that port only. Names are not resolved.
    """
    address = _address(host)
    name = _ascii(host)
    for entry in filter(None, re.split(r"[\s,]+", no_proxy)):
        if entry == "*":
            return True
        pattern, entry_port = _split_port(entry)
        if entry_port not in {None, port}:
            continue
        if address is not None:
            if _is_within(address, pattern):
                return True
        elif (pattern := _ascii(pattern).removeprefix(".")) and f".{name}".endswith(f".{pattern}"):
            return True
    return False


def _ascii(name: str) -> str:
    """Return a name as the resolver compares it: lower case, without a last dot, IDNA-encoded."""
    name = name.removesuffix(".")
    try:
        return name.lower() if name.isascii() else name.encode("idna").decode().lower()
    except UnicodeError:
        return name.lower()


def _split_port(entry: str) -> tuple[str, int | None]:
    """Return the pattern of an entry, without brackets, and its port or None."""
    found = re.fullmatch(r"\[([^\]]*)\](/\d+)?(?::(\d+))?", entry) or re.fullmatch(r"([^:]*)()(?::(\d+))?", entry)
    if found is None:  # an IPv6 address without brackets
        return entry, None
    pattern, bits, port = found.groups()
    return pattern + (bits or ""), int(port) if port else None


def _is_within(address: IPv4Address | IPv6Address, pattern: str) -> bool:
    try:
        return address in ip_network(pattern, strict=False)
    except ValueError:  # a name, or nonsense
        return False


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that `host` is, or None if it is a name."""
    try:
        address = ip_address(host.removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        try:
            # Resolvers take short and hexadecimal forms as well, such as 127.1.
            return IPv4Address(socket.inet_aton(host)) if host[-1:].isalnum() else None
        except OSError:
            return None
    return getattr(address, "ipv4_mapped", None) or address


def _proxy_url(named: str, source: str) -> URL:
    """Return the URL of a proxy; errors do not contain its value, which may hold a password."""
    scheme = named.partition("://")[0].lower() if "://" in named else "http"
    if scheme.startswith("socks"):
        raise InvalidConfigurationError(
            f"{source} holds a {scheme} proxy, which needs a connector for SOCKS, such as aiohttp-socks'; "
            "pass that as connector=..., or name the service's host in NO_PROXY"
        )
    try:
        proxy = URL(named if "://" in named else f"http://{named}")
        valid = proxy.scheme in DEFAULT_PORTS and bool(proxy.host) and bool(proxy.port)
        valid = valid and named.isprintable() and " " not in named
        (proxy.host or "").encode("idna")  # as the resolver will
        # An "@" after the host: a "/", "?" or "#" in the password has ended the host too early.
        valid = valid and "@" not in f"{proxy.raw_path}{proxy.raw_query_string}{proxy.raw_fragment}"
    except ValueError:
        valid = False
    if not valid:
        raise InvalidConfigurationError(
            f"{source} must look like http://host:port, "
            "with special characters in a user name or password percent-encoded"
        )
    return proxy
