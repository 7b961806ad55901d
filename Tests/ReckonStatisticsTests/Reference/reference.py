"""Values that ReckonStatistics is held against.

python3 -m venv venv && venv/bin/pip install scipy==1.17.1 statsmodels==0.15.0 mpmath==1.4.1
venv/bin/python reference.py > reference.json
"""

import json

import mpmath
import numpy as np
from scipy import special, stats
from statsmodels.stats.multitest import multipletests

mpmath.mp.dps = 40
rng = np.random.default_rng(20)


def small_samples():
    yield [1.0, 2.0, -0.5, 3.0, 0.25, -1.5, 2.5, 1.0]
    yield [0.0, 0.0, 1.0, 0.0, -1.0, 2.0, 0.0, 0.0, 1.0, 1.0, 0.0]
    yield [5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0]
    for size in (6, 9, 12):
        yield [round(float(x), 3) for x in rng.normal(0.6, 1.0, size)]


def flips(sample):
    result = {"sample": sample}
    for name, side in (("p", "two-sided"), ("above", "greater")):
        test = stats.permutation_test(
            (np.array(sample),), np.mean, permutation_type="samples", n_resamples=np.inf, alternative=side
        )
        result[name] = float(test.pvalue)
    return result


def bootstrap(sample):
    interval = stats.bootstrap(
        (np.array(sample),), np.mean, n_resamples=400_000, batch=20_000, method="BCa", rng=np.random.default_rng(1)
    ).confidence_interval
    return {"sample": sample, "low": float(interval.low), "high": float(interval.high)}


def wide_samples():
    yield [round(float(x), 4) for x in rng.normal(0.3, 1.0, 60)]
    yield [round(float(x), 4) for x in rng.exponential(1.0, 80)]
    zeros = rng.random(120) < 0.6
    yield [0.0 if z else round(float(x), 4) for z, x in zip(zeros, rng.lognormal(0, 1, 120) - 1.2)]


def mixture(wins, losses):
    log = special.betaln(wins + 1, losses + 1) + (wins + losses) * np.log(2)
    return {"wins": wins, "losses": losses, "log_capital": float(log)}


def betting(sample, mean):
    """The hedged capital of Waudby-Smith and Ramdas, theorem 3, written from the paper and not from our code."""
    x = np.array(sample)
    t = np.arange(1, len(x) + 1)
    running = (0.5 + np.cumsum(x)) / (t + 1)
    variance = (0.25 + np.cumsum((x - running) ** 2)) / (t + 1)
    before = np.append(0.25, variance[:-1])
    bets = np.sqrt(2 * np.log(2 / 0.05) / (before * t * np.log(t + 1)))
    up = np.cumprod(1 + np.minimum(bets, 0.5 / mean) * (x - mean))
    down = np.cumprod(1 - np.minimum(bets, 0.5 / (1 - mean)) * (x - mean))
    return {
        "sample": sample,
        "mean": mean,
        "above": float(min(1, 1 / max(1, (up / 2).max()))),
        "below": float(min(1, 1 / max(1, (down / 2).max()))),
    }


def shares():
    yield [round(float(x), 4) for x in rng.beta(2, 3, 150)]
    yield [round(float(x), 4) for x in rng.beta(9, 1, 60)]


p_values = [0.01, 0.04, 0.03, 0.005, 0.2, 0.04, 1.0]
print(
    json.dumps(
        {
            "exp": [[x, float(mpmath.exp(mpmath.mpf(x)))] for x in (-700.0, -40.5, -1.0, -1e-9, 0.0, 0.3, 1.0, 30.25, 700.0)],
            "log": [[x, float(mpmath.log(mpmath.mpf(x)))] for x in (1e-300, 1e-8, 0.3, 0.999, 1.0, 1.0001, 2.0, 10.0, 1e300)],
            "share": [[x, float(special.ndtr(x))] for x in (-30.0, -8.0, -3.5, -3.0, -1.96, -0.1, 0.0, 0.7, 2.9, 3.1, 6.0)],
            "quantile": [[p, float(special.ndtri(p))] for p in (1e-200, 1e-12, 1e-5, 0.025, 0.3, 0.5, 0.6, 0.975, 0.999999)],
            "flips": [flips(s) for s in small_samples()],
            "bootstrap": [bootstrap(s) for s in wide_samples()],
            "holm": {"p": p_values, "adjusted": [float(x) for x in multipletests(p_values, method="holm")[1]]},
            "proportions": [
                {"hits": k, "count": n, "level": a, "upper": float(stats.beta.ppf(1 - a, k + 1, n - k))}
                for k, n, a in ((0, 100, 0.025), (3, 100, 0.025), (29, 100, 0.0005), (0, 2000, 0.025), (150, 2000, 0.025))
            ],
            "mixture": [mixture(w, l) for w, l in ((1, 0), (5, 2), (40, 10), (900, 1100), (3000, 10))],
            "betting": [betting(s, m) for s in shares() for m in (0.2, 0.38, 0.5, 0.8)],
        },
        indent=1,
    )
)
