// <fc-wiring-box replaces="fig-box">: networks in their box, along penalty and training, and what a place costs.
import { Explorable } from "./element.js";
import { alt, fit, place } from "./page.js";
import { signed } from "./text.js";
import { costSvg, drawBox, drawScatter, spotsOf } from "./wiring-draw.js";
import { wiringFrame } from "./wiring-frame.js";
import { makeWiring } from "./wiring-model.js";
import {
  HINT, colorWords, describeWiring, gammaOf, longestWiring, numbersOf, pictureLabels,
} from "./wiring-text.js";

const KIND_NAMES = ["sernn", "l1"];
const SLIDERS = ["strength", "epoch", "unit", "x", "share"];
const [NEAR, STILL, TURN, STEEPEST, SCATTER, CURVE] = [14, 4, 5, 80, 230, 170]; // px, px, degrees, degrees, px, px
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

class WiringBox extends Explorable {
  frame = wiringFrame;

  encode({ kind, strength, epoch, diagonal, share, color, unit, x, yaw, pitch }) {
    const tenths = (value) => Math.round(10 * value);
    return {
      kind: KIND_NAMES[kind], strength, epoch, diagonal: diagonal ? "kept" : "out", share: tenths(share), color, unit,
      x: tenths(x), yaw, pitch,
    };
  }

  decode({ kind, diagonal, ...fields }) {
    const { strengths, epochs, places } = this.payload;
    const state = { kind: KIND_NAMES.indexOf(kind), diagonal: diagonal === "kept" };
    const most = {
      strength: strengths[0].length - 1, epoch: epochs.length - 1, share: 100, color: 2, unit: places.length - 1,
      x: 10 * Math.max(...places.map((one) => one[0])), yaw: 359, pitch: STEEPEST,
    };
    for (const [name, limit] of Object.entries(most)) {
      state[name] = /^\d+$/.test(fields[name]) && fields[name] <= limit ? Number(fields[name]) : NaN;
    }
    state.share /= 10;
    state.x /= 10;
    const known = state.kind >= 0 && Object.values(state).every((value) => !Number.isNaN(value));
    return known && state.share > 0 ? state : null;
  }

  makeLab() {
    return makeWiring(this.payload);
  }

  listen() {
    const { kind, diagonal, color, reset, more, box } = this.parts;
    const put = (change, name) => {
      this.set({ ...this.current, ...change }, name);
      this.share();
    };
    for (const name of SLIDERS) {
      const input = this.parts[name];
      input.addEventListener("input", () => {
        const change = name === "unit" ? this.picked(Number(input.value)) : { [name]: Number(input.value) };
        this.set({ ...this.current, ...change }, name);
      });
      input.addEventListener("change", () => this.share());
    }
    kind.addEventListener("change", () => put({ kind: Number(kind.value) }, "kind"));
    color.addEventListener("change", () => put({ color: Number(color.value) }, "color"));
    diagonal.addEventListener("change", () => put({ diagonal: diagonal.checked }, "diagonal"));
    reset.addEventListener("click", () => this.reset());
    more.addEventListener("toggle", () => this.redraw());
    box.addEventListener("keydown", (event) => this.key(event));
    this.listenToPointer(box);
  }

  /** A unit is picked at its home. */
  picked(unit) {
    return { unit, x: this.payload.places[unit][0] };
  }

