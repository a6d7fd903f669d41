// <fc-lesion-lab replaces="fig-lesion">: cut a module's read-out and watch choices, outputs and FC.
import { MODULE_COLORS, drawMatrix, gradient } from "./matrix.js";
import { barsSvg, tracesSvg } from "./draw.js";
import { frame, isDark, watchTheme } from "./page.js";
import { barsTitle, describe, hint, labels, longestDescription } from "./text.js";
import { makeLab } from "./lesion-model.js";
import { readHash, writeHash } from "./share.js";

const HEIGHT = 310; // of the two plots beside the matrix

/** The first child script holds the payload; it may still be on its way. */
const dataOf = (element) => element.querySelector('script[type="application/json"]');

class LesionLab extends HTMLElement {
  connectedCallback() {
    if (this.parts) return;
    if (!dataOf(this)) return void setTimeout(() => this.connectedCallback(), 50);
    const twins = document.querySelectorAll(`[id="${this.id}"]`);
    if (twins.length > 1 && twins[0] !== this) this.id = `${this.id}-${[...twins].indexOf(this) + 1}`;
    this.payload = JSON.parse(dataOf(this).textContent);
    this.fromHash = readHash(this.id, this.payload);
    this.current = this.fromHash ?? { ...this.payload.start };
    this.parts = frame(this, this.payload);
    document.getElementById(this.getAttribute("replaces"))?.classList.add("fc-replaced");
    this.listen();
    const seen = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && this.wake(seen), {
      rootMargin: "600px",
    });
    seen.observe(this);
    if (this.fromHash) this.wake(seen);
  }

  /** Run the network for the first time: when the lab comes near the screen, or is asked. */
  wake(observer) {
    observer?.disconnect();
    if (this.lab) return;
    this.lab = makeLab(this.payload);
    const { start, module_names: names } = this.payload;
    const before = this.lab.intact(start.coherence).accuracy;
    const drops = names.map((_, module) => {
      const { accuracy } = this.lab.cut({ ...start, module, share: 1 });
      return accuracy.map((after, type) => before[type] - after);
    });
    this.parts.hint.textContent = hint({ start, names, drops });
    this.update("start");
    if (this.fromHash) this.scrollIntoView({ block: "center" });
    this.prepare();
  }

  /** Run the other coherences while the reader is still reading. */
  prepare() {
    const next = this.payload.task.coherences.find((coherence) => !this.lab.has(coherence));
    if (next === undefined) return;
    const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 200));
    idle(() => {
      this.lab.intact(next);
      this.prepare();
    });
  }

  listen() {
    const { module, share, coherence, reset } = this.parts;
    const { coherences } = this.payload.task;
    module.addEventListener("change", () => this.move("module", Number(module.value)));
    share.addEventListener("input", () => this.move("share", Number(share.value) / 100));
    coherence.addEventListener("input", () => this.move("coherence", coherences[Number(coherence.value)]));
    reset.addEventListener("click", () => this.set({ ...this.payload.start }, "reset"));
    for (const control of [module, share, coherence, reset]) {
      control.addEventListener(control === reset ? "click" : "change", () => writeHash(this.id, this.current));
    }
    window.addEventListener("hashchange", () => {
      const state = readHash(this.id, this.payload);
      if (state) this.set(state, "start");
    });
    watchTheme(() => this.lab && this.draw());
    new ResizeObserver(() => this.lab && this.draw()).observe(this);
  }

  move(control, value) {
    this.set({ ...this.current, [control]: value }, control);
  }

  set(state, moved) {
    this.wake();
    const began = performance.now();
    this.previous = this.lab.intact(this.current.coherence).summary;
    this.current = state;
    this.update(moved);
    this.redrawMs = performance.now() - began;
  }

  /** Numbers, then words, then pictures. */
  update(moved) {
    const { state, module, share, coherence, live, room } = { ...this.parts, state: this.current };
    const size = this.lab.sizes[state.module];
    const name = this.payload.module_names[state.module];
    const [intact, cut] = [this.lab.intact(state.coherence), this.lab.cut(state)];
    this.view = { state, name, size, intact, cut, moved, previous: this.previous };
    module.value = state.module;
    share.value = Math.round(100 * state.share);
    coherence.value = this.payload.task.coherences.indexOf(state.coherence);
    for (const slider of [share, coherence]) {
      slider.style.setProperty("--fc-fill", `${(100 * slider.value) / slider.max}%`);
    }
    coherence.setAttribute("aria-valuetext", `${state.coherence} %`);
    share.setAttribute("aria-valuetext", `${share.value} %, ${cut.units.length} of ${size} units`);
    this.parts.shareValue.textContent = `${share.value} %`;
    this.parts.coherenceValue.textContent = `${state.coherence} %`;
    this.parts.swatch.style.background = MODULE_COLORS[state.module] ?? "var(--fc-ink)";
    this.parts.barsTitle.textContent = barsTitle(state.coherence);
    live.textContent = describe(this.view);
    room.dataset.longest = longestDescription({ name, size: Math.max(...this.lab.sizes), start: this.payload.start });
    this.draw();
  }

  draw() {
    if (!this.clientWidth) return; // hidden, as in print
    const { traces, bars, matrix, scale } = this.parts;
    const { state, intact, cut } = this.view;
    const { task, range, module_names: names } = this.payload;
    const text = labels(this.view);
    const theme = isDark(this) ? "dark" : "light";
    this.dataset.theme = theme;
    const times = intact.means[0][0].map((_, step) => (step - task.steps.fixation) * task.dt_ms);
    const panels = [1, 2].map((output) => ({
      title: `choice ${output} output`,
      series: [intact, cut].flatMap((run, i) =>
        [0, 1].map((type) => ({ values: run.means[type][output], type, cut: i === 1 })),
      ),
    }));
    const fit = (svg) => {
      const size = { width: svg.parentNode.clientWidth, height: HEIGHT };
      Object.entries(size).forEach(([key, value]) => svg.setAttribute(key, value));
      return size;
    };
    traces.innerHTML = tracesSvg({ ...fit(traces), times, domain: range, panels });
    bars.innerHTML = barsSvg({ ...fit(bars), intact: intact.accuracy, cut: cut.accuracy });
    const { units, labels: order } = this.lab.live;
    const cutRows = cut.units.map((unit) => units.indexOf(unit));
    const ink = getComputedStyle(this).getPropertyValue("--fc-ink");
    const width = Math.min(matrix.parentNode.clientWidth, 340);
    drawMatrix(matrix, { values: intact.fc, labels: order, names, chosen: state.module, cutRows, width, ink, theme });
    scale.style.background = gradient(theme);
    traces.setAttribute("aria-label", text.traces);
    bars.setAttribute("aria-label", text.bars);
    matrix.setAttribute("aria-label", text.matrix);
  }

  /** Numbers of the current view, for tests and the curious. */
  state() {
    this.wake();
    const { intact, cut } = this.view;
    const final = ({ means }) => means.map((outputs) => outputs.map((values) => values.at(-1)));
    return {
      ...this.current,
      cutUnits: cut.units,
      accuracy: { intact: intact.accuracy, cut: cut.accuracy },
      final: { intact: final(intact), cut: final(cut) },
      fc: intact.summary,
      redrawMs: this.redrawMs,
    };
  }
}

if (!customElements.get("fc-lesion-lab")) customElements.define("fc-lesion-lab", LesionLab);
