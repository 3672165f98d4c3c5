import pytest

from .trees import Tree


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path / "results")
