// The wiring box's inside: its controls and the frames of its pictures.
import { inside, slider } from "./page.js";
import { COLORS, KINDS } from "./wiring-text.js";

const options = (names) => names.map((name, value) => `<option value="${value}">${name}</option>`).join("");

/** Build the inside once; returns its named parts. */
export function wiringFrame(element, { strengths, epochs, places }) {
  const { id } = element;
  const longest = Math.max(...places.map(([x]) => x));
  return inside(
    element,
    "Wiring box",
    `<div class="fc-controls">
      <div><label for="${id}-kind">Network</label>
        <select id="${id}-kind" data-part="kind">${options(KINDS)}</select></div>
      ${slider(id, "strength", "Strength", { min: 0, max: strengths[0].length - 1, step: 1 })}
      ${slider(id, "epoch", "Epoch", { min: 0, max: epochs.length - 1, step: 1 })}
      <p class="fc-check"><input type="checkbox" id="${id}-diagonal" data-part="diagonal">
        <label for="${id}-diagonal">Keep diagonal</label></p>
      <p><button type="button" data-part="reset">Reset</button></p>
    </div>
    <div class="fc-views">
      <div class="fc-view"><p class="fc-title" data-part="boxTitle"></p>
        <div><canvas role="application" tabindex="0" data-part="box" aria-label="Box"></canvas></div>
        <p class="fc-note" data-part="colorWords"></p></div>
      <div class="fc-view"><p class="fc-title">|w| (root scale) and distance</p>
        <div><canvas role="img" data-part="scatter" aria-label="Weight and distance"></canvas></div>
        <dl class="fc-numbers" data-part="numbers"></dl></div>
    </div>
    <details data-part="more"><summary>Penalty lab, and what is drawn</summary>
      <div class="fc-controls">
        ${slider(id, "unit", "Unit", { min: 0, max: places.length - 1, step: 1 })}
        ${slider(id, "x", "Its place", { min: 0, max: longest, step: 0.1 })}
        ${slider(id, "share", "Drawn", { min: 0.5, max: 10, step: 0.5 })}
        <div><label for="${id}-color">Color</label>
          <select id="${id}-color" data-part="color">${options(COLORS)}</select></div>
      </div>
      <p class="fc-title" data-part="curveTitle"></p>
      <div><svg role="img" aria-label="Cost" data-part="curve"></svg></div>
      <p class="fc-note">Cost of all its connections, both ways: sum of |w| D C. Moving a unit changes its
        distances D alone; communicability C hangs on weights only.</p>
    </details>
    <p class="fc-note">Drag to turn; click a unit to pick it; drag the picked one (orange ring) along the box. Keys in
      the picture: arrows turn, Shift with left and right moves the unit. A thin ring is a strong self-connection.
      <span data-part="about"></span></p>`,
  );
}
