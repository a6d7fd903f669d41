// Modules of a signed network: its modularity (Rubinov and Sporns 2011, the asymmetric form) and
// the Louvain search for the partition that maximizes it. Matrices are flat and symmetric.
import { shuffled, uniform } from "./random.js";
import { finish } from "./slices.js";

const GAIN = 1e-10; // a smaller gain is rounding

/** Add `factor` times (part - what its strengths make us expect) to b, where part is w's one sign. */
function addPart(b, w, n, sign, factor) {
  const strengths = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (i !== j) strengths[i] += Math.max(0, sign * w[i * n + j]);
  }
  const total = strengths.reduce((sum, strength) => sum + strength, 0);
  if (total === 0) return;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const weight = i === j ? 0 : Math.max(0, sign * w[i * n + j]);
      b[i * n + j] += factor * (weight - (strengths[i] * strengths[j]) / total);
    }
  }
}

/** The matrix whose sum over pairs in the same module is q. The diagonal of w is ignored. */
export function modularityMatrix(w, n) {
  let [positive, all] = [0, 0];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      positive += Math.max(0, w[i * n + j]);
      all += Math.abs(w[i * n + j]);
    }
  }
  const b = new Float64Array(n * n);
  if (positive > 0) addPart(b, w, n, 1, 1 / positive);
  if (all > positive) addPart(b, w, n, -1, -1 / all);
  return b;
}

/** q of a partition: the sum of b over pairs in the same module. */
export function quality(b, labels) {
  const n = labels.length;
  let q = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (labels[i] === labels[j]) q += b[i * n + j];
  }
  return q;
}

/** Move one node at a time to the module where it adds most to q, until none gains. */
function moveNodes(b, start, draw) {
  const n = start.length;
  const labels = bySize(start);
  const slots = Math.min(n, Math.max(...labels) + 2); // an empty one for a node that is better off alone
  const ties = new Float64Array(n * slots); // [node, module]: sum of b to the module's nodes
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) ties[i * slots + labels[j]] += b[i * n + j];
  for (let moved = true; moved; ) {
    moved = false;
    for (const node of shuffled(n, draw)) {
      const [row, home] = [node * slots, labels[node]];
      let [best, most] = [home, ties[row + home] - b[node * n + node] + GAIN];
      for (let module = 0; module < slots; module++) {
        if (module !== home && ties[row + module] > most) [best, most] = [module, ties[row + module]];
      }
      if (best === home) continue;
      for (let other = 0; other < n; other++) {
        ties[other * slots + home] -= b[node * n + other];
        ties[other * slots + best] += b[node * n + other];
      }
      labels[node] = best;
      moved = true;
    }
  }
  return bySize(labels);
}

/** Labels 0, 1, 2, ... in order of falling size, ties by first member. */
export function bySize(labels) {
  const groups = new Map();
  labels.forEach((label, i) => groups.set(label, [...(groups.get(label) ?? []), i]));
  const order = [...groups.keys()].sort(
    (a, b) => groups.get(b).length - groups.get(a).length || groups.get(a)[0] - groups.get(b)[0],
  );
  return labels.map((label) => order.indexOf(label));
}

/** The matrix between modules, each a node now. */
function merge(b, labels, count) {
  const n = labels.length;
  const merged = new Float64Array(count * count);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) merged[labels[i] * count + labels[j]] += b[i * n + j];
  return merged;
}

/** Move single units, then whole modules, in turn, until neither gains. */
function climb(b, start, draw) {
  let labels = moveNodes(b, start, draw);
  while (true) {
    const count = Math.max(...labels) + 1;
    const joined = moveNodes(merge(b, labels, count), labels.slice(0, count).map((_, module) => module), draw);
    if (Math.max(...joined) + 1 === count) return labels;
    labels = moveNodes(b, labels.map((module) => joined[module]), draw);
  }
}

/**
 * Where searches start, in turn, since each way misses hills that the others find: every unit on its
 * own; a few modules at random; the best so far with one module dissolved; with a third of it redrawn.
 */
const STARTS = [
  (best) => best.map((_, unit) => unit),
  (best, below) => {
    const count = 3 + below(4);
    return best.map(() => below(count));
  },
  (best, below) => {
    const count = Math.max(...best) + 1;
    const gone = below(count);
    const halve = below(2) === 0; // into two modules, or among all
    return best.map((label) => (label !== gone ? label : halve ? [label, count][below(2)] : below(count)));
  },
  (best, below) => {
    const count = Math.max(...best) + 2;
    return best.map((label) => (below(3) === 0 ? below(count) : label));
  },
];
const ALONE = 8; // searches that start with every unit on its own, before others take turns

/** The best partition found of w [n, n] in some searches: labels in order of falling size, and q. */
export const bestPartition = (w, n, runs, seed) => finish(partitionInParts(w, n, runs, seed));

/** The same, which pauses after each search. */
export function* partitionInParts(w, n, runs = 100, seed = 2) {
  if (n === 0) return { labels: [], q: 0 };
  const b = modularityMatrix(w, n);
  const draw = uniform(seed);
  const below = (count) => Math.floor(draw() * count);
  let best = { labels: Array.from({ length: n }, (_, i) => i), q: -Infinity };
  for (let run = 0; run < runs; run++) {
    const start = STARTS[run < ALONE ? 0 : run % STARTS.length];
    const labels = climb(b, start(best.labels, below), draw);
    const q = quality(b, labels);
    if (q > best.q + GAIN) best = { labels, q };
    yield;
  }
  return best;
}
