"""Classifiers: labels to group and to choose by."""

from holdfast.pipeline.classifiers.classifier import (
    Classifier,
    CustomClassifier,
    Everything,
    Latest,
    Quantiles,
)

__all__ = ["Classifier", "CustomClassifier", "Everything", "Latest", "Quantiles"]
