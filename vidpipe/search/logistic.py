"""Logistic regression whose weights are never negative, on few examples.

Belongs here: fitting it. Does not: what is learnt and from what (certainty.py).

Every measure is made so that more of it speaks for an answer. A negative weight would be learnt
from chance, or from one measure standing in for another, and would let a better result be believed
less. scikit-learn's regression knows no bounds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

PENALTY = 10.0  # on half the squared weights, against a loss that counts one an example


@dataclass(frozen=True)
class Regression:
    """The logit of an example is `intercept + Σ weight · (value - mean) / deviation`.

    Attributes:
        means: of each measure, shape (measures,).
        deviations: of each measure; 1 where all examples are alike.
        weights: of each measure, at least 0.
        intercept: logit of an example at the means.
    """

    means: Numbers
    deviations: Numbers
    weights: Numbers
    intercept: float

    def logits(self, values: Numbers) -> Numbers:
        """Logits of examples: shape (examples,) of shape (examples, measures).

        What is not known (NaN) counts as the mean.
        """
        logits: Numbers = self.intercept + (
            _standardised(values, self.means, self.deviations) @ self.weights
        )
        return logits


def fit(values: Numbers, is_right: NDArray[np.bool_]) -> Regression:
    """Fits to examples of both kinds, each kind weighing half.

    Args:
        values: shape (examples, measures); NaN where a measure is not known.
        is_right: shape (examples,); at least one of each kind.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    known = np.isfinite(values)
    counts = np.maximum(known.sum(axis=0), 1)
    means = np.where(known, values, 0).sum(axis=0) / counts
    squares = np.where(known, (values - means) ** 2, 0).sum(axis=0) / counts
    deviations = np.where(squares > 1e-12, np.sqrt(squares), 1.0)
    given = _standardised(values, means, deviations)
    signs = np.where(is_right, 1.0, -1.0)
    shares = np.where(is_right, 0.5 / is_right.sum(), 0.5 / (~is_right).sum()) * len(is_right)

    def loss(parameters: Numbers) -> tuple[float, Numbers]:
        weights, intercept = parameters[:-1], parameters[-1]
        surprise = -signs * (given @ weights + intercept)
        slope = -signs * shares * expit(surprise)
        value = np.logaddexp(0, surprise) @ shares + PENALTY * (weights @ weights) / 2
        return float(value), np.append(given.T @ slope + PENALTY * weights, slope.sum())

    measures = values.shape[1]
    bounds = [(0.0, None)] * measures + [(None, None)]
    found = minimize(loss, np.zeros(measures + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    return Regression(means, deviations, found.x[:-1], float(found.x[-1]))


def _standardised(values: Numbers, means: Numbers, deviations: Numbers) -> Numbers:
    standardised: Numbers = np.nan_to_num((values - means) / deviations, nan=0.0)
    return standardised
