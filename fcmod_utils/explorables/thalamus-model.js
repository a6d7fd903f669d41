// Areas by their thalamic input: cosine similarity, what distance leaves of it, and its modules.
import { bestPartition } from "./louvain.js";
import { numberedAs } from "./modules.js";

const RUNS = 60; // searches for modules; areas are few

/** Cosine of the rows of shares [area][nucleus], without one nucleus; the diagonal is 0. */
export function similarityWithout(shares, nucleus = -1) {
  const n = shares.length;
  const rows = shares.map((row) => row.filter((_, k) => k !== nucleus));
  const norms = rows.map((row) => Math.hypot(...row));
  const s = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const dot = rows[i].reduce((sum, value, k) => sum + value * rows[j][k], 0);
      s[i * n + j] = s[j * n + i] = norms[i] * norms[j] > 0 ? dot / (norms[i] * norms[j]) : 0;
    }
  }
  return s;
}

const dotProduct = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
const minus = (a, b, factor) => a.map((value, k) => value - factor * b[k]);

/** Orthonormal columns that span 1, d, d squared and exp(-d), d in units of its median. */
function distanceBasis(places, pairs) {
  const far = pairs.map(([i, j]) => Math.hypot(...places[i].map((x, k) => x - places[j][k])));
  const sorted = [...far].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const median = (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
  const d = far.map((one) => one / median);
  const basis = [];
  for (const of of [() => 1, (x) => x, (x) => x * x, (x) => Math.exp(-x)]) {
    let column = d.map(of);
    for (let twice = 0; twice < 2; twice++) for (const b of basis) column = minus(column, b, dotProduct(column, b));
    const norm = Math.hypot(...column);
    basis.push(column.map((x) => x / norm));
  }
  return basis;
}

/** Everything the page shows for a choice; `look({ without, distance })`. */
export function makeThalamus({ areas, nuclei, shares, places, r }) {
  const n = areas.length;
  const pairs = areas.flatMap((_, i) => areas.slice(0, i).map((_, j) => [i, j]));
  const basis = distanceBasis(places, pairs);
  const seen = new Map();

  function leftOver(s) {
    let values = pairs.map(([i, j]) => s[i * n + j]);
    for (const column of basis) values = minus(values, column, dotProduct(values, column));
    const left = new Float64Array(n * n);
    pairs.forEach(([i, j], k) => (left[i * n + j] = left[j * n + i] = values[k]));
    return left;
  }

  function look({ without, distance }) {
    const key = `${without}|${distance}`;
    if (seen.has(key)) return seen.get(key);
    const nucleus = nuclei.indexOf(without);
    const raw = similarityWithout(shares, nucleus);
    const s = distance ? leftOver(raw) : raw;
    const found = bestPartition(s, n, RUNS);
    const base = without ? look({ without: "", distance }) : distance ? look({ without: "", distance: false }) : null;
    const labels = base ? numberedAs(found.labels, base.labels) : found.labels;
    const moved = without ? labels.filter((label, i) => label !== base.labels[i]).length : 0;
    const correlation = r[distance ? "distance" : "raw"];
    seen.set(key, { s, labels, q: found.q, moved, nucleus, r: correlation[nucleus + 1], rAll: correlation[0] });
    return seen.get(key);
  }

  /** The nuclei that give an area most, with their share of what the kept ones give. */
  function strongest(area, without, most = 3) {
    const kept = nuclei.map((name, k) => ({ name, share: shares[area][k] })).filter(({ name }) => name !== without);
    const total = kept.reduce((sum, { share }) => sum + share, 0) || 1;
    return kept
      .sort((a, b) => b.share - a.share)
      .slice(0, most)
      .map(({ name, share }) => ({ name, share: share / total }));
  }

  return { look, strongest };
}
