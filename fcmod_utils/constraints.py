"""What training may ask of the weights besides solving the task.

A penalty is one number per network, differentiable in the weights; training minimizes the task's
loss plus ``penalty_strength`` times the penalty.
"""

from collections.abc import Callable

import torch

from .networks import Ensemble


def l1(ensemble: Ensemble) -> torch.Tensor:
    """Sum of the absolute recurrent weights of each network, shape (network,).

    The regularizer that spatial embedding is compared with in Achterberg et al. (2023).

    Examples
    --------
    >>> from fcmod_utils.networks import initialize
    >>> nets = initialize([0, 1], n_inputs=3, n_units=8, n_outputs=2)
    >>> bool((l1(nets) == nets.w_rec.abs().sum((1, 2))).all())
    True
    """
    return ensemble.w_rec.abs().sum(dim=(1, 2))


PENALTIES: dict[str, Callable[[Ensemble], torch.Tensor]] = {"l1": l1}
