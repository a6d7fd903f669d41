// <fc-growing-sheet replaces="fig-sheet">: a network that grows on a sheet, its clusters and what they are for.
import { Explorable } from "./element.js";
import { alt, fit, place } from "./page.js";
import { barsHeight, drawSheet, looksOf, markSvg, pictureOf, tasksSvg } from "./growing-draw.js";
import { growingFrame, options } from "./growing-frame.js";
import { between, blend, makeSheet } from "./growing-model.js";
import {
  HINT, barsTitle, describeSheet, lesionNames, longestSheet, numbersOf, pictureLabels, placeWords, sheetTitle,
} from "./growing-text.js";

const KIND_NAMES = ["training", "bimt", "l1"];
const [GLIDE, BEAT, WIDEST] = [550, 800, 460]; // ms, ms, px
const NONE = -1;
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

class GrowingSheet extends Explorable {
  frame = growingFrame;

  encode({ kind, step, strength, lesion, unit }) {
    const named = (value) => (value < 0 ? "none" : value);
    return { kind: KIND_NAMES[kind], step, strength, lesion: named(lesion), unit: named(unit) };
  }

  decode({ kind, ...fields }) {
    const { steps, strengths, cut, sheet } = this.payload;
    const most = { step: steps.length, strength: strengths.length, lesion: cut.length, unit: sheet[0] * sheet[1] };
    const state = { kind: KIND_NAMES.indexOf(kind) };
    for (const [name, limit] of Object.entries(most)) {
      const value = fields[name];
      const none = value === "none" && (name === "lesion" || name === "unit");
      state[name] = /^\d+$/.test(value) && value < limit ? Number(value) : none ? NONE : NaN;
    }
    const known = state.kind >= 0 && Object.values(state).every((value) => !Number.isNaN(value));
    return known && (state.lesion < 0 || this.isTrained(state)) ? state : null;
  }

  makeLab() {
    return makeSheet(this.payload);
  }

  /** Lesions are known of the trained network alone. */
  isTrained({ kind, step }) {
    return kind === 0 && step === this.payload.steps.length - 1;
  }

  listen() {
    const { kind, at, play, lesion, reset, sheet } = this.parts;
    kind.addEventListener("change", () => {
      this.stop();
      this.put({ kind: Number(kind.value), unit: NONE, lesion: NONE }, "kind");
    });
    at.addEventListener("input", () => {
      this.stop();
      this.go(Number(at.value), "at");
    });
    at.addEventListener("change", () => this.share());
    play.addEventListener("click", () => (this.beat ? this.stop() : this.play()));
    lesion.addEventListener("change", () => {
      this.stop();
      const chosen = Number(lesion.value);
      const { kind: shown, unit } = this.current;
      const trained = { kind: 0, step: this.payload.steps.length - 1, unit: shown ? NONE : unit };
      this.put({ ...(chosen < 0 ? {} : trained), lesion: chosen }, "lesion");
    });
    reset.addEventListener("click", () => {
      this.stop();
      this.reset();
    });
    sheet.addEventListener("keydown", (event) => this.key(event));
    sheet.addEventListener("click", (event) => {
      const { left, top, width } = sheet.getBoundingClientRect();
      const { rows, columns } = this.lab.side;
      const [x, y] = [event.clientX - left, event.clientY - top].map((one) => Math.floor((one / width) * columns));
      this.pick(clamp(y, 0, rows - 1) * columns + clamp(x, 0, columns - 1));
    });
  }

  put(change, name) {
    this.set({ ...this.current, ...change }, name);
    this.share();
  }

  /** Go along training or strengths. A lesion stays behind. */
  go(to, moved) {
    const { kind } = this.current;
    const next = { ...this.current, [kind ? "strength" : "step"]: to };
    this.set({ ...next, lesion: this.isTrained(next) ? next.lesion : NONE }, moved);
  }

  /** Pick who sits in a cell, or let go of who is picked already. */
  pick(cell) {
    const unit = this.lab.unitAt(this.current, cell);
    this.put({ unit: unit === this.current.unit ? NONE : unit }, "unit");
  }

