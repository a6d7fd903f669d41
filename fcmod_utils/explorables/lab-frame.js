// The Lab's inside: three floors, to train, to take apart and to compare.
import { formHtml } from "./lab-form.js";
import { mark } from "./draw.js";
import { ruleKind } from "./plane.js";
import { inside } from "./page.js";
import { RULE_NAMES } from "./weights.js";

const svg = (part, label) => `<div><svg role="img" aria-label="${label}" data-part="${part}"></svg></div>`;
const canvas = (part, label, more = 'role="img"') =>
  `<div><canvas ${more} aria-label="${label}" data-part="${part}"></canvas></div>`;
const view = (title, content, part = "") =>
  `<div class="fc-view"><p class="fc-title"${part && ` data-part="${part}"`}>${title}</p>${content}</div>`;
const button = (part, text) => `<button type="button" data-part="${part}">${text}</button>`;
const menu = (id, part, label) =>
  `<div><label for="${id}-${part}">${label}</label><select id="${id}-${part}" data-part="${part}"></select></div>`;
const scale = `<p class="fc-scale"><span>r = −1</span><span data-part="scale"></span><span>1</span>
  <span class="fc-tick"></span><span>chosen unit</span></p>`;

const key = (kind) => `<svg width="14" height="14" aria-hidden="true">${mark(7, 7, 0, kind, 4.2)}</svg>`;
const RULES = RULE_NAMES.map((name, rule) => `<li>${key(ruleKind(rule))}<span>${rule + 1}</span>${name}</li>`).join("");
const KEYS = `<ul class="fc-legend"><li>${key("fc-mark fc-stimulus-1")}<span data-part="type0"></span></li>
  <li><svg width="14" height="14" aria-hidden="true">${mark(7, 7, 2, "fc-mark fc-stimulus-2", 4.2)}</svg><span
    data-part="type1"></span></li></ul>`;

/** Build the inside once; returns its named parts. */
export function frame(element) {
  const { id } = element;
  const parts = inside(element, "The Lab: train a network and take it apart", `
    <h3 class="fc-floor">Train</h3>
    ${formHtml(id)}
    <div class="fc-buttons">${button("train", "Train")}${button("stop", "Stop")}${button("reset", "Reset")}
      <span class="fc-progress" data-part="progress"></span></div>
    <div class="fc-views fc-three">
      ${view("Loss of each batch", svg("loss", "Loss"))}
      ${view("Accuracy on 200 test trials", svg("accuracy", "Accuracy"))}
      ${view("FC of the recurrent layer", canvas("live-fc", "Functional connectivity"), "fcTitle")}
    </div>
    <div class="fc-room"><p class="fc-live" role="status" aria-live="polite" data-part="said"></p></div>
    <h3 class="fc-floor">Take apart</h3>
    <div class="fc-controls">
      ${menu(id, "shown", "Network")}
      ${menu(id, "group", 'Look at <span class="fc-swatch" data-part="swatch"></span>')}
      ${menu(id, "lesion", "Cut")}
      ${menu(id, "push", "Input held at")}
    </div>
    ${KEYS}
    <div class="fc-views fc-three">
      ${view("Input projections, by module", canvas("input", "Functional connectivity of input projections"))}
      ${view("Recurrent layer, by module", canvas("recurrent", "Functional connectivity of the recurrent layer") + scale)}
      ${view("Weights of the two stimuli", svg("plane", "Input weights"))}
      ${view("Accuracy, uncut (line) and now", svg("bars", "Accuracy before and after"), "barsTitle")}
      ${view('Flow <span class="fc-note">(drag the state)</span>',
        canvas("flow", "Phase plane", `class="fc-plane" tabindex="0" role="application" aria-roledescription="phase plane"
          aria-describedby="${id}-keys"`))}
      ${view("Lesion similarity and FC", canvas("pairs", "Lesion similarity against functional connectivity"), "pairsTitle")}
      ${view("What each unit’s loss costs", canvas("felt", "Lesion of each unit", 'class="fc-felt" role="img"') +
        `<p class="fc-note" id="${id}-keys">Mean distance over the plane. Click a bar, a mark or a block to look at it. In
          the plane, arrow keys move the state (with Shift, farther).</p>`)}
      ${view("Six rules on the two weights", `<ul class="fc-legend fc-rules">${RULES}</ul>`)}
      ${view("FC modules on lesion similarity", svg("nulls", "Modularity of shuffled labels"), "nullsTitle")}
    </div>
    <div class="fc-view fc-sheet" data-part="sheetView"><p class="fc-title">The sheet <span class="fc-note">(units where
      they sit, and the strongest tenth of recurrent connections)</span></p>${svg("sheet", "Units on a sheet")}</div>
    <h3 class="fc-floor" data-part="compareHead">Compare</h3>
    <div class="fc-buttons">${button("download", "Download network")}${
      button("upload", "Upload network")}${button("forget", "Forget network")}
      <input type="file" accept=".json,application/json" hidden data-part="file" aria-label="Network file"></div>
    <div class="fc-scroll" tabindex="0" role="region" aria-label="Scores of your networks"><table class="fc-scores"
      data-part="scores"></table></div>
    `);
  parts.compareHead.before(parts.room); // what is said of the pictures stands below them
  return parts;
}
