// <fc-phase-portrait replaces="fig-portrait">: drop a state in the flow, move inputs, cut units out.
import { Explorable } from "./element.js";
import { cursorAfter, isWay } from "./portrait-cursor.js";
import { fillParts, frame, nameParts } from "./portrait-frame.js";
import { makePortrait, widened } from "./portrait-model.js";
import { fieldSummary } from "./portrait-summary.js";
import { unitAt } from "./portrait-bars.js";
import { decodeState, encodeState, fromAddress, toAddress } from "./portrait-share.js";
import { Stage } from "./portrait-stage.js";
import { cursorText, describe, longestDescription } from "./portrait-text.js";

const pace = (progress) => (progress < 24 ? 12 : 36); // steps a second
const TRAIL = 400; // places kept of where the state was before the last move
const BUDGET = 4; // ms of each frame for the bars
const PAUSE = 100; // ms that a slider must rest before they are measured again

class PhasePortrait extends Explorable {
  frame = frame;

  get entry() {
    return this.payload.networks[this.current.network];
  }

  /** Numbers of a network are made when it is first shown. */
  makeLab() {
    const made = new Map();
    return {
      of: (k) => made.get(k) ?? made.set(k, makePortrait(this.payload.networks[k])).get(k),
    };
  }

  encode(state) {
    return encodeState(this.payload, state);
  }

  decode(fields) {
    return decodeState(this.payload, fields);
  }

  listen() {
    const { network, lesion, plane, bars, push0, push1, reset } = this.parts;
    const go = (change, moved) => {
      this.set({ ...this.current, ...change }, moved);
      this.share();
    };
    network.addEventListener("change", () => go(this.atRest(Number(network.value)), "network"));
    lesion.addEventListener("change", () => {
      const [kind, index = 0] = lesion.value.split("-");
      go({ lesion: { kind, index: Number(index) } }, "lesion");
    });
    [push0, push1].forEach((button, k) =>
      button.addEventListener("click", () => go({ inputs: [...this.entry.pushes[k].inputs] }, "push")));
    reset.addEventListener("click", () => this.reset());
    for (const channel of [0, 1, 2]) {
      const slider = this.parts[`input${channel}`];
      const value = () => Math.round(Number(slider.value) * 100) / 100;
      const inputs = () => this.current.inputs.map((x, k) => (k === channel ? value() : x));
      slider.addEventListener("input", () => this.set({ ...this.current, inputs: inputs() }, "input"));
      slider.addEventListener("change", () => this.share());
    }
    this.drop = (at) => {
      const grid = this.entry.plane;
      go({ from: fromAddress(grid, toAddress(grid, at)) }, "drop");
    };
    plane.addEventListener("click", ({ offsetX, offsetY }) => this.drop(this.stage.scale.back(offsetX, offsetY)));
    plane.addEventListener("keydown", (event) => this.key(event));
    plane.addEventListener("focus", () => {
      if (!plane.matches(":focus-visible")) return;
      this.wake();
      this.point(cursorAfter(this.view.grid, this.place).at);
    });
    plane.addEventListener("blur", () => this.point(null));
    bars.addEventListener("click", ({ offsetX }) => {
      const index = unitAt(this.portrait.units, offsetX, bars.clientWidth);
      go({ lesion: { kind: "unit", index } }, "lesion");
    });
  }

  atRest(network) {
    const inputs = this.payload.networks[network].inputs.map(({ rest }) => rest);
    return { network, inputs, lesion: { kind: "none", index: 0 }, from: null };
  }

  key(event) {
    const drops = event.key === "Enter" || event.key === " ";
    if (!drops && !isWay(event)) return;
    event.preventDefault();
    const { at, point } = cursorAfter(this.view.grid, this.place, event);
    if (drops) this.drop(at);
    this.point(at);
    const { lesioned, intact } = this.view.flows;
    const flow = (lesioned ?? intact).slice(2 * point, 2 * point + 2);
    if (!drops) this.parts.live.textContent = cursorText(at, flow);
  }

  /** Show the cursor at a place, or hide it. */
  point(at) {
    this.cursor = at;
    this.place = at ?? this.place;
    this.stage?.paint(this.running, at);
  }

