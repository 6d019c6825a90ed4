"""Certificate authorities and certificates for checks, made by the openssl command."""
import pathlib
import subprocess


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Authority:
    """Keeps its files in `folder`. `certificate`: the path of its own."""

    def __init__(self, folder, name):
        self._folder, self._name = pathlib.Path(folder), name
        self.certificate, self._key = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        _openssl("req", "-x509", *_CURVE, "-keyout", str(self._key), "-out", str(self.certificate), "-subj", f"/CN={name}", "-days", "2")
        self._serial = 0

    def issue(self, name, names="DNS:localhost,IP:127.0.0.1", days=90):
        """Returns the paths of a certificate and its key. With negative `days`, it has expired."""
        self._serial += 1
        base = self._folder / f"{self._name}-{name}-{self._serial}"
        certificate, key, request, extensions = (base.with_suffix(suffix) for suffix in (".pem", ".key", ".csr", ".ext"))
        extensions.write_text(f"subjectAltName={names}\n")
        _openssl("req", *_CURVE, "-keyout", str(key), "-out", str(request), "-subj", f"/CN={name}")
        _openssl("x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey", str(self._key), "-set_serial", str(1000 + self._serial),
                 "-days", str(days), "-extfile", str(extensions), "-out", str(certificate))
        return certificate, key


def install(pair, certificate, key):
    """Replaces the files of a server by those of `pair`, each at once, as tools that renew certificates do."""
    for source, target in zip(pair, (certificate, key)):
        fresh = target.with_suffix(target.suffix + ".new")
        fresh.write_bytes(source.read_bytes())
        fresh.rename(target)
