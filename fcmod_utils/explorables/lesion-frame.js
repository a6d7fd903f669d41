// The lesion lab's inside: its controls and the frames of its pictures.
import { marker } from "./draw.js";
import { inside, slider } from "./page.js";

/** Percent between two places of the slider; a share in the address goes to the nearest place. */
export const CUT_STEP = 5;

const key = (type) => `<svg width="14" height="14" aria-hidden="true">${marker(7, 7, type)}</svg>`;
const stroke = (kind) =>
  `<svg width="34" height="10" aria-hidden="true"><line class="fc-sample ${kind}" x1="1" y1="5" x2="23" y2="5"/>` +
  `<circle class="fc-sample ${kind}" cx="28" cy="5" r="3.5"/></svg>`;

const LEGEND =
  `<ul class="fc-legend"><li>${key(0)}stimulus-1 trials</li><li>${key(1)}stimulus-2 trials</li>` +
  `<li>${stroke("")}intact</li><li>${stroke("fc-cut")}output cut</li>` +
  `<li>(at the decision: intact left, cut right)</li></ul>`;

/** Controls: module, share, coherence, reset. */
function controls(id, { module_names: names, task }) {
  const options = names.map((_, module) => `<option value="${module}"></option>`).join("");
  const last = task.coherences.length - 1;
  return `<div class="fc-controls">
    <div><label for="${id}-module">Module <span class="fc-swatch" data-part="swatch"></span></label>
      <select id="${id}-module" data-part="module">${options}</select></div>
    ${slider(id, "share", "Output cut", { min: 0, max: 100, step: CUT_STEP })}
    ${slider(id, "coherence", "Coherence", { min: 0, max: last, step: 1 })}
    <button type="button" data-part="reset">Reset</button>
  </div>`;
}

/** Build the lab's inside once; returns its named parts. */
export function frame(element, payload) {
  const parts = inside(
    element,
    "Lesion lab",
    `${controls(element.id, payload)}
    ${LEGEND}
    <div class="fc-views">
      <div class="fc-view"><p class="fc-title">Mean output (logit)</p>
        <div><svg role="img" aria-label="Outputs" data-part="traces"></svg></div></div>
      <div class="fc-view"><p class="fc-title" data-part="barsTitle">Correct choices</p>
        <div><svg role="img" aria-label="Accuracy" data-part="bars"></svg></div></div>
      <div class="fc-view"><p class="fc-title">Functional connectivity</p>
        <div><canvas role="img" aria-label="Functional connectivity" data-part="matrix"></canvas></div>
        <p class="fc-scale"><span>r = −1</span><span data-part="scale"></span><span>1</span>
          <span class="fc-tick"></span><span>cut unit</span></p></div>
    </div>`,
  );
  const sizes = payload.module_names.map((_, module) => payload.modules.filter((label) => label === module).length);
  [...parts.module.options].forEach((option, module) => {
    option.textContent = `${payload.module_names[module]} (${sizes[module]} units)`;
  });
  return parts;
}