  /** Numbers, then words, then pictures. A new state starts where it was dropped; else it goes on. */
  update(moved) {
    const { current: state, entry } = this;
    const portrait = (this.portrait = this.lab.of(state.network));
    const fresh = ["start", "reset", "network", "drop"].includes(moved);
    const last = fresh ? null : this.running;
    const step = last && Math.min(Math.floor(last.progress), last.run.steps);
    const begin = last ? last.run.states[step] : portrait.start(state.from);
    const trail = last ? [...last.trail, ...last.run.path.slice(0, step + 1)].slice(-TRAIL) : [];
    const run = portrait.run(begin, state.inputs, state.lesion);
    const still = moved === "start" || window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.running = { run, trail, progress: still ? run.steps : last ? last.progress - step : 0 };
    const field = portrait.field(state.inputs, state.lesion);
    const summary = fieldSummary(portrait.points, field);
    const grid = widened(entry.plane, run.path);
    const flows = portrait.flows(state.inputs, state.lesion, grid);
    this.view = { entry, state, run, moved, field, summary, grid, flows, from: run.path[0], boundary: portrait.boundary };
    this.measure(moved);
    if (fresh && moved !== "drop") {
      nameParts(this.parts, entry, portrait.units);
      this.parts.room.dataset.longest = longestDescription(this.payload);
      this.place = null;
    }
    fillParts(this.parts, entry, state);
    this.parts.live.textContent = describe(this.view);
    this.stale = true; // drawn with the next frame: a slider may move more than once in one
    this.play();
  }

  /** Begin to measure what the lesion of each unit does; a few units a frame. */
  measure(moved) {
    const { inputs } = this.current;
    if (moved === "lesion" || moved === "drop") return; // the same inputs
    const sum = new Float64Array(this.portrait.points.length / 2);
    const begin = performance.now() + (moved === "input" ? PAUSE : 0);
    this.pending = { unit: 0, means: new Float64Array(this.portrait.network.units), sum, inputs, begin };
    if (moved !== "input" && moved !== "push") this.measureSome(Infinity); // another network: all at once
  }

  measureSome(budget) {
    const { means, sum, inputs } = this.pending;
    const until = performance.now() + budget;
    while (this.pending.unit < means.length && performance.now() < until) {
      const row = this.portrait.row(inputs, this.pending.unit);
      means[this.pending.unit++] = row.reduce((total, value, i) => ((sum[i] += value), total + value), 0) / row.length;
    }
    if (this.pending.unit < means.length) return;
    this.missed = { means, map: sum.map((value) => value / means.length) };
    this.pending = null;
  }

  draw() {
    this.stale = false;
    this.stage ??= new Stage(this, this.parts);
    this.stage.draw(this);
    this.stage.paint(this.running, this.cursor);
  }

  /** Run the state along its path, and measure units, frame by frame until both are done. */
  play() {
    if (this.looping) return;
    this.looping = true;
    let last = performance.now();
    const tick = (now) => {
      const { running } = this;
      const moves = running.progress < running.run.steps;
      const passed = Math.max(0, now - last) / 1000;
      running.progress = Math.min(running.run.steps, running.progress + pace(running.progress) * passed);
      last = now;
      if (this.pending && performance.now() > this.pending.begin) {
        this.measureSome(BUDGET);
        if (!this.pending) this.stage?.drawLesions(this);
      }
      if (this.stale) this.redraw();
      else if (moves) this.stage?.paint(running, this.cursor);
      this.looping = moves || Boolean(this.pending);
      if (this.looping) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  /** Numbers of the current view, for tests and the curious. */
  state() {
    this.wake();
    const { run, summary } = this.view;
    const { progress, trail } = this.running;
    return {
      ...this.current, ...summary, progress, trail: trail.length, steps: run.steps, ended: run.ended, moved: run.moved,
      path: run.path, outputs: run.outputs, boundary: this.portrait.boundary, missed: [...this.missed.means],
      measuring: Boolean(this.pending), redrawMs: this.redrawMs,
    };
  }
}

if (!customElements.get("fc-phase-portrait")) customElements.define("fc-phase-portrait", PhasePortrait);
