// <fc-module-maker replaces="fig-maker">: make input weights, and see which modules they make.
import { gradient } from "./colors.js";
import { Explorable } from "./element.js";
import { curveSvg } from "./maker-draw.js";
import { planeSvg } from "./plane.js";
import { frame } from "./maker-frame.js";
import { makeMaker } from "./maker-model.js";
import { MODELS, describe, labels, longestDescription } from "./maker-text.js";
import { drawMatrix } from "./matrix.js";
import { fit, place } from "./page.js";

const HEIGHT = 300; // of the two plots
const REACH = 3; // weights beyond this are drawn as strong as it

class ModuleMaker extends Explorable {
  frame = frame;

  encode({ model, at, noise, draw }) {
    const text = (value) => String(value).replace(".", "-");
    return { model: model.replace("_", "-"), at: text(at), noise: text(noise), draw: draw + 1 };
  }

  decode({ model, at, noise, draw }) {
    const { models, noise_levels: levels, draws } = this.payload;
    const number = (text) => Number(text?.replace("-", "."));
    const state = { model: model?.replace("-", "_"), at: number(at), noise: number(noise), draw: Number(draw) - 1 };
    const known = Object.hasOwn(models, state.model) && models[state.model].values.includes(state.at) &&
      levels.includes(state.noise) && draws[state.draw];
    return known ? state : null;
  }

  makeLab() {
    return makeMaker(this.payload);
  }

  listen() {
    const { model, at, noise, another, reset } = this.parts;
    const { models, noise_levels: levels, draws } = this.payload;
    model.addEventListener("change", () => {
      this.set({ ...this.current, model: model.value, at: models[model.value].start }, "model");
    });
    at.addEventListener("input", () => this.move("at", models[this.current.model].values[Number(at.value)]));
    noise.addEventListener("input", () => this.move("noise", levels[Number(noise.value)]));
    another.addEventListener("click", () => this.move("draw", (this.current.draw + 1) % draws.length));
    reset.addEventListener("click", () => this.reset());
    for (const control of [model, at, noise]) control.addEventListener("change", () => this.share());
    another.addEventListener("click", () => this.share());
  }

  move(control, value) {
    this.set({ ...this.current, [control]: value }, control);
  }

  /** Numbers, then words, then pictures. */
  update(moved) {
    const { parts, payload, current: state } = this;
    const { values, draws } = payload.models[state.model];
    const { parameter, hint, format, shown } = MODELS[state.model];
    const before = moved === "start" ? undefined : this.view?.look.q;
    const look = this.lab.look(state);
    this.view = { state, look, before, moved, at: state.at, values, draws, curve: this.lab.curve(state) };
    parts.model.value = state.model;
    parts.hint.textContent = hint;
    parts.atLabel.textContent = parameter;
    parts.at.max = values.length - 1;
    place(parts, "at", values.indexOf(state.at), (shown ?? format)(state.at));
    place(parts, "noise", payload.noise_levels.indexOf(state.noise), `SD ${state.noise}`);
    parts.live.textContent = describe(this.view);
    parts.room.dataset.longest = longestDescription({ draws, units: payload.units });
    this.redraw();
  }

  draw() {
    const { theme, parts, view } = this;
    const { look, state } = view;
    const { order, inputs, q } = look;
    const units = look.labels.length;
    const text = labels(view);
    const ordered = (matrix) => Float64Array.from(order.flatMap((i) => order.map((j) => matrix[i * units + j])));
    const names = look.sizes.map((_, module) => String(module + 1));
    const common = {
      labels: order.map((unit) => look.labels[unit]),
      names,
      ink: getComputedStyle(this).getPropertyValue("--fc-ink"),
      theme,
    };
    const width = Math.min(parts.similarity.parentNode.clientWidth, parts.fc.parentNode.clientWidth, 340);
    drawMatrix(parts.similarity, { ...common, values: ordered(look.s), width });
    drawMatrix(parts.fc, { ...common, values: ordered(look.fc), width });
    const weights = order.flatMap((unit) => Array.from({ length: inputs }, (_, k) => look.w[unit * inputs + k] / REACH));
    const strip = parts.weights.parentNode.clientWidth;
    drawMatrix(parts.weights, { ...common, values: weights, width: strip, height: width - 14 }); // as high as its neighbors
    for (const bar of ["weightScale", "scale", "fcScale"]) parts[bar].style.background = gradient(theme);
    parts.plane.innerHTML = planeSvg({ ...fit(parts.plane, HEIGHT), ...look });
    const { axis, format } = MODELS[state.model];
    parts.curve.innerHTML = curveSvg({ ...fit(parts.curve, HEIGHT), ...view, q, axis, format });
    for (const [part, words] of Object.entries(text)) parts[part].setAttribute("aria-label", words);
  }

  /** Numbers of the current view, for tests and the curious. */
  state() {
    this.wake();
    const { q, labels: found, sizes, modules, agreement } = this.view.look;
    return { ...this.current, q, labels: found, sizes, modules, agreement, redrawMs: this.redrawMs };
  }
}

if (!customElements.get("fc-module-maker")) customElements.define("fc-module-maker", ModuleMaker);
