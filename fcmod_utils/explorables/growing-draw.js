// The growing sheet's pictures: the map on a canvas, and 20 tasks as bars.
import { MODULE_COLORS, fitCanvas } from "./colors.js";
import { CROSS, OUTLINES, fixed, label, line, mark, rectangle } from "./draw.js";

const ACCENT = { light: "#d55e00", dark: "#f08a3c" };
const TURNED = OUTLINES[1].map((value, i) => (i % 2 ? -value : value)); // a triangle on its tip
const PLUS = CROSS.map((_, i) => 0.8 * (i % 2 ? CROSS[i - 1] + CROSS[i] : CROSS[i] - CROSS[i + 1]));
const SHAPES = [null, ...OUTLINES.slice(0, 3), TURNED, PLUS]; // null is a circle
const [SHADES, DOT, ROW] = [10, 0.08, 17]; // shades of lines; half a grey dot's side, in cells; px of a task

/** Color and shape of a cluster: as the book's modules, then each color with its next shape. */
export function looksOf(cluster, ink) {
  const turn = Math.floor(cluster / SHAPES.length);
  const color = cluster % SHAPES.length;
  return { fill: MODULE_COLORS[color] ?? ink, shape: (color + turn) % SHAPES.length };
}

/** Where neurons are drawn in a look: places in cells, the size of their mark, connections. */
export function pictureOf({ cells, active, links }, { columns }) {
  return {
    places: Array.from(cells, (cell) => [(cell % columns) + 0.5, Math.floor(cell / columns) + 0.5]),
    sizes: Array.from(active, (one) => (one ? 1 : 0)),
    links,
  };
}

function trace(context, x, y, shape, size) {
  if (!SHAPES[shape]) {
    context.moveTo(x + size, y);
    context.arc(x, y, size, 0, 2 * Math.PI);
    return;
  }
  const points = SHAPES[shape];
  for (let i = 0; i < points.length; i += 2) {
    context[i ? "lineTo" : "moveTo"](x + size * points[i], y + size * points[i + 1]);
  }
  context.closePath();
}

/** All lines in a few strokes, the faint ones first. */
function drawLinks(context, picture, { cell, top, ink, faint }) {
  const shades = Array.from({ length: SHADES }, () => []);
  for (const link of picture.links) {
    const strength = Math.sqrt(Math.abs(link.w) / top);
    if (strength > 0.02) shades[Math.min(SHADES - 1, Math.floor(strength * SHADES))].push(link);
  }
  context.strokeStyle = ink;
  shades.forEach((links, shade) => {
    const strength = (shade + 0.5) / SHADES;
    context.lineWidth = (0.4 + 3.6 * strength ** 1.5) * (Math.min(cell, 24) / 22);
    context.globalAlpha = (0.04 + 0.8 * strength ** 1.4) * (faint ? 0.4 : 1);
    for (const { to, from } of links) {
      context.beginPath(); // one by one: a path of many lines is slower to fill than many paths of one
      context.moveTo(picture.places[from][0] * cell, picture.places[from][1] * cell);
      context.lineTo(picture.places[to][0] * cell, picture.places[to][1] * cell);
      context.stroke();
    }
  });
  context.globalAlpha = 1;
}

/** The picked neuron's connections: an arrow to who hears, dashed for negative ones. */
function drawOwn(context, { own, picture, unit, cell, top, accent }) {
  context.strokeStyle = accent;
  context.fillStyle = accent;
  for (const { to, from, w } of own) {
    const [[x1, y1], [x2, y2]] = [picture.places[from], picture.places[to]].map((at) => at.map((one) => one * cell));
    context.lineWidth = 1 + 2.5 * Math.sqrt(Math.abs(w) / top);
    context.setLineDash(w < 0 ? [4, 3] : []);
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
    const far = Math.hypot(x2 - x1, y2 - y1) || 1;
    const [dx, dy] = [((x2 - x1) / far) * 7, ((y2 - y1) / far) * 7];
    const [px, py] = [x2 - dx * 0.9, y2 - dy * 0.9]; // short of the mark's middle
    context.beginPath();
    context.moveTo(px, py);
    context.lineTo(px - dx - dy * 0.5, py - dy + dx * 0.5);
    context.lineTo(px - dx + dy * 0.5, py - dy - dx * 0.5);
    context.fill();
  }
  context.setLineDash([]);
  const [x, y] = picture.places[unit].map((one) => one * cell);
  context.lineWidth = 2.5;
  context.beginPath();
  context.arc(x, y, 0.48 * cell, 0, 2 * Math.PI);
  context.stroke();
}

