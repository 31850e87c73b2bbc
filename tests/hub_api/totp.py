"""Time-based one-time passwords (RFC 6238) as an authenticator app makes them."""

import base64
import hmac
import struct
import time


def code_of(secret, moment=None):
    """The six digits of the base32 `secret` at `moment` (Unix seconds, now by default)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = struct.pack(">Q", int((time.time() if moment is None else moment) // 30))
    digest = hmac.digest(key, counter, "sha1")
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset:offset + 4])[0] & 0x7fffffff
    return f"{number % 1_000_000:06d}"
