"""What prevents TLS for /metrics is a sentence; that it works: test_securing.py."""

import argparse

import pytest
import trustme
from credit_analyzer.http.metrics_tls import TlsFiles, add_options


@pytest.fixture
def pem(tmp_path):
    """Writes a certificate for this machine and its key: the paths of both."""

    def pem(name):
        signed = trustme.CA().issue_cert("127.0.0.1")
        cert, key = tmp_path / f"{name}.pem", tmp_path / f"{name}.key"
        signed.cert_chain_pems[0].write_to_path(cert)
        signed.private_key_pem.write_to_path(key)
        return cert, key

    return pem


def files(*arguments):
    parser = argparse.ArgumentParser()
    add_options(parser)
    return TlsFiles.from_options(parser.parse_args(arguments))


def test_nothing_asked_for_is_no_tls():
    assert files() is None


@pytest.mark.parametrize("option", ["certfile", "keyfile", "client-cafile"])
def test_one_file_alone_is_refused(option):
    with pytest.raises(OSError, match="needs --metrics-certfile and --metrics-keyfile"):
        files(f"--metrics-{option}=some.pem")


def test_a_key_of_another_certificate_is_named(pem):
    (cert, _), (_, key) = pem("one"), pem("other")
    with pytest.raises(OSError, match=r"one\.pem and .*other\.key are not a cert"):
        TlsFiles(cert, key, None).context()


def test_a_file_that_is_not_there_is_named(pem, tmp_path):
    missing = tmp_path / "missing.pem"
    with pytest.raises(OSError, match=r"missing\.pem and .*No such file"):
        TlsFiles(missing, missing, None).context()
    with pytest.raises(OSError, match=r"missing\.pem holds no certificate"):
        TlsFiles(*pem("one"), missing).context()


def test_a_key_with_a_password_is_refused_rather_than_asked_for(pem):
    from cryptography.hazmat.primitives import serialization as s

    cert, key = pem("one")
    loaded = s.load_pem_private_key(key.read_bytes(), None)
    locked = s.BestAvailableEncryption(b"secret")
    form = s.Encoding.PEM, s.PrivateFormat.PKCS8
    key.write_bytes(loaded.private_bytes(*form, locked))
    with pytest.raises(OSError, match=r"one\.key are not a certificate"):
        TlsFiles(cert, key, None).context()
