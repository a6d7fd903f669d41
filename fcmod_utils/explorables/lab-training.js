// The Lab's first floor: how training goes, in words, curves and the matrix that grows.
import { gradient } from "./colors.js";
import { among } from "./lab-numbers.js";
import { accuracySvg, lossSvg, sheetSvg } from "./lab-plots.js";
import { setupText } from "./lab-form.js";
import { partitionInParts } from "./louvain.js";
import { drawMatrix } from "./matrix.js";
import { orderByModule } from "./modules.js";
import { alt, fit } from "./page.js";
import { inSlices } from "./slices.js";
import { percent } from "./text.js";

const PLOT_HEIGHT = 210;
const FEW_SEARCHES = 6; // for modules that are found again and again

export class Training {
  constructor(parts, bookLoss) {
    Object.assign(this, { parts, bookLoss, state: "idle" });
  }

  say(text) {
    this.parts.said.textContent = text;
  }

  /** Nothing trained yet. */
  clear(setup) {
    this.state = "idle";
    this.empty(setup);
    this.name("Train", "Not trained yet.");
  }

  empty(setup) {
    Object.assign(this, { setup, step: 0, losses: [], points: [], matrix: null, newest: null, round: {} });
  }

  begin(setup) {
    this.state = "running";
    this.empty(setup);
    this.name("Pause", "Starting …");
    this.say(`Training ${setupText(setup)}.`);
  }

  name(button, progress) {
    this.parts.train.textContent = button;
    this.parts.progress.textContent = progress;
  }

  hear(event) {
    const acts = {
      progress: () => {
        this.step = event.step;
        for (const loss of event.loss) this.losses.push(loss);
        const loss = this.losses.length ? `, loss ${this.losses.at(-1).toFixed(3)}` : "";
        const speed = event.steps_per_s > 0 ? `, ${Math.round(event.steps_per_s)} steps a second` : "";
        if (this.state === "running") this.name("Pause", `Step ${event.step} of ${event.steps}${loss}${speed}.`);
      },
      evaluation: () => this.evaluated(event),
      paused: () => this.pause(event),
      resumed: () => {
        this.state = "running";
        this.name("Pause", "Going on …");
        this.say("Training goes on.");
      },
      done: () => {
        this.end(event);
        this.evaluated({ ...event.evaluation, step: event.evaluation.step ?? event.step });
      },
      failed: () => this.end(event),
    };
    acts[event.type]?.();
  }

  pause({ step }) {
    this.state = "paused";
    this.name("Resume", `Paused at step ${step}.`);
    this.say(`Paused at step ${step} of ${this.setup.steps}. Resume goes on from here; Stop keeps the network as it is.`);
  }

  end({ step, seconds }) {
    this.state = "done";
    this.step = step;
    this.name("Train", `${step} of ${this.setup.steps} steps${seconds ? ` in ${seconds.toFixed(1)} s` : ""}.`);
  }

  evaluated({ step, accuracy, fc, live, weights }) {
    if (this.points.at(-1)?.step !== step) this.points.push({ step, types: accuracy.types });
    this.order({ step, fc, live, weights });
  }

  /** Find the modules of the newest matrix, a few milliseconds at a time; the oldest waiting one is dropped. */
  async order(found) {
    this.newest = found;
    if (this.ordering) return;
    this.ordering = true;
    while (this.newest) {
      const { newest: { step, fc, live: alive, weights }, round } = this;
      this.newest = null;
      const units = [...alive.keys()].filter((unit) => alive[unit]);
      const own = among(fc, alive.length, units);
      const part = await inSlices(partitionInParts(own, units.length, FEW_SEARCHES), undefined, 6);
      if (round !== this.round) continue; // another training has begun, or none is left
      const labels = new Array(alive.length).fill(-1);
      units.forEach((unit, k) => (labels[unit] = part.labels[k]));
      const order = orderByModule(labels).filter((unit) => labels[unit] >= 0);
      this.matrix = { step, values: among(fc, alive.length, order), labels: order.map((unit) => labels[unit]),
        byUnit: labels, q: part.q, weights };
      this.ready?.();
    }
    this.ordering = false;
  }

  draw(part, { theme, colors, later }) {
    const { parts, setup, losses, points, matrix } = this;
    this.ready = () => later("evaluation");
    if (!setup) return;
    if (part === "training") {
      const { steps } = setup;
      const book = setup.task === "go_nogo" ? null : this.bookLoss;
      parts.loss.innerHTML = lossSvg({ ...fit(parts.loss, PLOT_HEIGHT), steps, losses, book });
      parts.accuracy.innerHTML = accuracySvg({ ...fit(parts.accuracy, PLOT_HEIGHT), steps, points });
      const last = points.at(-1)?.types ?? [null, null];
      const share = (value) => (value === null ? "none" : percent(value));
      alt(parts.loss, losses.length
        ? `Loss after ${losses.length} steps: ${losses.at(-1).toFixed(3)}` : "Loss: not trained yet");
      alt(parts.accuracy, `Accuracy by type of trial: ${last.map(share).join(" and ")}`);
      return;
    }
    const width = Math.min(parts["live-fc"].parentNode.clientWidth, PLOT_HEIGHT + 30);
    const names = new Proxy({}, { get: (_, k) => String(Number(k) + 1) });
    const { values, labels } = matrix ?? { values: new Float32Array(0), labels: [] };
    drawMatrix(parts["live-fc"], { values, labels, names, width, ink: colors.ink, theme });
    parts.fcTitle.textContent = matrix ? `FC at step ${matrix.step}, by module` : "FC while it trains";
    parts.scale.style.background = gradient(theme);
    const sized = matrix
      ? `${matrix.labels.length} live units, ${new Set(matrix.labels).size} modules, q ${matrix.q.toFixed(2)}`
      : "not trained yet";
    alt(parts["live-fc"], `Functional connectivity of the network in training: ${sized}`);
    this.drawSheet(setup);
  }

  goesOn() {
    return ["running", "paused"].includes(this.state);
  }

  /** While a network with a price on distance trains, its sheet is shown. */
  showsSheet() {
    return this.goesOn() && this.setup.penalty === "distance" && this.matrix;
  }

  /** The sheet as it is now. */
  drawSheet({ units }) {
    if (!this.showsSheet()) return;
    const { parts, matrix } = this;
    parts.sheetView.hidden = false;
    parts.sheet.innerHTML = sheetSvg(
      { ...fit(parts.sheet, 300), units, weights: matrix.weights.w_rec, labels: matrix.byUnit, chosen: [] });
    alt(parts.sheet, `Units on a sheet at step ${matrix.step}`);
  }

  numbers() {
    const { state, step, losses, points, matrix } = this;
    return { training: state, step, losses: losses?.length ?? 0, loss: losses?.at(-1),
      accuracy: points?.at(-1)?.types ?? null, liveQ: matrix?.q ?? null };
  }
}
