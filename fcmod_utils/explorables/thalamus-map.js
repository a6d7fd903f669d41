// <fc-thalamus-map>: take a nucleus out of the thalamus; what becomes of similarity?
import { gradient } from "./colors.js";
import { mark } from "./draw.js";
import { Explorable } from "./element.js";
import { drawMatrix } from "./matrix.js";
import { orderByModule } from "./modules.js";
import { fit, inside } from "./page.js";
import { mapLayout, mapSvg, nearest, stripLayout, stripSvg } from "./thalamus-draw.js";
import { makeThalamus } from "./thalamus-model.js";
import { signed } from "./text.js";
import { HINT, describeArea, describeChoice, pictureLabels } from "./thalamus-text.js";

const STRIP = 170; // height of the plot of r
const slug = (name) => name.replace(/[^A-Za-z0-9]+/g, "-");
const option = (value, text = value) => `<option value="${value}">${text}</option>`;
const key = (shape, kind) => `<svg width="14" height="14" aria-hidden="true">${mark(7, 7, shape, kind, 4)}</svg>`;
const svg = (part, name) => `<svg role="img" aria-label="${name}" data-part="${part}"></svg>`;
const canvas = '<canvas role="img" aria-label="Similarity" data-part="similarity"></canvas>';
const view = (part, content, below = "") =>
  `<div class="fc-view"><p class="fc-title" data-part="${part}"></p><div>${content}</div>${below}</div>`;
const KEYS = `<ul class="fc-legend"><li>${key(0, "fc-r fc-now")}raw</li>
  <li>${key(1, "fc-r fc-now")}distance taken out of both</li>
  <li><svg width="22" height="8" aria-hidden="true"><line class="fc-all fc-now" x1="0" y1="4" x2="22" y2="4"/></svg>
    all nuclei</li></ul>`;

/** Build the inside once; returns its named parts. */
function thalamusFrame(element, { areas, nuclei, source }) {
  const { id } = element;
  const sorted = (names) => [...names].sort((a, b) => a.localeCompare(b)).map((name) => option(name));
  return inside(
    element,
    "Thalamus map",
    `<div class="fc-controls">
      <div><label for="${id}-without">Remove nucleus</label>
        <select id="${id}-without" data-part="without">${option("", "none")}${sorted(nuclei).join("")}</select></div>
      <div><label for="${id}-area">Area</label>
        <select id="${id}-area" data-part="area">${sorted(areas).join("")}</select></div>
      <p class="fc-check"><input type="checkbox" id="${id}-distance" data-part="distance">
        <label for="${id}-distance">Distance taken out</label></p>
      <p><button type="button" data-part="reset">Reset</button></p>
    </div>
    <div class="fc-views">
      ${view("title", canvas, '<p class="fc-scale"><span>−1</span><span data-part="scale"></span><span>1</span></p>')}
      ${view("mapTitle", svg("map", "Map"),
        '<p class="fc-named" role="status" data-part="named"></p>')}
    </div>
    ${view("stripTitle", svg("strip", "r"), KEYS)}
    <p class="fc-source">Data, under their own terms: ${source}. Functional connectivity is not
      handed on; each r was computed when the page was made.</p>`,
  );
}

class ThalamusMap extends Explorable {
  frame = thalamusFrame;

  encode({ without, area, distance }) {
    return { without: without ? slug(without) : "none", distance: distance ? "out" : "in", area: slug(area) };
  }

  decode({ without, area, distance }) {
    const { areas, nuclei } = this.payload;
    const found = { area: areas.find((name) => slug(name) === area), distance: distance === "out" };
    found.without = without === "none" ? "" : nuclei.find((name) => slug(name) === without);
    return found.area !== undefined && found.without !== undefined ? found : null;
  }

  makeLab() {
    return makeThalamus(this.payload);
  }

