"""Tokens for the peers: they check RS256 tokens but issue none, so the harness does."""

import base64
import json
import subprocess
import time
from pathlib import Path

ISSUER = "berth-bench"
SERVICE = "berth-bench"


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _openssl(*arguments: str, data: bytes | None = None) -> bytes:
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True,
                          check=True).stdout


class TokenIssuer:
    """A key pair in a folder, its certificate (for zot) and key set (for distribution)."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.key = folder / "key.pem"
        self.certificate = folder / "certificate.pem"
        self.key_set = folder / "jwks.json"
        if not self.certificate.exists():
            _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(self.key),
                     "-out", str(self.certificate), "-days", "30", "-subj", "/CN=127.0.0.1",
                     "-addext", "subjectAltName=IP:127.0.0.1")
        modulus = _openssl("x509", "-in", str(self.certificate), "-noout", "-modulus")
        number = bytes.fromhex(modulus.decode().strip().partition("=")[2])
        self.key_set.write_text(json.dumps({"keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "bench",
            "n": _encode(number), "e": "AQAB"}]}))

    def token(self, repositories: list[str], actions: list[str]) -> str:
        now = int(time.time())
        header = {"typ": "JWT", "alg": "RS256", "kid": "bench"}
        access = [{"type": "repository", "name": name, "actions": actions}
                  for name in repositories]
        claims = {"iss": ISSUER, "sub": "bench", "aud": SERVICE, "exp": now + 3600,
                  "nbf": now - 10, "iat": now, "jti": str(now), "access": access}
        signed = (_encode(json.dumps(header).encode()) + "." +
                  _encode(json.dumps(claims).encode()))
        signature = _openssl("dgst", "-sha256", "-sign", str(self.key), data=signed.encode())
        return signed + "." + _encode(signature)
