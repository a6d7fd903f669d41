// The module maker's inside: its controls and the frames of its pictures.
import { mark } from "./draw.js";
import { ruleKind } from "./plane.js";
import { MODELS } from "./maker-text.js";
import { inside, slider } from "./page.js";
import { RULE_NAMES } from "./weights.js";

const key = (shape, kind) => `<svg width="14" height="14" aria-hidden="true">${mark(7, 7, shape, kind, 4.2)}</svg>`;

const RULE_KEYS = RULE_NAMES.map(
  (name, rule) => `<li>${key(0, ruleKind(rule))}<span>${rule + 1}</span>${name}</li>`,
).join("");
const SHAPE_KEYS =
  [0, 1, 2, 3].map((shape) => `<li>${key(shape, "fc-plain")}module ${shape + 1}</li>`).join("") +
  `<li>${key(4, "fc-plain")}further ones</li>`;
const RANGE_KEY =
  `<li><svg width="26" height="12" aria-hidden="true"><rect class="fc-range" width="26" height="12"/>` +
  `<line class="fc-median" x1="0" y1="6" x2="26" y2="6"/></svg>`;

/** Controls: model, its parameter, noise, another draw, reset. */
function controls(id, { models, noise_levels: levels }) {
  const options = Object.keys(models).map((name) => `<option value="${name}">${MODELS[name].name}</option>`);
  return `<div class="fc-controls">
    <div><label for="${id}-model">Model</label>
      <select id="${id}-model" data-part="model">${options.join("")}</select></div>
    ${slider(id, "at", "Inputs", { min: 0, max: 1, step: 1 })}
    ${slider(id, "noise", "Private noise", { min: 0, max: levels.length - 1, step: 1 })}
    <p class="fc-buttons"><button type="button" data-part="another">Another draw</button>
      <button type="button" data-part="reset">Reset</button></p>
  </div>`;
}

/** A picture under its title. */
const view = (title, picture, below = "") =>
  `<div class="fc-view"><p class="fc-title">${title}</p><div>${picture}</div>${below}</div>`;
const canvas = (part, name) => `<canvas role="img" aria-label="${name}" data-part="${part}"></canvas>`;
const bar = (part, low, high) =>
  `<p class="fc-scale"><span>${low}</span><span data-part="${part}"></span><span>${high}</span></p>`;

/** Build the maker's inside once; returns its named parts. */
export function frame(element, payload) {
  const draws = payload.models[payload.start.model].draws;
  return inside(
    element,
    "Module maker",
    `${controls(element.id, payload)}
    <div class="fc-views fc-matrices">
      ${view("Weights", canvas("weights", "Input weights"), bar("weightScale", "−3", "3"))}
      ${view("Connection similarity", canvas("similarity", "Connection similarity"), bar("scale", "cosine −1", "1"))}
      ${view("Functional connectivity", canvas("fc", "Functional connectivity"), bar("fcScale", "r = −1", "1"))}
    </div>
    <div class="fc-views fc-plots">
      ${view("Units by their weights", '<svg role="img" aria-label="Weights" data-part="plane"></svg>')}
      <div class="fc-keys"><ul class="fc-legend fc-rules">${RULE_KEYS}</ul><ul class="fc-legend">${SHAPE_KEYS}</ul></div>
      ${view("Modularity q", '<svg role="img" aria-label="Modularity" data-part="curve"></svg>',
        `<ul class="fc-legend"><li>${key(0, "fc-dot")}this network</li>
          ${RANGE_KEY}median and range of ${draws} draws</li></ul>`)}
    </div>`,
  );
}