  key(event) {
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    const down = { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0;
    const away = event.key === "Escape" && this.current.unit >= 0;
    if ((!across && !down && !away) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.wake();
    if (away) return void this.put({ unit: NONE }, "unit");
    const { rows, columns } = this.lab.side;
    const middle = Math.floor(rows / 2) * columns + Math.floor(columns / 2);
    const from = this.current.unit < 0 ? middle : this.view.look.cells[this.current.unit];
    const row = clamp(Math.floor(from / columns) + down, 0, rows - 1);
    const to = row * columns + clamp((from % columns) + across, 0, columns - 1);
    const unit = this.lab.unitAt(this.current, to);
    if (unit !== this.current.unit) this.put({ unit }, "unit");
  }

  /** From here to the end, or from the beginning if this is the end. */
  play() {
    const last = this.lastStop();
    const at = () => this.current[this.current.kind ? "strength" : "step"];
    const next = () => {
      this.go(at() + 1, "play");
      if (at() === last) this.stop();
      else this.beat = setTimeout(next, BEAT);
    };
    this.beat = setTimeout(next, at() === last ? BEAT : 0);
    this.parts.live.setAttribute("aria-live", "off"); // one text a beat is too many to hear
    this.parts.play.textContent = "Pause";
    if (at() === last) this.go(0, "play");
  }

  lastStop() {
    return (this.current.kind ? this.payload.strengths : this.payload.steps).length - 1;
  }

  stop() {
    if (!this.beat) return;
    clearTimeout(this.beat);
    this.beat = undefined;
    const { play, live } = this.parts;
    play.textContent = "Play";
    live.setAttribute("aria-live", "polite");
    live.textContent = describeSheet(this.view);
    this.share();
  }

  update(moved) {
    if (moved === "start") this.stop(); // by a link, while it plays
    const { parts, payload, lab, current: state } = this;
    const look = lab.look(state);
    const before = this.view?.state;
    this.view = { ...payload, state, look, moved };
    parts.hint.textContent = HINT;
    parts.about.textContent = payload.about;
    parts.kind.value = state.kind;
    parts.at.max = this.lastStop();
    parts.atLabel.textContent = state.kind ? "Strength" : "Step";
    place(parts, "at", state.kind ? state.strength : state.step, placeWords(this.view));
    if (!before) parts.lesion.innerHTML = options(lesionNames(lab.trained), NONE);
    parts.lesion.value = state.lesion;
    parts.title.textContent = sheetTitle(this.view);
    parts.legend.innerHTML = [...Array(lab.most).keys()].map((k) => this.entry(k, look.clusters[k])).join("");
    parts.barsTitle.textContent = barsTitle(this.view);
    parts.numbers.innerHTML = numbersOf(this.view).map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join("");
    parts.live.textContent = describeSheet(this.view);
    parts.room.dataset.longest = longestSheet(this.view);
    this.move(moved !== "start" && before?.kind === 0 && state.kind === 0 && before.step !== state.step);
    this.redraw();
  }

  /** A line of the legend; those that other networks need keep their room. */
  entry(k, cluster) {
    if (!cluster) return `<li style="visibility: hidden">${markSvg(k)} ${k + 1}</li>`;
    return `<li>${markSvg(k)} ${k + 1}: ${cluster.task} (${cluster.units.length})</li>`;
  }

  /** Neurons glide to where they now sit, connections fade: once a frame. */
  move(glides) {
    cancelAnimationFrame(this.frameId);
    this.gliding = false;
    const to = pictureOf(this.view.look, this.lab.side);
    if (!glides || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return void (this.picture = to);
    const way = { from: this.picture, to, links: blend(this.picture.links, to.links) };
    const began = performance.now();
    const frame = (now) => {
      const share = clamp((now - began) / GLIDE, 0, 1);
      this.picture = share < 1 ? between(way, share) : to;
      this.drawSheet();
      this.gliding = share < 1;
      if (this.gliding) this.frameId = requestAnimationFrame(frame);
    };
    this.picture = between(way, 0);
    this.gliding = true;
    this.frameId = requestAnimationFrame(frame);
  }

  drawSheet() {
    const { parts, view, lab, payload, theme, inks, picture } = this;
    if (!inks) return;
    const began = performance.now();
    const width = Math.min(parts.sheet.parentNode.clientWidth, WIDEST);
    drawSheet(parts.sheet, { ...view, picture, side: lab.side, top: payload.largest, width, theme, ...inks });
    this.sheetMs = performance.now() - began;
  }

  draw() {
    const { parts, view, payload } = this;
    const style = getComputedStyle(this);
    const names = ["ink", "muted", "axis", "field"];
    this.inks = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--fc-${name}`).trim()]));
    this.drawSheet();
    const { unit, lesion } = view.state;
    const cluster = unit >= 0 ? view.look.labels[unit] : lesion;
    const fill = cluster < 0 ? this.inks.muted : looksOf(cluster, this.inks.ink).fill;
    const size = fit(parts.bars, barsHeight(payload.names.length));
    parts.bars.innerHTML = tasksSvg({ ...view, fill, ...size });
    const said = pictureLabels(view);
    alt(parts.sheet, said.sheet);
    alt(parts.bars, said.bars);
  }

  /** Numbers of the current view, for tests and the curious. */
  state() {
    this.wake();
    const { alive, count, length, mean, right, moved, heard, spoken, cells } = this.view.look;
    const { redrawMs, sheetMs } = this;
    const playing = Boolean(this.beat);
    return { ...this.current, alive, count, length, mean, right, moved, heard, spoken, cells: [...cells], playing,
      redrawMs, sheetMs };
  }
}

if (!customElements.get("fc-growing-sheet")) customElements.define("fc-growing-sheet", GrowingSheet);
