"""What Keras needs of torchax, without either: stand-ins of torch and of its tensors."""

from __future__ import annotations

from types import SimpleNamespace

from fwconformance.frameworks._torchax import taken_by_keras


class Tensor:
    is_meta = True

    def __init__(self, value):
        self.value = value

    def __mul__(self, other):
        return Tensor(self.value * other)

    def add_(self, other):
        self.value += other.value

    def sqrt(self):
        return Tensor(self.value**0.5)


def stand_ins():
    return SimpleNamespace(_foreach_add_=None, _foreach_sqrt=None), SimpleNamespace(
        tensor=SimpleNamespace(Tensor=Tensor)
    )


def test_operations_on_lists_are_done_to_one_tensor_after_another():
    torch, torchax = stand_ins()
    weights, gradients = [Tensor(1.0), Tensor(2.0)], [Tensor(10.0), Tensor(20.0)]
    with taken_by_keras(torch, torchax):
        torch._foreach_add_(weights, gradients, alpha=0.5)
        roots = torch._foreach_sqrt([Tensor(4.0), Tensor(9.0)])
    assert [each.value for each in weights] == [6.0, 12.0]
    assert [each.value for each in roots] == [2.0, 3.0]


def test_its_tensors_do_not_pass_for_empty_ones_and_all_is_restored():
    torch, torchax = stand_ins()
    with taken_by_keras(torch, torchax):
        assert not Tensor(1.0).is_meta
    assert Tensor(1.0).is_meta
    assert torch._foreach_add_ is None
