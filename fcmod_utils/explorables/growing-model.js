// A sheet on which a network grows: who sits where, which connections are strong, what a lesion costs.
import { decodeBytes } from "./base64.js";

const [LEVELS, STEPS] = [127, 200]; // of weights (root scale) and of normalized task variance

const indexOfLargest = (values) => values.indexOf(Math.max(...values));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Means over units of their rows of task variance; null for no units. */
export function meanVariance(variance, units, tasks) {
  if (!units.length) return null;
  return Array.from({ length: tasks }, (_, k) => mean(units.map((unit) => variance[unit * tasks + k])));
}

/** Everything the page shows for a state: `look(state)`. */
export function makeSheet(payload) {
  const { names, sheet, steps, strengths, links: perFrame, largest, cut, chance, intact } = payload;
  const tasks = names.length;
  const n = sheet[0] * sheet[1];
  const shorts = (text) => new Uint16Array(decodeBytes(text).buffer);
  const [ends, cells] = [shorts(payload.ends), shorts(payload.cells)];
  const weights = new Int8Array(decodeBytes(payload.weights).buffer);
  const labels = new Int8Array(decodeBytes(payload.labels).buffer);
  const [active, packed] = [decodeBytes(payload.active), decodeBytes(payload.variance)];
  const variance = new Float64Array(labels.length * tasks);
  let at = 0;
  labels.forEach((label, row) => {
    if (label >= 0) for (let k = 0; k < tasks; k++) variance[row * tasks + k] = packed[at++] / STEPS;
  });
  const home = Uint16Array.from({ length: n }, (_, cell) => cell);
  const seen = new Map();

  /** What does not hang on picks and lesions. */
  function frame({ kind, step, strength }) {
    const order = (kind - 1) * strengths.length + strength;
    const [index, look] = kind ? [steps.length + order, 1 + order] : [step, 0];
    if (seen.has(index)) return seen.get(index);
    const links = [];
    for (let i = index * perFrame; i < (index + 1) * perFrame && weights[i]; i++) {
      const w = ((weights[i] * Math.abs(weights[i])) / LEVELS ** 2) * largest;
      links.push({ to: ends[2 * i], from: ends[2 * i + 1], w });
    }
    const own = labels.subarray(look * n, (look + 1) * n);
    const rows = variance.subarray(look * n * tasks, (look + 1) * n * tasks);
    const clusters = Array.from({ length: 1 + Math.max(...own) }, (_, cluster) => {
      const units = [...home].filter((unit) => own[unit] === cluster);
      return { units, variance: meanVariance(rows, units, tasks) };
    });
    for (const one of clusters) one.task = names[indexOfLargest(one.variance)];
    const made = {
      links, clusters, labels: own, rows,
      active: active.subarray(index * n, (index + 1) * n),
      cells: kind ? home : cells.subarray(step * n, (step + 1) * n),
      before: kind || !step ? null : cells.subarray((step - 1) * n, step * n),
      count: payload.count[index],
      length: payload.length[index] ?? NaN,
      accuracy: payload.accuracy[index],
    };
    made.moved = made.before ? [...home].filter((u) => made.active[u] && made.cells[u] !== made.before[u]).length : 0;
    seen.set(index, made);
    return made;
  }

  function look(state) {
    const made = frame(state);
    const { unit, lesion } = state;
    const gone = (one) => lesion >= 0 && made.labels[one] === lesion;
    const links = lesion < 0 ? made.links : made.links.filter(({ to, from }) => !gone(to) && !gone(from));
    const own = unit < 0 ? [] : links.filter(({ to, from }) => to === unit || from === unit);
    const everyone = [...home].filter((one) => made.labels[one] >= 0);
    const whom = unit >= 0 ? [unit].filter((one) => made.labels[one] >= 0) : made.clusters[lesion]?.units ?? everyone;
    const right = lesion < 0 ? made.accuracy : cut[lesion];
    const alive = made.active.reduce((sum, one) => sum + one, 0);
    return {
      ...made, links, own, right, alive,
      gone: [...home].map(gone),
      mean: mean(right),
      intact: lesion < 0 ? null : intact,
      chance: lesion < 0 ? null : chance[lesion],
      variance: meanVariance(made.rows, whom, tasks),
      heard: own.filter(({ to }) => to === unit).length,
      spoken: own.filter(({ from }) => from === unit).length,
    };
  }

  /** The neuron in a cell of this state. */
  const unitAt = (state, cell) => frame(state).cells.indexOf(cell);

  const most = 1 + Math.max(0, ...labels); // clusters of any network
  const trained = frame({ kind: 0, step: steps.length - 1 }).clusters;
  return { look, unitAt, trained, most, n, side: { rows: sheet[0], columns: sheet[1] } };
}

/** Tasks by what a lesion takes from them, the most first: [task, before, after]. */
export function losses(names, intact, right) {
  const rows = names.map((name, k) => ({ name, before: intact[k], after: right[k] }));
  return rows.sort((a, b) => b.before - b.after - (a.before - a.after));
}

/** Connections of two pictures as one list, each with its weight before and after: { to, from, a, b }. */
export function blend(before, after) {
  const both = new Map();
  for (const { to, from, w } of before) both.set(`${to},${from}`, { to, from, a: w, b: 0 });
  for (const { to, from, w } of after) {
    const known = both.get(`${to},${from}`);
    if (known) known.b = w;
    else both.set(`${to},${from}`, { to, from, a: 0, b: w });
  }
  return [...both.values()];
}

/** A picture between two others: places and connections at a share of the way. */
export function between({ from, to, links }, share) {
  const far = share * share * (3 - 2 * share);
  const mix = (a, b) => a + far * (b - a);
  return {
    places: to.places.map((place, unit) => [0, 1].map((axis) => mix(from.places[unit][axis], place[axis]))),
    sizes: to.sizes.map((size, unit) => mix(from.sizes[unit], size)),
    links: links.map(({ to: end, from: begin, a, b }) => ({ to: end, from: begin, w: mix(a, b) })),
  };
}
