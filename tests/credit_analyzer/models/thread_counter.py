"""A model that decides like any other, and writes how many threads it may use."""

from pathlib import Path

from threadpoolctl import threadpool_info


class ThreadCounter:
    def __init__(self, classifier, file):
        self.classifier = classifier
        self.file = Path(file)
        self.n_features_in_ = classifier.n_features_in_
        self.classes_ = classifier.classes_

    def predict_proba(self, rows):
        pools = [pool for pool in threadpool_info() if pool["user_api"] == "openmp"]
        self.file.write_text(" ".join(str(pool["num_threads"]) for pool in pools))
        return self.classifier.predict_proba(rows)