  listenToPointer(box) {
    let drag = null;
    const at = (event) => {
      const { left, top } = box.getBoundingClientRect();
      return { x: event.clientX - left, y: event.clientY - top };
    };
    box.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.spots) return;
      box.setPointerCapture(event.pointerId);
      const from = at(event);
      drag = { id: event.pointerId, from, unit: this.nearest(from), far: 0, began: this.current };
    });
    box.addEventListener("pointermove", (event) => {
      if (event.pointerId !== drag?.id) return;
      const to = at(event);
      const [dx, dy] = [to.x - drag.from.x, to.y - drag.from.y];
      drag.far = Math.max(drag.far, Math.hypot(dx, dy));
      if (drag.far < STILL) return;
      if (drag.unit === drag.began.unit) this.slide(drag.began.x, dx, dy);
      else this.turn(drag.began.yaw - dx / 2, drag.began.pitch + dy / 2);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      box.addEventListener(end, (event) => {
        if (event.pointerId !== drag?.id) return;
        if (end === "pointerup" && drag.far < STILL && drag.unit >= 0 && drag.unit !== this.current.unit) {
          this.set({ ...this.current, ...this.picked(drag.unit) }, "unit");
        }
        drag = null;
        this.share();
      });
    }
  }

  /** The unit under the pointer, the picked one first; -1 if there is none. */
  nearest({ x, y }) {
    const far = (unit) => Math.hypot(this.spots[unit].x - x, this.spots[unit].y - y);
    if (far(this.current.unit) < NEAR) return this.current.unit;
    const close = this.spots.map((_, unit) => unit).filter((unit) => far(unit) < NEAR);
    return close.length ? close.reduce((best, unit) => (far(unit) < far(best) ? unit : best)) : -1;
  }

  /** Move the picked unit along the box as far as the pointer went in that direction. */
  slide(x, dx, dy) {
    const { box } = this.parts;
    const two = spotsOf([[0, 0, 0], [1, 0, 0]], this.lab.sides, this.current, box.clientWidth, box.clientHeight);
    const [ax, ay] = [two[1].x - two[0].x, two[1].y - two[0].y];
    const length = ax * ax + ay * ay;
    const moved = length > 9 ? (dx * ax + dy * ay) / length : 0; // seen from its end, the box has no such direction
    this.moveTo(x + moved);
  }

  moveTo(x) {
    const to = clamp(Math.round(10 * x) / 10, 0, this.lab.sides[0]);
    if (to !== this.current.x) this.set({ ...this.current, x: to }, "x");
  }

  /** Turn the box: only it is drawn, once a frame. */
  turn(yaw, pitch) {
    const turned = { yaw: ((Math.round(yaw) % 360) + 360) % 360, pitch: clamp(Math.round(pitch), 0, STEEPEST) };
    this.current = { ...this.current, ...turned };
    this.view = { ...this.view, state: this.current };
    this.frameId ??= requestAnimationFrame(() => {
      this.frameId = undefined;
      this.drawBox();
    });
  }

  key(event) {
    const { yaw, pitch, x } = this.current;
    const right = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    const up = { ArrowDown: -1, ArrowUp: 1 }[event.key] ?? 0;
    if ((!right && !up) || event.ctrlKey || event.metaKey || event.altKey) return;
    this.wake();
    if (event.shiftKey) this.moveTo(x + right / 10);
    else this.turn(yaw - TURN * right, pitch + TURN * up);
    this.share();
    event.preventDefault();
  }

  update(moved) {
    const { parts, payload, current: state } = this;
    const look = this.lab.look(state);
    this.view = { ...payload, state, look, moved };
    parts.hint.textContent = HINT;
    parts.kind.value = state.kind;
    parts.color.value = state.color;
    parts.diagonal.checked = state.diagonal;
    place(parts, "strength", state.strength, gammaOf(payload.strengths, state));
    place(parts, "epoch", state.epoch, String(payload.epochs[state.epoch]));
    place(parts, "unit", state.unit, String(state.unit + 1));
    place(parts, "x", state.x, signed(state.x, 1));
    place(parts, "share", state.share, `${signed(state.share, 1)}\u00a0%`);
    parts.boxTitle.textContent = `Strongest ${signed(state.share, 1)}\u00a0% of connections`;
    parts.curveTitle.textContent = `Cost of unit ${state.unit + 1} by its place; least at ${signed(look.best, 1)}`;
    parts.colorWords.textContent = colorWords(this.view);
    parts.about.textContent = payload.about;
    parts.numbers.innerHTML = numbersOf(this.view).map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join("");
    parts.live.textContent = describeWiring(this.view);
    parts.room.dataset.longest = longestWiring(this.view);
    this.redraw();
  }

  drawBox() {
    const { parts, view, payload, lab, theme, inks } = this;
    const width = Math.min(parts.box.parentNode.clientWidth, 460);
    const more = { places: payload.places, sides: lab.sides, theme, ...inks };
    const began = performance.now();
    this.spots = drawBox(parts.box, { ...view, ...more, width, height: Math.round(0.92 * width) });
    this.boxMs = performance.now() - began;
    alt(parts.box, pictureLabels(view).box);
  }

  draw() {
    const { parts, view, payload, lab, theme } = this;
    const style = getComputedStyle(this);
    const names = ["ink", "axis", "muted"];
    this.inks = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--fc-${name}`).trim()]));
    this.drawBox();
    const width = parts.scatter.parentNode.clientWidth;
    drawScatter(parts.scatter, { ...view, lab, width, height: SCATTER, theme, ...this.inks });
    const said = pictureLabels(view);
    alt(parts.scatter, said.scatter);
    if (!parts.more.open) return;
    const home = payload.places[view.state.unit][0];
    parts.curve.innerHTML = costSvg({ ...view, home, ...fit(parts.curve, CURVE) });
    alt(parts.curve, said.curve);
  }

  /** Numbers of the current view, for tests and the curious. */
  state() {
    this.wake();
    const { r, q, otherQ, sigma, accuracy, kept, own, now, all, cost, labels } = this.view.look;
    const { redrawMs, boxMs } = this;
    return { ...this.current, r, q, otherQ, sigma, accuracy, kept, own, now, all, cost, labels, redrawMs, boxMs };
  }
}

if (!customElements.get("fc-wiring-box")) customElements.define("fc-wiring-box", WiringBox);
