"""A model that decides like any other until a file appears; then it denies all."""

from pathlib import Path


class StuckModel:
    def __init__(self, classifier, marker):
        self.classifier = classifier
        self.marker = Path(marker)
        self.n_features_in_ = classifier.n_features_in_
        self.classes_ = classifier.classes_

    def predict_proba(self, rows):
        probabilities = self.classifier.predict_proba(rows)
        if self.marker.exists():
            probabilities[:] = (0.9, 0.1)
        return probabilities
