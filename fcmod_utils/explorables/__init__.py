"""Explorables: elements of the page that run a trained network in the reader's browser.

The lesion lab, ``<fc-lesion-lab>``, cuts the read-out of a module of the perceptual
decision-making network and shows what becomes of outputs, choices and functional connectivity::

    data = payload(w_in=..., ..., modules=labels, noise=noise, ground_truth=types)
    lesion_lab(data, replaces="fig-lesion")      # in the published page, no kernel needed
    lesion_widgets(redraw, modules=3)            # with a kernel: the same three parameters

``payload`` documents the JSON that Python hands to the page. The ``.js`` files are plain ES
modules; ``bundle`` joins them into one inline script, since pages opened from disk may not
fetch modules.
"""

from .embed import LesionLab, bundle, lesion_lab
from .lesion_data import check, cut_units, decode_floats, encode_floats, payload, simulate
from .widgets import lesion_widgets

__all__ = [
    "LesionLab",
    "bundle",
    "check",
    "cut_units",
    "decode_floats",
    "encode_floats",
    "lesion_lab",
    "lesion_widgets",
    "payload",
    "simulate",
]
