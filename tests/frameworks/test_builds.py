"""What builds say of graphics cards, read from stand-ins of their metadata."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fwconformance.frameworks._builds import Build, of_jax, of_mxnet, of_tensorflow, of_torch


def a_torch(*, cuda=None, hip=None, flags=None, cudnn=None, nccl=None):
    native = SimpleNamespace() if flags is None else SimpleNamespace(_cuda_getArchFlags=lambda: flags)
    return SimpleNamespace(
        _C=native,
        version=SimpleNamespace(cuda=cuda, hip=hip),
        backends=SimpleNamespace(cudnn=SimpleNamespace(version=lambda: cudnn)),
        distributed=SimpleNamespace(is_available=lambda: True, is_nccl_available=lambda: nccl is not None),
        cuda=SimpleNamespace(nccl=SimpleNamespace(version=lambda: nccl)),
    )


def test_torch_for_cuda():
    torch = a_torch(cuda="13.2", flags="sm_80 sm_90", cudnn=92600, nccl=(2, 30, 7))
    assert of_torch(torch).gpu() == {
        "kind": "CUDA 13.2",
        "architectures": ["sm_80", "sm_90"],
        "libraries": {"cuDNN": "92600", "NCCL": "2.30.7"},
    }


def test_torch_for_rocm():
    assert of_torch(a_torch(hip="6.4")) == Build(kind="ROCm 6.4")


def test_torch_for_cpus_says_nothing():
    assert of_torch(a_torch()).gpu() == {"kind": "", "architectures": [], "libraries": {}}


def test_torch_that_names_no_architectures():
    assert of_torch(a_torch(cuda="10.2")) == Build(kind="CUDA 10.2")


def a_tensorflow(**told):
    return SimpleNamespace(sysconfig=SimpleNamespace(get_build_info=lambda: told))


def test_tensorflow_for_cuda():
    told = {"is_cuda_build": True, "cuda_version": "12.5", "cudnn_version": "9", "cuda_compute_capabilities": ["sm_90"]}
    assert of_tensorflow(a_tensorflow(**told)) == Build(
        kind="CUDA 12.5", architectures=("sm_90",), libraries={"cuDNN": "9"}
    )


@pytest.mark.parametrize("told", [{}, {"is_cuda_build": False, "is_rocm_build": False, "cuda_version": "12.5"}])
def test_tensorflow_for_cpus_says_nothing(told):
    assert of_tensorflow(a_tensorflow(**told)) == Build()


def test_tensorflow_for_rocm():
    assert of_tensorflow(a_tensorflow(is_rocm_build=True, rocm_version="6.4")) == Build(kind="ROCm 6.4")


def test_jax_is_for_cuda_by_a_plug_in_of_its_own_version():
    installed = {"jaxlib": "0.10.2", "jax-cuda12-plugin": "0.10.2", "numpy": "2.0"}
    assert of_jax("0.10.2", installed) == Build(kind="CUDA 12", libraries={"jax-cuda12-plugin": "0.10.2"})


def test_jax_leaves_out_a_plug_in_of_another_version():
    assert of_jax("0.10.2", {"jax-cuda12-plugin": "0.9.0"}) == Build()


def test_jax_without_a_plug_in_is_for_cpus():
    assert of_jax("0.10.2", {"jaxlib": "0.10.2", "my-jax-cuda12-plugin": "0.10.2"}) == Build()


def features(*enabled):
    return SimpleNamespace(is_enabled=lambda name: name in enabled)


def test_mxnet_for_cuda_names_no_version():
    assert of_mxnet(features("CUDA", "CUDNN")) == Build(kind="CUDA", libraries={"cuDNN": ""})


def test_mxnet_for_cpus_says_nothing():
    assert of_mxnet(features("MKLDNN", "NCCL")) == Build()
