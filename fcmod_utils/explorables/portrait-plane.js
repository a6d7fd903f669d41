// The phase plane on a canvas: arrows, boundary and paths stand still, the state moves over them.
import { fitCanvas } from "./colors.js";
import { niceTicks } from "./draw.js";
import { signed } from "./text.js";

const HEAD = 0.38; // an arrow's head, as a share of its length

/** Places in the picture: from the plane and back. The frame leaves half a cell around the grid. */
export function planeScale({ low, high, count }, { width, height, left = 34, right = 6, top = 6, bottom = 34 }) {
  const cell = [(width - left - right) / count, (height - top - bottom) / count];
  const unit = cell.map((size, k) => (size * (count - 1)) / (high[k] - low[k])); // pixels a unit
  const x = (a) => left + cell[0] / 2 + (a - low[0]) * unit[0];
  const y = (b) => height - bottom - cell[1] / 2 - (b - low[1]) * unit[1];
  const back = (px, py) => [
    low[0] + (px - left - cell[0] / 2) / unit[0],
    low[1] + (height - bottom - cell[1] / 2 - py) / unit[1],
  ];
  return { x, y, back, cell, unit, box: { left, top, right: width - right, bottom: height - bottom } };
}

/** All arrows as one path. Long steps are compressed, so that an arrow stays near its cell. */
function tracePath(context, points, flow, { x, y, unit, cell }, heads) {
  const reach = 0.95 * Math.min(...cell);
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) {
    const [right, down] = [flow[i] * unit[0], -flow[i + 1] * unit[1]];
    const length = Math.hypot(right, down);
    if (!(length > 0.01)) continue;
    const scale = reach / (length + 0.4 * reach);
    const [dx, dy] = [right * scale, down * scale];
    const [px, py] = [x(points[i]), y(points[i + 1])];
    const [tx, ty] = [px + dx, py + dy];
    context.moveTo(px, py);
    context.lineTo(tx, ty);
    if (!heads) continue;
    context.moveTo(tx - HEAD * (dx - 0.6 * dy), ty - HEAD * (dy + 0.6 * dx));
    context.lineTo(tx, ty);
    context.lineTo(tx - HEAD * (dx + 0.6 * dy), ty - HEAD * (dy - 0.6 * dx));
  }
}

function polyline(context, path, { x, y }) {
  context.beginPath();
  path.forEach(([a, b], i) => (i ? context.lineTo(x(a), y(b)) : context.moveTo(x(a), y(b))));
  context.stroke();
}

