"""Refuses HTTP methods that no standard names.

The HTTP metrics are labelled by method, and a client may invent as many as it likes;
each would be a new series for ever. They end here, before anything counts them.
"""

from collections.abc import Iterable
from http import HTTPMethod
from typing import TYPE_CHECKING

from .problem import problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# QUERY is younger than the list that Python has.
KNOWN = frozenset(HTTPMethod) | {"QUERY"}


def refuse_unknown_methods(application: "WSGIApplication") -> "WSGIApplication":
    """`application`, behind a 501 (RFC 9110, 9.1) for unknown methods."""

    def guarded(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in KNOWN:
            return application(environ, start_response)
        return problem(501, "This HTTP method is unknown.")(environ, start_response)

    return guarded
