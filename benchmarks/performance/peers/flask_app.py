"""Flask alone, on the server that the analyzer runs on: each response is the same.

python -m benchmarks.performance.peers.flask_app PORT
"""

import sys

from credit_analyzer.api import MAX_BODY_BYTES, PATH
from credit_analyzer.http.rsgi_bridge import BufferedRequests
from credit_analyzer.http.server import serve
from flask import Flask, Response

from stack.ports import HOST

ANSWER = '{"score": 0.6196, "decision": "ANALYST", "model_version": "1.0.0"}'

app = Flask(__name__)


@app.post(PATH)
def answer() -> Response:
    """A decision that was made before."""
    return Response(ANSWER, content_type="application/json")


if __name__ == "__main__":
    serve(BufferedRequests(app.wsgi_app, MAX_BODY_BYTES), HOST, int(sys.argv[1]))