/** Ticks and names of the two axes, around a frame. */
export function drawAxes(context, { low, high, share }, { x, y, box }, { ink, axis }) {
  context.strokeStyle = axis;
  context.fillStyle = ink;
  context.lineWidth = 1;
  context.font = "12px sans-serif";
  context.strokeRect(box.left + 0.5, box.top + 0.5, box.right - box.left - 1, box.bottom - box.top - 1);
  const text = (value) => signed(value, Number.isInteger(value) ? 0 : 1);
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const tick of niceTicks(low[0], high[0], 5)) context.fillText(text(tick), x(tick), box.bottom + 3);
  const name = (k) => `component ${k + 1}${share ? ` (${Math.round(100 * share[k])} % of variance)` : ""}`;
  context.fillText(name(0), (box.left + box.right) / 2, box.bottom + 18);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of niceTicks(low[1], high[1], 5)) context.fillText(text(tick), box.left - 4, y(tick));
  context.save();
  context.translate(7, (box.top + box.bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(name(1), 0, 0);
  context.restore();
}

/** The line c + ca a + cb b = 0, with the names of its two sides. */
function boundaryLine(context, [c, ca, cb], names, { back, unit, box }, { ink, field }) {
  const [gx, gy] = [ca / unit[0], -cb / unit[1]]; // gradient per pixel, toward the first output
  const steep = Math.hypot(gx, gy);
  if (!(steep > 0)) return;
  const [mx, my] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const [a, b] = back(mx, my);
  const value = c + ca * a + cb * b;
  const foot = [mx - (value * gx) / steep ** 2, my - (value * gy) / steep ** 2]; // nearest to the middle
  const [dx, dy] = gx > 0 ? [gy / steep, -gx / steep] : [-gy / steep, gx / steep]; // along the line, upward
  context.strokeStyle = ink;
  context.lineWidth = 1.5;
  context.setLineDash([7, 4]);
  context.beginPath();
  context.moveTo(foot[0] - 2000 * dx, foot[1] - 2000 * dy);
  context.lineTo(foot[0] + 2000 * dx, foot[1] + 2000 * dy);
  context.stroke();
  context.setLineDash([]);
  const toTop = Math.abs(dy) > 0.2 ? (box.top + 14 - foot[1]) / dy : Infinity; // names where the line leaves
  const toSide = ((dx > 0 ? box.right - 14 : box.left + 14) - foot[0]) / (dx || 1e-9);
  const far = Math.min(...[toTop, toSide].filter((way) => way > 0), 2000);
  const end = [foot[0] + far * dx, foot[1] + far * dy];
  names.forEach((name, k) => {
    const toward = [gx, gy].map((g) => (k ? -g : g) / steep);
    sideName(context, name, end, toward, box, { ink, field });
  });
}

/** The name of a side, just off the line at `foot` in the direction given. */
function sideName(context, name, foot, [gx, gy], box, { ink, field }) {
  context.font = "600 12px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  const half = context.measureText(name).width / 2 + 4;
  const away = 10 + Math.abs(gx) * half;
  const x = Math.max(box.left + half, Math.min(box.right - half, foot[0] + away * gx));
  const y = Math.max(box.top + 10, Math.min(box.bottom - 10, foot[1] + away * gy));
  context.lineWidth = 4;
  context.strokeStyle = field;
  context.strokeText(name, x, y);
  context.fillStyle = ink;
  context.fillText(name, x, y);
}

/** The still part of the plane: axes, arrows (those of the intact network pale, without heads), paths, boundary. */
export function drawPlane(canvas, { entry, grid, flows, boundary, scale, size, colors }) {
  const context = fitCanvas(canvas, size.width, size.height);
  drawAxes(context, { ...entry.plane, ...grid }, scale, colors);
  const { box } = scale;
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  context.clip();
  context.lineWidth = 1;
  if (flows.lesioned) {
    context.strokeStyle = colors.pale;
    tracePath(context, flows.points, flows.intact, scale, false);
    context.stroke();
  }
  context.strokeStyle = colors.muted;
  tracePath(context, flows.points, flows.lesioned ?? flows.intact, scale, true);
  context.stroke();
  context.strokeStyle = colors.axis; // the grid of the lesion map, where the view is wider
  const [left, top] = [scale.x(entry.plane.low[0]), scale.y(entry.plane.high[1])];
  if (grid.low.join() + grid.high.join() !== entry.plane.low.join() + entry.plane.high.join()) {
    context.strokeRect(left, top, scale.x(entry.plane.high[0]) - left, scale.y(entry.plane.low[1]) - top);
  }
  entry.paths.forEach((path, k) => {
    context.strokeStyle = colors.stimuli[k];
    context.lineWidth = 3;
    context.setLineDash(k === 0 ? [] : [6, 3]);
    polyline(context, path, scale);
  });
  context.setLineDash([]);
  boundaryLine(context, boundary, entry.compare.map((output) => entry.outputs[output]), scale, colors);
  context.restore();
}

/** The moving part: where the state has been, how far it has come, and the cursor. */
export function drawState(context, { trail, path, progress, cursor, scale, colors }) {
  const { x, y, box } = scale;
  const whole = Math.floor(progress);
  const here = path[Math.min(whole, path.length - 1)];
  const next = path[Math.min(whole + 1, path.length - 1)];
  const at = here.map((value, k) => value + (progress - whole) * (next[k] - value));
  const walked = [...path.slice(0, whole + 1), at];
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  context.clip();
  context.lineJoin = "round";
  const strokes = [[trail, colors.axis, 1.5], [walked, colors.field, 5], [walked, colors.ink, 2]];
  for (const [line, color, width] of strokes) {
    context.strokeStyle = color;
    context.lineWidth = width;
    polyline(context, line, scale);
  }
  context.fillStyle = colors.ink;
  context.beginPath();
  for (const [a, b] of path.slice(0, whole + 1)) context.rect(x(a) - 1.5, y(b) - 1.5, 3, 3);
  context.fill();
  const clip = (value, low, high) => Math.max(low + 7, Math.min(high - 7, value));
  const place = [clip(x(at[0]), box.left, box.right), clip(y(at[1]), box.top, box.bottom)];
  const outside = place[0] !== x(at[0]) || place[1] !== y(at[1]); // hollow, at the edge
  context.beginPath();
  context.arc(...place, 6, 0, 7);
  context.lineWidth = 2;
  context.fillStyle = outside ? colors.field : colors.ink;
  context.strokeStyle = outside ? colors.ink : colors.field;
  context.fill();
  context.stroke();
  if (cursor) {
    context.strokeStyle = colors.ink;
    context.lineWidth = 2;
    context.strokeRect(x(cursor[0]) - 8, y(cursor[1]) - 8, 16, 16);
  }
  context.restore();
}
