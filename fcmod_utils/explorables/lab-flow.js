// The Lab's phase plane: a state that is dragged, or moved with keys, and where it runs from there.
import { cursorAfter, isWay } from "./portrait-cursor.js";
import { drawPlane, drawState, planeScale } from "./portrait-plane.js";
import { makePortrait, widened } from "./portrait-model.js";
import { encodeFloats } from "./lab-file.js";

const UNCUT = { kind: "none", index: 0 };

/** The same network with a lesion, in the same plane: its weights decide what is cut. */
export function lesionedPortrait({ entry }, weights, { units, inputs, outputs }, kind, chosen) {
  const [wIn, wRec, wOut] = [weights.w_in.slice(), weights.w_rec.slice(), weights.w_out.slice()];
  for (const unit of chosen) {
    if (kind === "input") wIn.fill(0, unit * inputs, (unit + 1) * inputs);
    for (let other = 0; kind === "neurons" && other < units; other++)
      wRec[unit * units + other] = wRec[other * units + unit] = 0;
    for (let o = 0; kind === "output" && o < outputs; o++) wOut[o * units + unit] = 0;
  }
  const changed = { w_in: encodeFloats(wIn), w_rec: encodeFloats(wRec), w_out: encodeFloats(wOut) };
  return makePortrait({ ...entry, weights: { ...entry.weights, ...changed } });
}

export class FlowPanel {
  /** `moved` is called after the reader has moved the state. */
  constructor(canvas, moved) {
    Object.assign(this, { canvas, moved, still: document.createElement("canvas"), from: null });
    const follow = ({ offsetX, offsetY }) => this.go(this.scale.back(offsetX, offsetY));
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button || !this.scale || !this.now) return;
      canvas.setPointerCapture(event.pointerId);
      this.dragging = true;
      follow(event);
    });
    canvas.addEventListener("pointermove", (event) => this.dragging && follow(event));
    canvas.addEventListener("lostpointercapture", () => { // let go, or ended by the system
      this.dragging = false;
      this.go(this.from, true);
    });
    canvas.addEventListener("keydown", (event) => {
      if (!isWay(event) || !this.now) return;
      event.preventDefault();
      this.go(cursorAfter(this.now.intact.entry.plane, this.from ?? this.run.path[0], event).at, true);
    });
  }

  /** Another network, lesion or input: { intact: { entry, portrait }, lesioned: portrait or null, inputs }. */
  show(now) {
    this.now = now;
    this.from = now.fresh ? null : this.from;
    this.start();
  }

  /** Let the state run from where it is; the view is widened to hold its path. */
  start() {
    const { intact, lesioned, inputs } = this.now;
    const portrait = lesioned ?? intact.portrait;
    this.run = portrait.run(portrait.start(this.from), inputs, UNCUT);
    if (this.dragging && this.grid) return;
    this.grid = widened(intact.entry.plane, this.run.path);
    const flows = intact.portrait.flows(inputs, UNCUT, this.grid);
    this.flows = lesioned ? { ...flows, lesioned: lesioned.flows(inputs, UNCUT, this.grid).intact } : flows;
    this.boundary = portrait.boundary;
  }

  go(at, settled) {
    if (!at || !this.now) return;
    const { low, high } = this.grid;
    this.from = at.map((value, k) => Math.max(low[k], Math.min(high[k], value)));
    this.start();
    if (settled) this.moved(this.run);
    if (settled && this.look) this.draw(this.look);
    else this.paint();
  }

  draw(look) {
    this.look = look;
    const { size, colors } = look;
    const { intact } = this.now;
    this.scale = planeScale(this.grid, size);
    drawPlane(this.still,
      { entry: intact.entry, grid: this.grid, flows: this.flows, boundary: this.boundary, scale: this.scale, size, colors });
    this.canvas.width = this.still.width;
    this.canvas.height = this.still.height;
    [this.canvas.style.width, this.canvas.style.height] = [`${size.width}px`, `${size.height}px`];
    this.paint();
  }

  paint() {
    if (!this.scale) return;
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.still, 0, 0);
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const cursor = this.canvas.matches(":focus-visible") ? this.run.path[0] : null;
    drawState(context,
      { trail: [], path: this.run.path, progress: this.run.steps, cursor, scale: this.scale, colors: this.look.colors });
    context.fillStyle = this.look.colors.field; // where it starts: the handle to drag
    context.strokeStyle = this.look.colors.ink;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(this.scale.x(this.run.path[0][0]), this.scale.y(this.run.path[0][1]), 6, 0, 7);
    context.fill();
    context.stroke();
  }
}
