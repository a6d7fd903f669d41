// <fc-lesion-lab replaces="fig-lesion">: cut a module's read-out and watch choices, outputs and FC.
import { MODULE_COLORS, gradient } from "./colors.js";
import { drawMatrix } from "./matrix.js";
import { Explorable } from "./element.js";
import { barsSvg } from "./bars.js";
import { tracesSvg } from "./lesion-draw.js";
import { CUT_STEP, frame } from "./lesion-frame.js";
import { makeLab } from "./lesion-model.js";
import { fit, place } from "./page.js";
import { barsTitle, describe, hint, labels, longestDescription } from "./lesion-text.js";

const HEIGHT = 310; // of the two plots beside the matrix

class LesionLab extends Explorable {
  frame = frame;

  encode({ module, share, coherence }) {
    return { module: module + 1, cut: Math.round(100 * share), coherence: String(coherence).replace(".", "-") };
  }

  decode({ module, cut, coherence }) {
    const { module_names: names, task } = this.payload;
    const state = {
      module: Number(module) - 1,
      share: (Math.round(Number(cut) / CUT_STEP) * CUT_STEP) / 100,
      coherence: Number(coherence?.replace("-", ".")),
    };
    const known = names[state.module] !== undefined && state.share <= 1 && task.coherences.includes(state.coherence);
    return known ? state : null;
  }

  makeLab() {
    const lab = makeLab(this.payload);
    const { start, module_names: names } = this.payload;
    const before = lab.intact(start.coherence).accuracy;
    const drops = names.map((_, module) => {
      const { accuracy } = lab.cut({ ...start, module, share: 1 });
      return accuracy.map((after, type) => before[type] - after);
    });
    this.parts.hint.textContent = hint({ start, names, drops });
    this.prepare(lab);
    return lab;
  }

  /** Run the other coherences while the reader is still reading. */
  prepare(lab) {
    const next = this.payload.task.coherences.find((coherence) => !lab.has(coherence));
    if (next === undefined) return;
    const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 200));
    idle(() => {
      lab.intact(next);
      this.prepare(lab);
    });
  }

  listen() {
    const { module, share, coherence, reset } = this.parts;
    const { coherences } = this.payload.task;
    module.addEventListener("change", () => this.move("module", Number(module.value)));
    share.addEventListener("input", () => this.move("share", Number(share.value) / 100));
    coherence.addEventListener("input", () => this.move("coherence", coherences[Number(coherence.value)]));
    reset.addEventListener("click", () => this.reset());
    for (const control of [module, share, coherence]) control.addEventListener("change", () => this.share());
  }

  move(control, value) {
    this.set({ ...this.current, [control]: value }, control);
  }

  /** Numbers, then words, then pictures. */
  update(moved) {
    const { state, module, live, room } = { ...this.parts, state: this.current };
    const size = this.lab.sizes[state.module];
    const name = this.payload.module_names[state.module];
    const [intact, cut] = [this.lab.intact(state.coherence), this.lab.cut(state)];
    const previous = this.last && this.lab.intact(this.last.coherence).summary;
    this.view = { state, name, size, intact, cut, moved, previous };
    module.value = state.module;
    const [part, step] = [Math.round(100 * state.share), this.payload.task.coherences.indexOf(state.coherence)];
    place(this.parts, "share", part, `${part} %`, `${part} %, ${cut.units.length} of ${size} units`);
    place(this.parts, "coherence", step, `${state.coherence} %`);
    this.parts.swatch.style.background = MODULE_COLORS[state.module] ?? "var(--fc-ink)";
    this.parts.barsTitle.textContent = barsTitle(state.coherence);
    live.textContent = describe(this.view);
    room.dataset.longest = longestDescription({ name, size: Math.max(...this.lab.sizes), start: this.payload.start });
    this.redraw();
  }

  draw() {
    const { theme } = this;
    const { traces, bars, matrix, scale } = this.parts;
    const { state, intact, cut } = this.view;
    const { task, range, module_names: names } = this.payload;
    const text = labels(this.view);
    const times = intact.means[0][0].map((_, step) => (step - task.steps.fixation) * task.dt_ms);
    const panels = [1, 2].map((output) => ({
      title: `choice ${output} output`,
      series: [intact, cut].flatMap((run, i) =>
        [0, 1].map((type) => ({ values: run.means[type][output], type, cut: i === 1 })),
      ),
    }));
    traces.innerHTML = tracesSvg({ ...fit(traces, HEIGHT), times, domain: range, panels });
    bars.innerHTML = barsSvg({ ...fit(bars, HEIGHT), intact: intact.accuracy, cut: cut.accuracy });
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
