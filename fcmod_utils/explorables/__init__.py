"""Explorables: elements of the page that run a network in the reader's browser.

The lesion lab, ``<fc-lesion-lab>``, cuts the read-out of a module of the perceptual
decision-making network and shows what becomes of outputs, choices and functional connectivity::

    data = payload(ensemble[k], labels, trials)  # one network, its modules, balanced trials
    lesion_lab(data, replaces="fig-lesion")  # in the published page, no kernel needed
    lesion_widgets(redraw, data["module_names"], data["start"])  # with a kernel: the same controls

The module maker, ``<fc-module-maker>``, makes input weights by a recipe and shows which modules
follow; nothing in it is trained, and the page computes all but the curves of q::

    module_maker(maker_payload(), replaces="fig-maker")
    maker_widgets(redraw)  # with a kernel; redraw(model, at, noise, draw), see maker_weights

The phase portrait, ``<fc-phase-portrait>``, runs a state over the flow of a network whose inputs
the reader moves and whose units the reader cuts out::

    data = portrait_payload([portrait_network("go_nogo", ensemble[k], labels, plane, points, trials)])
    phase_portrait(data, replaces="fig-portrait")
    portrait_widgets(redraw, data)  # with a kernel; redraw(network, inputs, units, start)

The thalamus map, ``<fc-thalamus-map>``, takes a nucleus out of the thalamus of a mouse and shows what
becomes of the similarity of thalamic input, of its modules and of its relation to connectivity::

    thalamus_map(thalamus_payload(cortex))  # beside the figures: it replaces none
    thalamus_widgets(redraw, nuclei)  # with a kernel; redraw(without, distance), see thalamus_picture

The Lab, ``<fc-lab>``, trains networks in the page, takes them apart and compares them with the book's::

    data = lab_payload(trained, k, {task: ensemble_scores(task, trained.ensemble, trials)})
    lab(data, replaces="fig-lab")

The digit lab, ``<fc-digit-lab>``, reads what the reader draws and shows the hidden units by the
modules of that digit, beside the partitions of the two digits most like it::

    data = digit_payload(nets[k], labels, digits)  # one network, its modules for each digit
    digit_lab(data, replaces="fig-digit-lab")
    digit_widgets(redraw)  # with a kernel; redraw(example, erased), see digit_picture

The wiring box, ``<fc-wiring-box>``, turns spatially embedded networks in their box, along the strength
of their penalty and along training, and says what a unit pays for its place::

    wiring_box(wiring_payload(wiring_story()), replaces="fig-box")

The growing sheet, ``<fc-growing-sheet>``, plays the training of a network whose neurons change places,
shows others along the strength of their penalty, and cuts its clusters one by one::

    growing_sheet(growing_payload(growth.story(), names, (20, 20)), replaces="fig-sheet")

``payload``, ``maker_payload``, ``thalamus_payload``, ``digit_payload``, ``wiring_payload``,
``growing_payload`` and ``portrait_network`` document the JSON that Python hands to the page. The ``.js``
files are plain ES modules; ``bundle`` joins them into one inline script, since pages opened from disk may
not fetch modules.
"""

from ..exchange import decode_floats, encode_floats
from .digit_data import as_mnist, check_digits, digit_payload, example_digits, read_digit
from .digit_picture import digit_picture
from .embed import (
    Explorable,
    bundle,
    digit_lab,
    growing_sheet,
    lab,
    lesion_lab,
    module_maker,
    phase_portrait,
    thalamus_map,
    wiring_box,
)
from .growing_data import check_growing, growing_payload, most_telling
from .growing_picture import growing_picture
from .lab_data import check_lab, ensemble_scores, lab_payload
from .lab_scores import network_scores
from .lesion_data import check, payload
from .maker_data import check_maker, maker_payload, maker_weights
from .maker_picture import maker_picture
from .portrait_data import check_portrait, portrait_network, portrait_payload
from .portrait_widgets import portrait_widgets
from .thalamus_data import check_thalamus, similarity_without, thalamus_payload
from .thalamus_picture import thalamus_picture
from .widgets import digit_widgets, lesion_widgets, maker_widgets, thalamus_widgets
from .wiring_data import check_wiring, pack_weights, unpack_weights, wiring_cost, wiring_payload, wiring_story

__all__ = [
    "Explorable",
    "as_mnist",
    "bundle",
    "check",
    "check_digits",
    "check_growing",
    "check_lab",
    "check_maker",
    "check_portrait",
    "check_thalamus",
    "check_wiring",
    "decode_floats",
    "digit_lab",
    "digit_payload",
    "digit_picture",
    "digit_widgets",
    "encode_floats",
    "ensemble_scores",
    "example_digits",
    "growing_payload",
    "growing_picture",
    "growing_sheet",
    "lab",
    "lab_payload",
    "lesion_lab",
    "lesion_widgets",
    "maker_payload",
    "maker_picture",
    "maker_weights",
    "maker_widgets",
    "module_maker",
    "most_telling",
    "network_scores",
    "pack_weights",
    "payload",
    "phase_portrait",
    "portrait_network",
    "portrait_payload",
    "portrait_widgets",
    "read_digit",
    "similarity_without",
    "thalamus_map",
    "thalamus_payload",
    "thalamus_picture",
    "thalamus_widgets",
    "unpack_weights",
    "wiring_box",
    "wiring_cost",
    "wiring_payload",
    "wiring_story",
]
