"""The same over TLS: a certificate that clients verify, and a new one without a restart."""

import http.client
import signal
import ssl
import time

from berth_server import Berth
from checks import require, require_equal
from harness import attempt, require_layout, run, tool
from images import Image, write_layout
from ports import free_port

RELOAD_SECONDS = 10


class TlsBerth(Berth):
    """A server that is asked for its readiness over TLS."""

    def ready(self):
        trusting = ssl.create_default_context()
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=2, context=trusting)
        try:
            connection.request("GET", self.READY_PATH)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def certificate(self):
        return ssl.get_server_certificate(("127.0.0.1", self.port))


def _make_certificate(folder, name):
    """A certificate for 127.0.0.1 that is its own authority; returns its file and its key's."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate)
    return certificate, key


def check(context):
    skopeo = tool("skopeo")
    if not skopeo:
        context.checks.skip("skopeo over TLS", "not installed")
        return
    work = context.folder("tls")
    certificate, key = _make_certificate(work, "first")
    first = certificate.read_text()
    server = TlsBerth(context.server.program, work / "data", free_port(), log=work / "berth.log",
                      options=["--tls-cert", str(certificate), "--tls-key", str(key)])
    server.start()
    try:
        _check(context.checks, server, skopeo, work, first)
    finally:
        server.stop()


def _check(checks, server, skopeo, work, first):
    image = Image("tls")
    reference = f"docker://127.0.0.1:{server.port}/admin/tls:v1"
    password = f"admin:{server.admin_password()}"
    certificate, key = work / "first.pem", work / "first.key"
    (work / "empty").mkdir()
    (work / "trusted.pem").write_text(first)
    trust = {"SSL_CERT_FILE": str(work / "trusted.pem"), "SSL_CERT_DIR": str(work / "empty")}

    with checks.check("TLS: push, verified"):
        layout = write_layout(work / "image", image)
        run(skopeo, "copy", "--dest-creds", password, f"oci:{layout}:v1", reference, env=trust)
    with checks.check("TLS: pull, verified, every byte the same"):
        run(skopeo, "copy", "--src-creds", password, reference, f"oci:{work / 'pulled'}:v1", env=trust)
        require_layout(work / "pulled", image.digest)
    with checks.check("TLS: a certificate that nobody vouches for is not trusted"):
        status, output = attempt(skopeo, "inspect", "--creds", password, reference)
        require(status != 0 and "x509" in output, f"exit status {status}: {output[-500:]}")
    with checks.check("TLS: SIGHUP brings a new certificate, and the server stays"):
        second, second_key = _make_certificate(work, "second")
        certificate.write_text(second.read_text())
        key.write_text(second_key.read_text())
        server.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + RELOAD_SECONDS
        while server.certificate().strip() != second.read_text().strip():
            require(time.monotonic() < end, "still the old certificate")
            time.sleep(0.05)
        (work / "trusted.pem").write_text(second.read_text())
        run(skopeo, "inspect", "--creds", password, reference, env=trust)
    with checks.check("TLS: SIGHUP with a broken certificate keeps the one before"):
        before = server.certificate()
        certificate.write_text("not a certificate\n")
        server.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + RELOAD_SECONDS
        # The refusal is told in the log.
        while not any("certificate" in line and '"level":"' in line and '"level":"info"' not in line
                      for line in server.log_tail(20).splitlines()):
            require(time.monotonic() < end, "the log says nothing:\n" + server.log_tail(5))
            time.sleep(0.05)
        require_equal("the certificate", server.certificate(), before)
        require(server.running(), "the server ended")
