#!/usr/bin/env bash
# Usage: examples/cluster/test.sh
# The examples for Ray and Optuna with the optimised program (RECKON=), in a throw-away virtual environment.
# Needs python3 and python3-venv. Ends with 75 where what it needs cannot be fetched from PyPI.
set -euo pipefail
cd "$(dirname "$0")/../.."

RECKON=${RECKON:-.build/release/reckon-simulate}
if ! [ -x "$RECKON" ]; then
    echo "no program at $RECKON; type: swift build -c release --product reckon-simulate, or set RECKON" >&2
    exit 1
fi
if ! python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Python 3.11 or its venv is absent; type: apt-get install -y python3 python3-venv" >&2
    exit 1
fi
export RECKON RAY_USAGE_STATS_ENABLED=0 PYTHONDONTWRITEBYTECODE=1
# Ray lets its workers yield to all others; beside other jobs they would hardly run at all.
export RAY_worker_niceness=0
# A cluster that runs here for other reasons is none of this test's business.
unset RAY_ADDRESS

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
echo "==> Installing Ray and Optuna (under 1 minute)"
python3 -m venv "$room/venv"
if ! "$room/venv/bin/pip" install --quiet --disable-pip-version-check \
    -r examples/cluster/requirements.txt -r examples/optuna/requirements.txt; then
    echo "Ray and Optuna cannot be fetched from PyPI" >&2
    exit 75
fi
echo "==> A comparison on a local cluster, with processes killed (under 1 minute)"
"$room/venv/bin/python" examples/cluster/test_cluster.py
echo "==> A search for parameters (under 1 minute)"
"$room/venv/bin/python" examples/optuna/test_search.py
echo "==> The examples work"
