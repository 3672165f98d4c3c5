import pytest

from .fake_bench import fake_bench as fake_bench
from .trees import Tree


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path / "results")
