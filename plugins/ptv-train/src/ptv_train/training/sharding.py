"""Training with FSDP2: parameters, gradients and optimizer states are shared among the ranks."""

from __future__ import annotations

from lightning.pytorch.strategies import ModelParallelStrategy
from torch import nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import fully_shard

from ptv_train.training.learner import Learner

FSDP2 = "fsdp2"


class ShardedStrategy(ModelParallelStrategy):
    """Shares everything among all ranks; checkpoints are whole, one file that loads anywhere."""

    def __init__(self) -> None:
        super().__init__(tensor_parallel_size=1, save_distributed_checkpoint=False)

    def setup_environment(self) -> None:
        """As Lightning's, once the number of ranks is known."""
        self._data_parallel_size = self.num_nodes * self.num_processes
        super().setup_environment()


class ShardedLearner(Learner):
    """A learner whose model is shared among the ranks."""

    def configure_model(self) -> None:
        """Share the model, once."""
        if self.device_mesh is not None and not self._sharded:
            shard(self.model, self.device_mesh)
            self._sharded = True

    _sharded = False


def shard(model: nn.Module, mesh: DeviceMesh) -> None:
    """Share a model among the ranks: block by block, then what is left.

    Args:
        model: what is shared, in place.
        mesh: Lightning's, of which the dimension ``data_parallel`` is used.

    Blocks are the members of the outermost lists and sequences of modules, which run one after the other.
    """
    mesh = mesh["data_parallel"]
    for block in _blocks(model):
        fully_shard(block, mesh=mesh)
    fully_shard(model, mesh=mesh)


def _blocks(module: nn.Module) -> list[nn.Module]:
    found: list[nn.Module] = []
    for child in module.children():
        if isinstance(child, nn.ModuleList | nn.Sequential):
            found += [member for member in child if any(True for _ in member.parameters())]
        else:
            found += _blocks(child)
    return [block for block in found if not isinstance(block, nn.ModuleList | nn.ModuleDict)]
