"""Pictures from addresses: never without end, in time or in size."""

import http.client
import time
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from cyclorama.core.errors import InputError

SCHEMES = ("http://", "https://")
# Until the server answers, and until all is here.
ANSWER_S, WHOLE_S = 15.0, 120.0
LARGEST_MB = 64
CHUNK = 1 << 16
# Some servers refuse Python's own name.
HEADERS = {"User-Agent": "cyclorama"}


def is_address(place: str) -> bool:
    """Whether it begins as addresses on the web do."""
    return place.lower().startswith(SCHEMES)


def name_of(address: str) -> str:
    """The last part of its path, or its host."""
    parts = urlsplit(address)
    return unquote(parts.path).rstrip("/").rpartition("/")[2] or parts.netloc


def fetched(address: str) -> bytes:
    """What is there.

    Raises:
        InputError: It can't be reached, answers with an error, takes too long or is too large.
    """
    try:
        with urlopen(Request(address, headers=HEADERS), timeout=ANSWER_S) as answer:
            return _read(answer, address)
    except HTTPError as error:
        raise InputError(
            f"{address}: the server answers {error.code} ({error.reason}); is the address right?"
        ) from error
    except (URLError, http.client.HTTPException, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "reason", None) or error
        raise InputError(
            f"{address}: can't be reached ({reason}); is the address right, and the network there?"
        ) from error


def _read(answer: http.client.HTTPResponse, address: str) -> bytes:
    until, content = time.monotonic() + WHOLE_S, bytearray()
    while chunk := answer.read1(CHUNK):
        content += chunk
        if len(content) > LARGEST_MB << 20:
            raise InputError(f"{address}: is larger than {LARGEST_MB} MB; fetch it yourself and name the file")
        if time.monotonic() > until:
            raise InputError(f"{address}: was not here after {WHOLE_S:g} seconds; fetch it yourself and name the file")
    return bytes(content)
