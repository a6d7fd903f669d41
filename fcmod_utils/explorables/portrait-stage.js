// The three canvases of the phase portrait, and what is drawn on them when.
import { amountGradient } from "./amounts.js";
import { fitCanvas } from "./colors.js";
import { lesionedUnits } from "./portrait-model.js";
import { largestAt } from "./portrait-summary.js";
import { drawPlane, drawState, planeScale } from "./portrait-plane.js";
import { drawBars } from "./portrait-bars.js";
import { drawMap } from "./portrait-map.js";
import { labels } from "./portrait-text.js";

const [WIDEST, ROW_WIDEST, BARS_HEIGHT] = [560, 340, 72];

export class Stage {
  /** What stands still is kept on a canvas of its own, so that a frame only adds the state. */
  constructor(element, parts) {
    Object.assign(this, { element, parts, still: document.createElement("canvas") });
  }

  /** Draw everything: after a move, a new size or another theme. */
  draw({ view, portrait, missed, theme }) {
    const css = getComputedStyle(this.element);
    const color = (name) => css.getPropertyValue(`--fc-${name}`).trim();
    this.colors = Object.fromEntries(["ink", "muted", "axis", "field", "pale"].map((name) => [name, color(name)]));
    this.colors.stimuli = [color("stimulus-1"), color("stimulus-2")];
    this.theme = theme;
    const width = Math.min(this.parts.plane.parentNode.clientWidth, WIDEST);
    const size = { width, height: Math.round(0.86 * width) };
    this.scale = planeScale(view.grid, size);
    drawPlane(this.still, { ...view, scale: this.scale, size, colors: this.colors });
    this.pen = fitCanvas(this.parts.plane, size.width, size.height);
    this.drawLesions({ view, portrait, missed });
  }

  /** The lesion map and the bars, whose numbers may come a little later than the flow. */
  drawLesions({ view, portrait, missed }) {
    const { parts, colors, theme } = this;
    const { entry, state, field } = view;
    const values = field.distances ?? missed.map;
    const top = Math.max(...values) || 1;
    const width = Math.min(parts.map.parentNode.clientWidth, ROW_WIDEST);
    const size = { width, height: Math.round(0.62 * width) };
    drawMap(parts.map, { values, top, entry, scale: planeScale(entry.plane, size), size, colors, theme });
    parts.scale.style.background = amountGradient(theme);
    parts.scaleEnd.textContent = top.toFixed(top < 10 ? 2 : 1);
    const { means } = missed;
    const chosen = lesionedUnits(entry.modules, state.lesion);
    drawBars(parts.bars, { means, units: portrait.units, chosen, size: { width, height: BARS_HEIGHT }, colors });
    const unit = largestAt(means);
    const text = labels({ ...view, missed: { unit, largest: means[unit] } });
    parts.plane.setAttribute("aria-label", `Phase plane: ${text.plane}`);
    parts.map.setAttribute("aria-label", text.map);
    parts.bars.setAttribute("aria-label", text.bars);
  }

  /** One frame: the still picture, and the state on its way. */
  paint({ run, trail, progress }, cursor) {
    const { pen, still, scale, colors } = this;
    pen.save();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, still.width, still.height);
    pen.drawImage(still, 0, 0);
    pen.restore();
    drawState(pen, { trail, path: run.path, progress, cursor, scale, colors });
  }
}
