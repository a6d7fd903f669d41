// The digit lab's inside: its pad, its controls and the frames of its pictures.
import { SIDE } from "./digit-pad.js";
import { inside } from "./page.js";

const picture = (part, name) => `<svg role="img" aria-label="${name}" data-part="${part}"></svg>`;
const view = (title, content, below = "") =>
  `<div class="fc-view"><p class="fc-title" ${title}</p><div>${content}</div>${below}</div>`;
const circle = (kind, r) =>
  `<svg width="16" height="16" aria-hidden="true"><circle class="${kind}" cx="8" cy="8" r="${r}"/></svg>`;
const KEYS = `<ul class="fc-legend"><li>${circle("fc-plain", 5)}activity now</li>
  <li>${circle("fc-usual", 7)}average of that digit</li>
  <li>SD: mean deviation from it</li></ul>`;

function controls(id, { labels }) {
  const options = labels.map((_, digit) => `<option value="${digit}">a real ${digit}</option>`);
  return `<div class="fc-controls">
    <div><label for="${id}-example">Digit</label>
      <select id="${id}-example" data-part="example">
        <option value="-1">your drawing</option>${options.join("")}</select></div>
    <p class="fc-check"><input type="checkbox" id="${id}-eraser" data-part="eraser">
      <label for="${id}-eraser">Eraser</label></p>
    <p class="fc-buttons"><button type="button" data-part="clear">Clear</button>
      <button type="button" data-part="reset">Reset</button></p>
  </div>`;
}

/** Build the inside once; returns its named parts. */
export function digitFrame(element, payload) {
  const { id } = element;
  const pad = `<canvas role="application" tabindex="0" data-part="pad" aria-describedby="${id}-pen"
    aria-label="Canvas of ${SIDE} by ${SIDE} cells. Arrow keys move the pen, space puts it down or lifts it."></canvas>`;
  return inside(
    element,
    "Digit lab",
    `${controls(id, payload)}
    <div class="fc-views">
      <div class="fc-view fc-draw"><p class="fc-title">Draw here</p><div>${pad}</div>
        <p class="fc-pen" id="${id}-pen" role="status" data-part="pen"></p>
        <p class="fc-keys">Keyboard: arrows move the pen, space puts it down or lifts it.</p></div>
      ${view('data-part="hiddenTitle">', picture("hidden", "Hidden units"), KEYS)}
    </div>
    <div class="fc-views">
      <div class="fc-view fc-saw"><p class="fc-title">As the network sees it</p>
        <div><canvas role="img" aria-label="Input" data-part="seen"></canvas></div>
        <p class="fc-keys">Scaled to a box of 20 × 20 pixels, its center of mass in the middle,
          as MNIST's digits are.</p></div>
      ${view(">Answer", picture("answers", "Answer"))}
    </div>
    ${view('data-part="partitionsTitle">', picture("partitions", "Partitions"))}
    <p class="fc-source" data-part="source"></p>`,
  );
}
