// The growing sheet's inside: its controls and the frames of its pictures.
import { inside, slider } from "./page.js";
import { KEY, KINDS } from "./growing-text.js";

export const options = (names, first = 0) =>
  names.map((name, i) => `<option value="${i + first}">${name}</option>`).join("");

/** Build the inside once; returns its named parts. */
export function growingFrame(element, { steps }) {
  const { id } = element;
  return inside(
    element,
    "Growing sheet",
    `<div class="fc-controls">
      <div><label for="${id}-kind">Show</label>
        <select id="${id}-kind" data-part="kind">${options(KINDS)}</select></div>
      <div><label for="${id}-lesion">Cut, once trained</label>
        <select id="${id}-lesion" data-part="lesion"></select></div>
      ${slider(id, "at", "Step", { min: 0, max: steps.length - 1, step: 1 })}
      <p class="fc-buttons"><button type="button" data-part="play">Play</button>
        <button type="button" data-part="reset">Reset</button></p>
    </div>
    <div class="fc-views">
      <div class="fc-view"><p class="fc-title" data-part="title"></p>
        <div><canvas role="application" tabindex="0" data-part="sheet" aria-label="Sheet"></canvas></div>
        <p class="fc-note">Groups: the task in which they vary most (neurons)</p>
        <ul class="fc-legend" data-part="legend"></ul></div>
      <div class="fc-view"><p class="fc-note" data-part="barsTitle"></p>
        <div><svg role="img" data-part="bars" aria-label="Tasks"></svg></div>
        <dl class="fc-numbers" data-part="numbers"></dl></div>
    </div>
    <p class="fc-note">${KEY}<span data-part="about"></span></p>`,
  );
}
