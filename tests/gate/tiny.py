"""A tiny package with a suite, for checks with real asv."""

import json

WORK = """
def add(n):
    total = 0
    for i in range(n):
        total += i
    return total


def mul(n):
    total = 1
    for i in range(n):
        total = total * 3 % 1000003
    return total
"""
SUITE = """
import tiny

def time_add():
    tiny.add(20_000)

def time_mul():
    tiny.mul(10_000)

class Sizes:
    params = [["quick", "full"]]
    param_names = ["tier"]

    def track_result(self, tier):
        return tiny.add(1000)

    track_result.unit = "fingerprint"
"""
CONFIG = {
    "version": 1, "project": "tiny", "repo": ".", "branches": ["main"],
    "environment_type": "virtualenv", "env_dir": ".asv",
    "build_command": [
        "python -m pip wheel --no-deps --no-build-isolation -w {build_cache_dir} {build_dir}"
    ],
    "install_command": [
        "in-dir={env_dir} python -m pip install --no-deps --force-reinstall {wheel_file}"
    ],
    "matrix": {"req": {"setuptools": ["82.0.1"], "wheel": ["0.47.0"], "asv_runner": ["0.3.2"]}},
}  # fmt: skip
BUILD = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "tiny"
version = "0.1"
[tool.setuptools]
py-modules = ["tiny"]
"""
FILES = {
    "asv.conf.json": json.dumps(CONFIG),
    "pyproject.toml": BUILD,
    "tiny.py": WORK,
    "benchmarks/__init__.py": "",
    "benchmarks/b.py": SUITE,
    "benchmarks/policy.toml": "[measure]\nbench = ['^[^(]*$', \"\\\\('quick'\"]\n",
    ".gitignore": "/results/\n/.asv/\n__pycache__/\n",
}
