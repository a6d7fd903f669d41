// Networks in a box: their weights from 8 bits, what each connection costs, and how the box is seen.
import { decodeBytes } from "./base64.js";

const LEVELS = 127;
const TERMS = 12; // of the exponential's series: what is left out is below 2e-10
const LEAST = 1e-6; // a unit that sends less counts as sending this much

/** Weights [to, from] of 8 bits: a step is the root of a weight's share of the largest. */
export function unpackWeights(steps, largest) {
  return Float64Array.from(steps, (step) => ((step * Math.abs(step)) / LEVELS ** 2) * largest);
}

/** The matrix exponential, by its series; for matrices whose columns sum to 1. */
function exponential(m, n) {
  let sum = new Float64Array(n * n);
  for (let i = 0; i < n; i++) sum[i * n + i] = 1;
  for (let term = TERMS; term > 0; term--) {
    const next = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < n; k++) {
        const factor = m[i * n + k] / term;
        if (factor) for (let j = 0; j < n; j++) next[i * n + j] += factor * sum[k * n + j];
      }
      next[i * n + i] += 1;
    }
    sum = next;
  }
  return sum;
}

/** |w| times communicability: what a connection costs per grid step. */
export function pricesOf(w, n) {
  const sent = new Float64Array(n);
  w.forEach((value, at) => (sent[at % n] += Math.abs(value)));
  const strength = sent.map((value) => Math.max(value, LEAST));
  const c = exponential(w.map((value, at) => Math.abs(value) / strength[at % n]), n);
  return w.map((value, at) => Math.abs(value) * c[at] * Math.sqrt(strength[at % n] / strength[Math.floor(at / n)]));
}

export const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** What one unit's connections cost, both ways, if it sat at a place. */
export function costOfUnit(prices, places, unit, place) {
  const n = places.length;
  return places.reduce(
    (sum, other, j) => (j === unit ? sum : sum + (prices[unit * n + j] + prices[j * n + unit]) * apart(place, other)),
    0,
  );
}

/** Pearson r of |w| and distance, self-connections left out; NaN if one of them does not vary. */
export function weightDistance(w, distance, n) {
  let [count, sumX, sumY, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  w.forEach((value, at) => {
    if (at % (n + 1) === 0) return;
    const [x, y] = [Math.abs(value), distance[at]];
    count++;
    sumX += x;
    sumY += y;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  });
  const [varX, varY] = [xx - sumX ** 2 / count, yy - sumY ** 2 / count];
  return varX > 0 && varY > 0 ? (xy - (sumX * sumY) / count) / Math.sqrt(varX * varY) : NaN;
}

/** Where places lie on the screen: [right, up, far] in grid steps from the box's middle, turned by degrees. */
export function project(places, sides, { yaw, pitch }) {
  const [turn, tilt] = [(yaw * Math.PI) / 180, (pitch * Math.PI) / 180];
  return places.map((place) => {
    const [x, y, z] = place.map((value, axis) => value - sides[axis] / 2);
    const back = Math.sin(turn) * x + Math.cos(turn) * y;
    return [
      Math.cos(turn) * x - Math.sin(turn) * y,
      z * Math.cos(tilt) + back * Math.sin(tilt),
      back * Math.cos(tilt) - z * Math.sin(tilt),
    ];
  });
}

/** The strongest share (percent) of the connections between units, and how weak the weakest of them is. */
export function strongestEdges(w, n, share) {
  const edges = [];
  w.forEach((value, at) => {
    if (at % (n + 1) && value) edges.push({ to: Math.floor(at / n), from: at % n, size: Math.abs(value) });
  });
  edges.sort((a, b) => b.size - a.size);
  const kept = edges.slice(0, Math.round((share / 100) * n * (n - 1)));
  return { edges: kept, least: kept.length ? kept.at(-1).size : Infinity };
}

/** Everything the page shows for a state; `look(state)`, and `network(state)` alone. */
export function makeWiring({ places, strengths, epochs, largest, measures, ...packed }) {
  const n = places.length;
  const signed = (text) => new Int8Array(decodeBytes(text).buffer);
  const weights = signed(packed.weights);
  const preferences = signed(packed.preference);
  const labels = decodeBytes(packed.labels);
  const distance = Float64Array.from({ length: n * n }, (_, at) => apart(places[Math.floor(at / n)], places[at % n]));
  const sides = [0, 1, 2].map((axis) => Math.max(...places.map((place) => place[axis])));
  const top = Math.max(...largest.flat(2));
  const seen = new Map();

  function network({ kind, strength, epoch }) {
    const which = (kind * strengths[0].length + strength) * epochs.length + epoch;
    if (seen.has(which)) return seen.get(which);
    const part = (array, size) => array.subarray(which * size, (which + 1) * size);
    const w = unpackWeights(part(weights, n * n), largest[kind][strength][epoch]);
    const prices = pricesOf(w, n);
    const [accuracy, sigma, q, qBare] = measures[kind][strength][epoch].map((value) => value ?? NaN);
    const self = w.reduce((sum, value, at) => (at % (n + 1) ? sum : sum + Math.abs(value)), 0);
    const made = {
      w, prices, accuracy, sigma, q, qBare, self,
      total: w.reduce((sum, value) => sum + Math.abs(value), 0),
      cost: prices.reduce((sum, price, at) => sum + price * distance[at], 0),
      r: weightDistance(w, distance, n),
      labels: [part(labels, 2 * n).slice(0, n), part(labels, 2 * n).slice(n)].map((one) => [...one]),
      preference: [...part(preferences, n)].map((step) => step / LEVELS),
    };
    seen.set(which, made);
    return made;
  }

  function look(state) {
    const net = network(state);
    const { unit, x, diagonal } = state;
    const [home, place] = [places[unit], [x, ...places[unit].slice(1)]];
    const own = costOfUnit(net.prices, places, unit, home);
    const now = costOfUnit(net.prices, places, unit, place);
    const steps = Array.from({ length: 10 * sides[0] + 1 }, (_, i) => i / 10);
    const along = steps.map((at) => costOfUnit(net.prices, places, unit, [at, home[1], home[2]]));
    const received = Array.from({ length: n }, (_, i) =>
      net.w.subarray(i * n, (i + 1) * n).reduce((sum, v, j) => (j === i && !diagonal ? sum : sum + Math.abs(v)), 0),
    );
    return {
      ...net,
      labels: net.labels[diagonal ? 0 : 1],
      q: diagonal ? net.q : net.qBare,
      otherQ: diagonal ? net.qBare : net.q,
      kept: diagonal ? net.total : net.total - net.self,
      received,
      steps,
      along,
      own,
      now,
      all: net.cost - own + now,
      best: steps[along.indexOf(Math.min(...along))],
      shown: places.map((one, i) => (i === unit ? place : one)),
      ...strongestEdges(net.w, n, state.share),
    };
  }

  return { look, network, n, sides, distance, top };
}