/** A neuron: apart from the lines under it; hollow if it is cut. */
function drawMark(context, { x, y, size, cluster, cut, ink, muted, field }) {
  const { fill, shape } = cluster < 0 ? { fill: muted, shape: 0 } : looksOf(cluster, ink);
  context.fillStyle = field;
  context.beginPath();
  context.arc(x, y, size + 1.5, 0, 2 * Math.PI);
  context.fill();
  context.beginPath();
  trace(context, x, y, shape, size);
  if (!cut) {
    context.fillStyle = fill;
    context.fill();
  }
  context.strokeStyle = ink;
  context.lineWidth = cut ? 1.3 : 0.8;
  context.setLineDash(cut ? [2, 2] : []);
  context.stroke();
  context.setLineDash([]);
}

/** Draw the sheet; `picture` says where all is, `look` what it is. */
export function drawSheet(canvas, { picture, look, state, side, top, width, theme, ink, muted, axis, field }) {
  const cell = width / side.columns;
  const context = fitCanvas(canvas, width, cell * side.rows);
  context.strokeStyle = axis;
  context.lineWidth = 1;
  context.strokeRect(0.5, 0.5, width - 1, cell * side.rows - 1);
  drawLinks(context, picture, { cell, top, ink, faint: state.unit >= 0 });
  context.fillStyle = muted;
  const dot = DOT * cell;
  for (const [x, y] of picture.places) context.fillRect(x * cell - dot, y * cell - dot, 2 * dot, 2 * dot);
  picture.places.forEach(([x, y], unit) => {
    const cluster = look.labels[unit];
    const size = (cluster < 0 ? 0.18 : 0.3) * cell * picture.sizes[unit];
    if (size > 0.5) drawMark(context, { x: x * cell, y: y * cell, size, cluster, cut: look.gone[unit], ink, muted, field });
  });
  if (state.unit >= 0) drawOwn(context, { own: look.own, picture, unit: state.unit, cell, top, accent: ACCENT[theme] });
}

/** A cluster's mark as SVG, for the legend. */
export function markSvg(cluster) {
  const { fill, shape } = looksOf(cluster, "var(--fc-ink)");
  const [size, points] = [5, SHAPES[shape]];
  const place = points?.map((one) => fixed(7 + size * one)).join(" ");
  const look = `fill="${fill}" stroke="var(--fc-ink)" stroke-width="0.8"`;
  const drawn = points ? `<polygon points="${place}" ${look}/>` : `<circle cx="7" cy="7" r="${size}" ${look}/>`;
  return `<svg width="14" height="14" aria-hidden="true">${drawn}</svg>`;
}

export const barsHeight = (tasks) => ROW * tasks + 44;

/** Tasks in rows: right answers (with what is intact, and chance), and task variance. */
export function tasksSvg({ names, look, fill, width, height }) {
  const [top, bottom] = [22, height - 22];
  const [left, gap] = [86, 48];
  const wide = (width - left - gap) * 0.58;
  const x = (share) => left + share * wide;
  const second = left + wide + gap;
  const v = (share) => second + share * (width - second - 4);
  const parts = [
    label(left, 12, "Right answers", { anchor: "start", kind: "fc-ink" }),
    label(second, 12, "Task variance", { anchor: "start", kind: "fc-ink" }),
    ...[0, 0.5, 1].map((share) => line(x(share), top, x(share), bottom, share ? "fc-grid" : "fc-axis")),
    ...[0, 0.5, 1].map((share) => label(x(share), height - 6, share === 1 ? "100 %" : 100 * share)),
    ...[0, 1].map((share) => line(v(share), top, v(share), bottom, share ? "fc-grid" : "fc-axis")),
    ...[0, 1].map((share) => label(v(share) - share, height - 6, share, { anchor: share ? "end" : "middle" })),
  ];
  names.forEach((name, k) => {
    const y = top + ROW * k;
    const middle = y + ROW / 2;
    parts.push(
      label(left - 6, middle + 4, name, { anchor: "end", kind: "fc-ink" }),
      rectangle("fc-right", left, y + 3, Math.max(0, x(look.right[k]) - left), ROW - 6),
    );
    if (look.variance) {
      const long = v(look.variance[k]) - second;
      parts.push(`<g style="--fc-bar: ${fill}">${rectangle("fc-varied", second, y + 3, long, ROW - 6)}</g>`);
    }
    if (!look.intact) return;
    parts.push(
      line(x(look.intact[k]), y + 1, x(look.intact[k]), y + ROW - 1, "fc-intact"),
      mark(x(look.chance[k]), middle, 3, "fc-chance", 4),
    );
    const points = Math.round(100 * (look.right[k] - look.intact[k]));
    if (Math.abs(points) >= 5) {
      const said = `${points < 0 ? "−" : "+"}${Math.abs(points)}`;
      parts.push(label(second - 8, middle + 4, said, { anchor: "end", kind: "fc-ink" }));
    }
  });
  return parts.join("");
}