  listen() {
    const { without, area, distance, reset, map, similarity, strip } = this.parts;
    const { areas, nuclei } = this.payload;
    without.addEventListener("change", () => this.move("without", without.value));
    area.addEventListener("change", () => this.move("area", area.value));
    distance.addEventListener("change", () => this.move("distance", distance.checked));
    reset.addEventListener("click", () => this.reset());
    const onMap = (event) => {
      const box = map.getBoundingClientRect();
      this.name(areas[nearest(this.spots, event.clientX - box.left, event.clientY - box.top).area]);
    };
    const onMatrix = (event) => {
      const { order, top, cell } = this.rows;
      const row = Math.floor((event.clientY - similarity.getBoundingClientRect().top - top) / cell);
      this.name(areas[order[Math.max(0, Math.min(areas.length - 1, row))]]);
    };
    for (const kind of ["pointermove", "pointerdown"]) {
      map.addEventListener(kind, (event) => this.spots && onMap(event));
      similarity.addEventListener(kind, (event) => this.rows && onMatrix(event));
    }
    strip.addEventListener("click", (event) => {
      if (!this.strip) return;
      const { left, right, order } = this.strip;
      const share = (event.clientX - strip.getBoundingClientRect().left - left) / (right - left);
      const rank = Math.max(0, Math.min(order.length - 1, Math.floor(share * order.length)));
      this.move("without", nuclei[order[rank]]);
    });
  }

  move(control, value) {
    this.set({ ...this.current, [control]: value }, control);
    this.share();
  }

  /** Name an area under the pointer; the address keeps up when a control is used. */
  name(area) {
    if (area !== this.current.area) this.set({ ...this.current, area }, "area");
  }

  update(moved) {
    const { parts, payload, current: state } = this;
    const look = this.lab.look(state);
    this.view = { ...payload, state, look, moved, strongest: this.lab.strongest };
    parts.hint.textContent = HINT;
    parts.without.value = state.without;
    parts.area.value = state.area;
    parts.distance.checked = state.distance;
    parts.title.textContent = state.distance ? "Similarity, distance taken out" : "Similarity of thalamic input";
    parts.mapTitle.textContent = `Areas by module of similarity, q = ${signed(look.q)}`;
    parts.stripTitle.textContent = `Similarity and functional connectivity, r = ${signed(look.r, 3)}`;
    const said = describeChoice(this.view);
    if (parts.live.textContent !== said) parts.live.textContent = said;
    parts.named.textContent = describeArea(this.view);
    const longest = { ...this.view, moved: "reset", state: { ...state, without: "VPM", distance: true } };
    parts.room.dataset.longest = describeChoice(longest);
    this.redraw();
  }

  draw() {
    const { theme, parts, view, payload } = this;
    const { look, state, areas, nuclei, r, places } = view;
    const n = areas.length;
    const order = orderByModule(look.labels);
    const chosen = areas.indexOf(state.area);
    const width = Math.min(parts.similarity.parentNode.clientWidth, 360);
    drawMatrix(parts.similarity, {
      values: Float64Array.from(order.flatMap((i) => order.map((j) => look.s[i * n + j]))),
      labels: order.map((i) => look.labels[i]),
      names: areas.map((_, module) => String(module + 1)),
      cutRows: [order.indexOf(chosen)],
      width,
      ink: getComputedStyle(this).getPropertyValue("--fc-ink"),
      theme,
    });
    this.rows = { order, top: 14, cell: (width - 28 - 14) / n };
    parts.scale.style.background = gradient(theme);
    const wide = parts.map.parentNode.clientWidth;
    const layout = mapLayout(places, wide);
    this.spots = layout.spots;
    fit(parts.map, layout.height);
    parts.map.innerHTML = mapSvg({ layout, areas, labels: look.labels, chosen, width: wide });
    this.strip = stripLayout({ r, nuclei, ...fit(parts.strip, STRIP) });
    parts.strip.innerHTML = stripSvg({ layout: this.strip, r: payload.r, nuclei, state });
    for (const [part, words] of Object.entries(pictureLabels(view))) parts[part].setAttribute("aria-label", words);
  }

  /** Numbers of the current view, for tests and the curious. */
  state() {
    this.wake();
    const { q, labels, r, moved } = this.view.look;
    return { ...this.current, q, labels, r, moved, redrawMs: this.redrawMs };
  }
}

if (!customElements.get("fc-thalamus-map")) customElements.define("fc-thalamus-map", ThalamusMap);
