// The phase portrait's inside: its controls and the frames of its pictures.
import { MODULE_COLORS } from "./colors.js";
import { membersOf } from "./modules.js";
import { inside, place, slider } from "./page.js";

const INPUT_STEP = 0.05; // between two places of an input's slider

/** Network, lesion, two pushes and reset; below them a slider for each input. */
function controls(id, { networks }) {
  const options = networks.map(({ title }, k) => `<option value="${k}">${title}</option>`).join("");
  return `<div class="fc-controls">
    <div><label for="${id}-network">Network</label>
      <select id="${id}-network" data-part="network">${options}</select></div>
    <div><label for="${id}-lesion">Lesion <span class="fc-swatch" data-part="swatch"></span></label>
      <select id="${id}-lesion" data-part="lesion"></select></div>
    <div class="fc-buttons"><button type="button" data-part="push0"></button>
      <button type="button" data-part="push1"></button>
      <button type="button" data-part="reset">Reset</button></div>
    ${[0, 1, 2].map((k) => slider(id, `input${k}`, "", { min: 0, max: 1, step: INPUT_STEP })).join("")}
  </div>`;
}

const sample = (kind, shape) => `<svg width="26" height="12" aria-hidden="true"><g class="${kind}">${shape}</g></svg>`;
const ARROW = '<path d="M2 6H20M15 2.5L20 6L15 9.5"/>';

const LEGEND = `<ul class="fc-legend">
  <li>${sample("fc-arrow", ARROW)}flow</li>
  <li>${sample("fc-run", '<path d="M1 6H19"/><circle cx="21" cy="6" r="3.5"/>')}your state</li>
  <li>${sample("fc-mean fc-stimulus-1", '<path d="M1 6H25"/>')}<span data-part="pathName0"></span></li>
  <li>${sample("fc-mean fc-stimulus-2", '<path d="M1 6H25"/>')}<span data-part="pathName1"></span></li>
  <li>${sample("fc-boundary", '<path d="M1 6H25"/>')}<span data-part="boundaryName"></span></li>
  <li data-part="intactKey">${sample("fc-arrow fc-pale", '<path d="M2 6H20"/>')}flow without the lesion</li>
</ul>`;

const escaped = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** What the lesion's menu offers: nothing, a module, or a unit of a module. */
function lesionOptions({ modules, module_names: names }, { order, blocks }) {
  const option = (value, text) => `<option value="${value}">${text}</option>`;
  const group = (label, inside) => `<optgroup label="${label}">${inside.join("")}</optgroup>`;
  const sizes = names.map((_, index) => membersOf(modules, index).length);
  const title = (module) => (module < 0 ? "Silent units" : `Units of module ${escaped(names[module])}`);
  return [
    option("none", "nothing"),
    group("Modules", names.map((name, k) => option(`module-${k}`, `module ${escaped(name)} (${sizes[k]} units)`))),
    ...blocks.map(({ module, start, end }) =>
      group(title(module), order.slice(start, end).map((unit) => option(`unit-${unit}`, `unit ${unit}`)))),
  ].join("");
}

/** Build the inside once; returns its named parts. */
export function frame(element, payload) {
  return inside(element, "Phase portrait", `
    ${controls(element.id, payload)}
    ${LEGEND}
    <div class="fc-views">
      <div class="fc-view"><p class="fc-title">Flow, one step from each point
        <span class="fc-note">(click to drop a state)</span></p>
        <div><canvas class="fc-plane" tabindex="0" role="application" aria-roledescription="phase plane"
          aria-label="Phase plane" aria-describedby="${element.id}-keys" data-part="plane"></canvas></div>
        <p class="fc-note" id="${element.id}-keys">With keys: arrows move a cursor (with Shift, farther), Enter drops
        a state.</p></div>
      <div class="fc-view"><p class="fc-title" data-part="mapTitle"></p>
        <div><canvas role="img" aria-label="Lesion map" data-part="map"></canvas></div>
        <p class="fc-scale"><span>0</span><span data-part="scale"></span><span data-part="scaleEnd"></span></p>
        <p class="fc-title">Lesion of each unit <span class="fc-note">(click one)</span></p>
        <div><canvas class="fc-bars" role="img" aria-label="Lesion of each unit" data-part="bars"></canvas></div>
        <p class="fc-note">Mean distance over the grid (a frame in the plane when that shows more); units by module,
        numbered from 0.</p></div>
    </div>`);
}

/** Names and limits that come with a network. */
export function nameParts(parts, entry, units) {
  parts.hint.textContent = entry.hint;
  parts.lesion.innerHTML = lesionOptions(entry, units);
  entry.inputs.forEach(({ name, high }, k) => {
    parts[`input${k}Label`].textContent = name[0].toUpperCase() + name.slice(1);
    parts[`input${k}`].max = high;
  });
  entry.pushes.forEach(({ name }, k) => (parts[`push${k}`].textContent = name));
  const compared = entry.compare.map((output) => entry.outputs[output]);
  compared.forEach((name, k) => (parts[`pathName${k}`].textContent = `mean ${name} trial`));
  parts.boundaryName.textContent = compared.join(" = ");
}

/** Controls and titles show the state. */
export function fillParts(parts, entry, { network, inputs, lesion: { kind, index } }) {
  const intact = kind === "none";
  parts.network.value = network;
  parts.lesion.value = intact ? kind : `${kind}-${index}`;
  const module = kind === "module" ? index : kind === "unit" ? entry.modules[index] : -1;
  parts.swatch.style.background = module < 0 ? "none" : (MODULE_COLORS[module] ?? "var(--fc-ink)");
  inputs.forEach((value, k) => place(parts, `input${k}`, value, value.toFixed(2)));
  parts.intactKey.style.visibility = intact ? "hidden" : "visible";
  const name = kind === "module" ? entry.module_names[index] : index;
  parts.mapTitle.textContent = intact ? "Lesion map, mean of all units" : `Lesion map of ${kind} ${name}`;
}
