"""Sends one application to a credit analyzer."""

import json
import random
import socket
import threading
import time
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests

from .forms import Fields, to_query

PATH = "/api/v1/credit-analyzer/"
TIMEOUT_SECONDS = 5.0

# The sentences of the GET form, as the JSON form names the decisions.
DECISION_OF_STATUS = {
    "Approved": "APPROVED",
    "Denied": "DENIED",
    "Could not automatically decide. An analyst should review this case": "ANALYST",
}


class AnalyzerUnavailable(Exception):
    """No analyzer answers. The message says where, for how long, and why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `outcome` is decided, refused (4xx) or failed (the rest).

    `decision` is the decision if there is one.
    """

    outcome: str
    decision: str | None = None


class AnalyzerClient:
    """A client of the API, safe to use from several threads."""

    def __init__(self, url: str, form: str) -> None:
        """`url` is where the analyzer listens, `form` is "get" or "post"."""
        self.url = url
        self._form = form
        self._local = threading.local()

    def wait_until_ready(self, seconds: float) -> None:
        """Returns once the analyzer is healthy.

        Raises `AnalyzerUnavailable` if it is not within `seconds`.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                address = urljoin(self.url, "/healthz")
                _session().get(address, timeout=1).raise_for_status()
                return
            except requests.RequestException as error:
                if time.monotonic() > deadline:
                    raise AnalyzerUnavailable(
                        f"no credit analyzer at {self.url} within {seconds:g} s "
                        f"({type(error).__name__}); is it running, and is that its URL?"
                    ) from error
            time.sleep(0.2)

    def send(self, fields: Fields) -> Answer:
        """Sends an application."""
        try:
            response = self._request(fields)
            if response.status_code == 200:
                return Answer("decided", self._decision(response))
            refused = 400 <= response.status_code < 500
            return Answer("refused" if refused else "failed")
        except (OSError, KeyError, TypeError, ValueError):
            # No address, no answer, or one in a form that no version of the API has.
            return Answer("failed")

    def _request(self, fields: Fields) -> requests.Response:
        if not hasattr(self._local, "session"):
            self._local.session = _session()
        session: requests.Session = self._local.session
        endpoint = urljoin(self._replica(), PATH)
        if self._form == "get":
            query = to_query(fields)
            return session.get(endpoint, params=query, timeout=TIMEOUT_SECONDS)
        return session.post(endpoint, json=fields, timeout=TIMEOUT_SECONDS)

    def _replica(self) -> str:
        """The URL of any one of the replicas behind the name, looked up each time.

        A connection to the name would stay with the replica that it was made to; and
        which one that is, is not left to chance: of several addresses the C library
        prefers the one that resembles its own. HTTPS needs the name.
        """
        url = urlsplit(self.url)
        if url.scheme != "http":
            return self.url
        port = url.port or 80
        found = socket.getaddrinfo(url.hostname, port, type=socket.SOCK_STREAM)
        address = str(random.choice(found)[4][0])
        return (
            f"http://[{address}]:{port}"
            if ":" in address
            else (f"http://{address}:{port}")
        )

    def _decision(self, response: requests.Response) -> str:
        answer = response.json()
        if self._form == "get":
            # It is an object in a string.
            return DECISION_OF_STATUS[json.loads(answer)["status"]]
        decision: str = answer["decision"]
        return decision


def _session() -> requests.Session:
    """A session that asks no proxy: the analyzer is nearby."""
    session = requests.Session()
    session.trust_env = False
    return session
