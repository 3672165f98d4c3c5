import pytest

from .fake_asv import fake_asv as fake_asv
from .trees import Tree


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path / "results")
