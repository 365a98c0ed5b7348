"""The analyzer, watched while arbitrary requests are sent to it."""

import json
import logging
import pickle
from collections import Counter

import numpy as np
from credit_analyzer.api import PATH
from credit_analyzer.app import KNOWN_METHODS, create_app
from credit_analyzer.model import ARTIFACTS, CARD, load
from prometheus_client import CollectorRegistry

# The closed sets of the labels of HTTP metrics; all other series exist from the start.
RULES = {PATH, "/", "/docs", "/openapi.json", "/static/<path:filename>", "None"}
STATUSES = {"200", "304", "400", "404", "405", "413", "415", "422"}
HTTP = "flask_http_request_"
REFUSED = "credit_refused_applications_total"
DECIDED = "credit_decisions_total"
COUNTED = (
    DECIDED,
    REFUSED,
    "credit_decisions_by_education_level_total",
    "credit_decisions_by_profession_type_total",
)
# The card as data, for expectations that do not depend on the code that reads it.
WRITTEN = json.loads((ARTIFACTS / CARD).read_text())
EDUCATION_LEVELS = WRITTEN["inputs"]["education_level"]["enum"]
PROFESSION_TYPES = WRITTEN["inputs"]["profession_type"]["enum"]
FIELDS = ("education_level", "profession_type", "loan_amount", "monthly_income")
MAX_BRL = 1_000_000_000


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
        with (ARTIFACTS / WRITTEN["file"]).open("rb") as file:
            self._tree = pickle.load(file)  # noqa: S301 - the shipped one

    def send(self, method, path, **request):
        """The response to a request, which has what every response must have."""
        response = self.client.open(path, method=method, **request)
        self.check(method, response)
        return response

    def check(self, method, response):
        """A response is one that is described, and nothing was logged."""
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
        """No series was added whose labels are not from a closed set."""
        for name, *labels in self.series() - self._known:
            found = dict(labels)
            assert name.startswith(HTTP)
            assert found["method"] in KNOWN_METHODS - {"HEAD", "OPTIONS"}
            assert found["status"] in STATUSES
            assert found.get("url_rule", "None") in RULES

    def counts(self):
        """The counters of decisions and refusals, by name and labels."""
        registry = self.registry.restricted_registry(COUNTED)
        return Counter(
            {
                (sample.name, *sample.labels.values()): int(sample.value)
                for family in registry.collect()
                for sample in family.samples
            }
        )

    def check_refused(self, before):
        """One application was refused since `before`, and none was decided."""
        [(counter, times)] = (self.counts() - before).items()
        assert (counter[0], times) == (REFUSED, 1)

    def check_decided(self, before, application):
        """This application was decided since `before`. Returns score and decision.

        It is an (education level, profession type, loan amount, monthly income).
        """
        score, decision = self._expected(*application)
        card = WRITTEN["name"], WRITTEN["version"]
        by_education, by_profession = COUNTED[2:]
        assert self.counts() - before == Counter(
            [
                (DECIDED, *card, decision),
                (by_education, *card, application[0], decision),
                (by_profession, *card, application[1], decision),
            ]
        )
        return score, decision

    def _expected(self, education, profession, loan, income):
        """The score and the decision that scikit-learn and the policy lead to."""
        values = {
            "loan_amount": loan,
            "monthly_income": income,
            f"education_level={education}": 1,
            f"profession_type={profession}": 1,
        }
        row = [[values.get(column, 0) for column in WRITTEN["columns"]]]
        score = self._tree.predict_proba(np.array(row, dtype=np.float32))[0, 1]
        decision = (
            "APPROVED" if score >= 0.65 else "DENIED" if score < 0.4 else "ANALYST"
        )
        return round(float(score), 4), decision

    def close(self):
        """Ends the watch: no series was added, and all metrics agree on the counts."""
        logging.getLogger().removeHandler(self.log)
        self.check_series()
        totals, cells = Counter(), Counter()
        for family in self.registry.collect():
            for sample in family.samples:
                totals[sample.name] += sample.value
                if sample.name == "model_cells_total":
                    labels = sample.labels
                    cells[labels["signal"], labels["kind"]] += sample.value
        decided = totals[DECIDED]
        for name in ("score", "monthly_income_brl", "loan_amount_brl"):
            assert totals[f"credit_{name}_count"] == decided
        for name in (*FIELDS, "decision", "score", "decision_by_education_level"):
            assert cells[name, "all"] == decided
        assert cells["validity", "all"] == decided + totals[REFUSED]
