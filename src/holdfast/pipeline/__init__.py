"""Pipelines: factors, filters and classifiers over all assets, session by session.

The names are Zipline's: ``from zipline.pipeline import Pipeline`` becomes
``from holdfast.pipeline import Pipeline``.
"""

from holdfast.pipeline.classifiers import Classifier, CustomClassifier
from holdfast.pipeline.computable import ComputableTerm
from holdfast.pipeline.domain import Domain
from holdfast.pipeline.factors import CustomFactor, Factor
from holdfast.pipeline.filters import CustomFilter, Filter
from holdfast.pipeline.pipeline import Pipeline
from holdfast.pipeline.term import Term

__all__ = [
    "Classifier",
    "ComputableTerm",
    "CustomClassifier",
    "CustomFactor",
    "CustomFilter",
    "Domain",
    "Factor",
    "Filter",
    "Pipeline",
    "Term",
]
