// The wiring box's pictures: the box on a canvas, weight against distance, the cost of a place.
import { amountColor } from "./amounts.js";
import { MODULE_COLORS, divergingColor, fitCanvas } from "./colors.js";
import { CROSS, OUTLINES, fixed, label, line, niceTicks, number } from "./draw.js";
import { apart, project } from "./wiring-model.js";

const ACCENT = { light: "#d55e00", dark: "#f08a3c" };
const TICKS = [0, 0.01, 0.1, 0.5, 1, 2, 5, 10];
const CORNERS = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => [k & 1, (k >> 1) & 1, (k >> 2) & 1]);
const MARGIN = { left: 40, right: 8, top: 10, bottom: 38 };

/** Size of a grid step on the screen, whichever way the box is turned, and the screen's middle. */
export function boxScale(sides, width, height) {
  const reach = Math.min(width / Math.hypot(sides[0], sides[1]), height / Math.hypot(...sides));
  return { step: 0.9 * reach, x: width / 2, y: height / 2 };
}

/** Where units lie on a canvas of some size: { x, y, far }. */
export function spotsOf(places, sides, turn, width, height) {
  const { step, x, y } = boxScale(sides, width, height);
  return project(places, sides, turn).map(([right, up, far]) => ({ x: x + step * right, y: y - step * up, far }));
}

/** Fill of each unit, and its shape: modules also differ by shape. */
export function looksOf({ look, color, theme, ink }) {
  if (color === 0) return look.labels.map((module) => ({ fill: MODULE_COLORS[module] ?? ink, shape: module }));
  if (color === 2) return look.preference.map((value) => ({ fill: `rgb(${divergingColor(value, theme)})`, shape: 0 }));
  const most = Math.max(...look.received, 1e-12);
  return look.received.map((value) => ({ fill: `rgb(${amountColor(value / most, theme)})`, shape: 0 }));
}

function trace(context, { x, y }, shape, size) {
  context.beginPath();
  if (shape === 0) context.arc(x, y, size, 0, 2 * Math.PI);
  else {
    const points = OUTLINES[shape - 1] ?? CROSS;
    for (let i = 0; i < points.length; i += 2) context.lineTo(x + size * points[i], y + size * points[i + 1]);
    context.closePath();
  }
}

function stroke(context, from, to, style, width, alpha) {
  context.strokeStyle = style;
  context.lineWidth = width;
  context.globalAlpha = alpha;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.stroke();
  context.globalAlpha = 1;
}

/** Draw the box; returns where its units lie on the canvas. */
export function drawBox(canvas, { look, state, sides, places, width, height, theme, ink, axis }) {
  const context = fitCanvas(canvas, width, height);
  const at = (some) => spotsOf(some, sides, state, width, height);
  const spots = at(look.shown);
  const corners = at(CORNERS.map((corner) => corner.map((one, k) => one * sides[k])));
  CORNERS.forEach((a, i) => {
    for (let j = i + 1; j < 8; j++) {
      if (a.filter((one, k) => one !== CORNERS[j][k]).length === 1) stroke(context, corners[i], corners[j], axis, 1, 0.5);
    }
  });
  const strongest = look.edges[0]?.size ?? 1;
  for (const { to, from, size } of look.edges) {
    const picked = to === state.unit || from === state.unit;
    const strength = Math.sqrt(size / strongest);
    const [style, alpha] = picked ? [ACCENT[theme], 0.95] : [ink, 0.15 + 0.5 * strength];
    stroke(context, spots[from], spots[to], style, 0.5 + 2 * strength, alpha);
  }
  const fills = looksOf({ look, color: state.color, theme, ink });
  const depth = Math.hypot(...sides);
  const order = spots.map((_, unit) => unit).sort((a, b) => spots[b].far - spots[a].far);
  const n = spots.length;
  for (const unit of order) {
    const size = (width / 420) * (4.6 - (2.4 * spots[unit].far) / depth);
    if (state.diagonal && Math.abs(look.w[unit * (n + 1)]) >= look.least) ring(context, spots[unit], size + 3.5, ink, 1);
    context.fillStyle = fills[unit].fill;
    context.strokeStyle = ink;
    context.lineWidth = 0.7;
    trace(context, spots[unit], fills[unit].shape, size);
    context.fill();
    context.stroke();
  }
  const [home] = at([places[state.unit]]);
  const here = spots[state.unit];
  if (apart(look.shown[state.unit], places[state.unit])) {
    ring(context, home, 4, ACCENT[theme], 1.5);
    stroke(context, home, here, ACCENT[theme], 1.5, 1);
  }
  ring(context, here, 11, ACCENT[theme], 2.5);
  return spots;
}

