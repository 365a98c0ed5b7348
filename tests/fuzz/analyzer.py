"""The analyzer, watched while it is asked whatever comes to mind."""

import logging
import pickle
from collections import Counter

import numpy as np
from credit_analyzer.api import PATH
from credit_analyzer.app import create_app
from credit_analyzer.methods import KNOWN
from credit_analyzer.model import ARTIFACTS, load
from prometheus_client import CollectorRegistry

# The closed sets of the labels of HTTP metrics; all other series exist from the start.
RULES = {PATH, "/openapi.json", "None"}
STATUSES = {"200", "400", "404", "405", "413", "415", "422"}
HTTP = "flask_http_request_"
OUTCOMES = ("credit_decisions_total", "credit_invalid_applications_total")


class Log(logging.Handler):
    """Every record of every logger."""

    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        self.records.append(record)


class Analyzer:
    """The shipped analyzer."""

    def __init__(self):
        self.registry = CollectorRegistry()
        self.app = create_app(load(), self.registry)
        self.client = self.app.test_client()
        self.log = Log()
        logging.getLogger().addHandler(self.log)
        self._known = self.series()
        with (ARTIFACTS / "model.pkl").open("rb") as file:
            self._tree = pickle.load(file)  # noqa: S301 - the shipped one

    def send(self, method, path, **request):
        """The answer to a request, after a look at what must hold of any."""
        response = self.client.open(path, method=method, **request)
        self.check(method, response)
        return response

    def check(self, method, response):
        """An answer is one that is described, and nothing was logged."""
        assert response.status_code < 500 or response.status_code == 501
        if response.status_code >= 400 and method != "HEAD":
            assert response.content_type == "application/problem+json"
            assert response.json["status"] == response.status_code
        assert self.log.records == []

    def series(self):
        """Every series that it exports, as a name and labels."""
        return {
            (sample.name, *sample.labels.items())
            for family in self.registry.collect()
            for sample in family.samples
        }

    def check_series(self):
        """None was added that is not of a closed set."""
        for name, *labels in self.series() - self._known:
            found = dict(labels)
            assert name.startswith(HTTP)
            assert found["method"] in KNOWN
            assert found["status"] in STATUSES
            assert found.get("url_rule", "None") in RULES

    def outcomes(self):
        """How many applications were decided or refused, by the series that says so."""
        registry = self.registry.restricted_registry(OUTCOMES)
        return Counter(
            {
                (sample.name, *sample.labels.values()): int(sample.value)
                for family in registry.collect()
                for sample in family.samples
            }
        )

    def expected(self, application):
        """The score and the decision that scikit-learn and the policy lead to."""
        row = np.array([application.encode()], dtype=np.float32)
        score = self._tree.predict_proba(row)[0, 1]
        decision = (
            "APPROVED" if score >= 0.65 else "DENIED" if score < 0.4 else "ANALYST"
        )
        return round(float(score), 4), decision

    def close(self):
        """Ends the watch: no series was added, and what is counted twice agrees."""
        logging.getLogger().removeHandler(self.log)
        self.check_series()
        totals = Counter()
        for family in self.registry.collect():
            for sample in family.samples:
                totals[sample.name] += sample.value
        for signal in ("score", "monthly_income_brl", "loan_amount_brl"):
            assert totals[f"credit_{signal}_count"] == totals["credit_decisions_total"]
