"""Tables of a fit under the column names of R's broom, for those who go on from there: estimates, fit, residuals."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from asklepion.stats.mmrm.fitting import Fit
from asklepion.stats.mmrm.freedom import Joint, Line
from asklepion.stats.mmrm.prediction import rows_of

_LINE = {"label": "term", "estimate": "estimate", "se": "std.error", "df": "df", "t": "statistic", "p": "p.value"}
_LINE |= {"lower": "conf.low", "upper": "conf.high"}
_JOINT = {"label": "term", "numerator": "num.df", "denominator": "den.df", "f": "statistic", "p": "p.value"}


def tidied(lines: Iterable[Line] | Iterable[Joint]) -> pd.DataFrame:
    """Give one row for each combination or joint test, under broom's names: term, estimate, std.error, df, and so on.

    Joint tests have term, num.df, den.df, statistic (F), p.value.
    """
    each = tuple(lines)
    names = _JOINT if any(isinstance(line, Joint) for line in each) else _LINE
    return pd.DataFrame(
        [{told: getattr(line, own) for own, told in names.items()} for line in each], columns=[*names.values()]
    )


def glanced(fit: Fit) -> pd.DataFrame:
    """Give one row on the whole: AIC, BIC (of subjects), logLik, nobs, n.subjects, df.residual, converged, gradient.

    `df.residual` is nobs less the columns of the mean. `converged` is always true: without an optimum there is no fit.
    """
    row = {
        "AIC": fit.aic,
        "BIC": fit.bic,
        "logLik": fit.log_likelihood,
        "nobs": len(fit.observed.values),
        "n.subjects": fit.subjects,
        "df.residual": len(fit.observed.values) - len(fit.beta),
        "converged": True,
        "gradient": fit.gradient,
        "covariance": fit.structure,
        "method": str(fit.model.method),
    }
    return pd.DataFrame([row])


def residuals(fit: Fit, data: pd.DataFrame) -> pd.DataFrame:
    """Give one row for each row of `data`: subject, visit, value, fitted, raw and scaled residual.

    `raw` is the value less its mean. `scaled` are L^-1 raw of a subject's rows in the order of visits, L L' their
    covariance: uncorrelated and of unit spread where the model is right (nlme's "normalized"). Both are NaN where the
    value is missing. Raises BadInput as `predict` does.
    """
    rows = rows_of(fit, data)
    fitted = rows.design(fit) @ fit.beta
    raw = rows.value - fitted
    scaled = np.full(len(raw), np.nan)
    for places in rows.by_subject:
        seen = places[~np.isnan(rows.value[places])]
        seen = seen[np.argsort(rows.when[seen])]
        if len(seen):
            scaled[seen] = np.linalg.solve(np.linalg.cholesky(rows.covariance(fit, seen)), raw[seen])
    told = {"subject": rows.subjects, "visit": rows.visits, "value": rows.value, "fitted": fitted}
    return pd.DataFrame({**told, "raw": raw, "scaled": scaled}, index=data.index)