function ring(context, { x, y }, radius, style, width) {
  context.strokeStyle = style;
  context.lineWidth = width;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}

/** Draw |w| against distance: a dot per connection, its mean at each distance, the picked unit's in color. */
export function drawScatter(canvas, { look, state, lab, width, height, theme, ink, axis, muted }) {
  const context = fitCanvas(canvas, width, height);
  const { n, distance, sides, top } = lab;
  const [right, bottom] = [width - MARGIN.right, height - MARGIN.bottom];
  const reach = Math.hypot(...sides) * 1.03;
  const x = (d) => MARGIN.left + 6 + (d / reach) * (right - MARGIN.left - 6);
  const y = (size) => bottom - Math.sqrt(size / top) * (bottom - MARGIN.top);
  context.font = "12px sans-serif";
  context.fillStyle = muted;
  context.textAlign = "right";
  context.textBaseline = "middle";
  const ticks = TICKS.filter((tick) => tick <= top);
  for (const tick of ticks) {
    stroke(context, { x: MARGIN.left, y: y(tick) }, { x: right, y: y(tick) }, axis, 1, tick ? 0.3 : 1);
    context.fillText(number(tick), MARGIN.left - 6, y(tick));
  }
  context.textAlign = "center";
  for (let d = 0; d <= reach; d++) context.fillText(number(d), x(d), bottom + 12);
  context.fillText("distance in grid steps", (MARGIN.left + right) / 2, bottom + 29);
  const means = new Map();
  context.fillStyle = ink;
  context.globalAlpha = 0.35;
  look.w.forEach((value, at) => {
    const self = at % (n + 1) === 0;
    const size = Math.abs(value);
    if (!self) {
      const sum = means.get(distance[at]) ?? [0, 0];
      means.set(distance[at], [sum[0] + size, sum[1] + 1]);
    }
    if (!self || state.diagonal) context.fillRect(x(distance[at]) - 1, y(size) - 1, 2, 2);
  });
  context.globalAlpha = 1;
  context.fillStyle = ACCENT[theme];
  for (let j = 0; j < n; j++) {
    if (j === state.unit && !state.diagonal) continue;
    const far = x(apart(look.shown[state.unit], look.shown[j]));
    for (const at of [state.unit * n + j, j * n + state.unit]) {
      context.fillRect(far - 1.5, y(Math.abs(look.w[at])) - 1.5, 3, 3);
    }
  }
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.beginPath();
  for (const [d, [sum, count]] of [...means].sort((a, b) => a[0] - b[0])) context.lineTo(x(d), y(sum / count));
  context.stroke();
}

/** The cost of the picked unit's connections along the box, as SVG. */
export function costSvg({ look, state, home, width, height }) {
  const [left, right, top, bottom] = [44, width - 12, 14, height - 36];
  const high = Math.max(...look.along, 1e-9) * 1.1;
  const last = look.steps.at(-1);
  const x = (at) => left + (at / last) * (right - left);
  const y = (cost) => bottom - (cost / high) * (bottom - top);
  const ticks = niceTicks(0, high, 3).map(
    (tick) =>
      line(left, y(tick), right, y(tick), "fc-grid") +
      label(left - 6, y(tick) + 4, number(Number(tick.toPrecision(3))), { anchor: "end" }),
  );
  const under = Array.from({ length: last + 1 }, (_, at) => label(x(at), bottom + 16, at));
  const path = look.steps.map((at, i) => `${fixed(x(at))},${fixed(y(look.along[i]))}`).join(" ");
  return [
    ...ticks,
    ...under,
    label((left + right) / 2, bottom + 32, "place along the box's first side, in grid steps"),
    line(x(home), top, x(home), bottom, "fc-zero"),
    label(x(home), top - 3, "home"),
    `<polyline class="fc-curve" points="${path}"/>`,
    `<circle class="fc-here" cx="${fixed(x(state.x))}" cy="${fixed(y(look.now))}" r="6"/>`,
  ].join("");
}
