// The digit lab's numbers: a drawing brought into MNIST's form, the network's answer, and modules.
import { decodeBytes } from "./base64.js";
import { SIDE, unpackInk } from "./digit-pad.js";
import { membersOf, numberedAs } from "./modules.js";

const BOX = 20; // MNIST's digits fit a box of 20 x 20
const CENTER = 14.5; // and have their center of mass in the middle of pixel 14, counted from 0
const BRIGHT = 0.98; // of the examples' activity lies below full brightness

/** Share of each pixel that each row of ink covers, after scaling and shifting: [pixel, row], flat. */
function cover(scale, shift) {
  return Float64Array.from({ length: SIDE * SIDE }, (_, k) => {
    const [pixel, row] = [Math.floor(k / SIDE), k % SIDE];
    const end = Math.min(pixel + 1, (row + 1) * scale + shift);
    return Math.max(0, end - Math.max(pixel, row * scale + shift));
  });
}

/** Matrix product a b, or a b transposed, of flat squares. */
function times(a, b, transposed = false) {
  const product = new Float64Array(SIDE * SIDE);
  for (let i = 0; i < SIDE; i++) {
    for (let k = 0; k < SIDE; k++) {
      const factor = a[i * SIDE + k];
      if (factor === 0) continue;
      for (let j = 0; j < SIDE; j++) product[i * SIDE + j] += factor * b[transposed ? j * SIDE + k : k * SIDE + j];
    }
  }
  return product;
}

/** Ink as MNIST has its digits: the longer side 20 pixels, center of mass in the middle, gray edges. */
export function asMnist(ink) {
  const cells = [...ink.keys()].filter((cell) => ink[cell]);
  if (!cells.length) return new Float64Array(ink.length);
  const lines = [cells.map((cell) => Math.floor(cell / SIDE)), cells.map((cell) => cell % SIDE)];
  const size = Math.max(...lines.map((at) => Math.max(...at) - Math.min(...at) + 1));
  const scale = BOX / size;
  const mean = (at) => at.reduce((sum, one) => sum + one, 0) / at.length;
  const shift = (at) => {
    const last = SIDE - scale * (Math.max(...at) + 1); // no further, or ink is lost
    return Math.min(last, Math.max(-scale * Math.min(...at), CENTER - scale * (mean(at) + 0.5)));
  };
  const [rows, columns] = lines.map((at) => cover(scale, shift(at)));
  return times(times(rows, ink), columns, true);
}

/** Weights of 8 bits with one scale for each unit (row), as numbers. */
function unpackWeights(text, scales) {
  const bytes = new Int8Array(decodeBytes(text).buffer);
  const inputs = bytes.length / scales.length;
  return Float64Array.from(bytes, (byte, k) => byte * scales[Math.floor(k / inputs)]);
}

/** w x + b, for flat weights [unit, input]. */
function affine(w, b, x) {
  return Float64Array.from(b, (sum, unit) => {
    const row = unit * x.length;
    for (let k = 0; k < x.length; k++) sum += w[row + k] * x[k];
    return sum;
  });
}

function softmax(logits) {
  const top = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - top));
  const total = powers.reduce((sum, one) => sum + one, 0);
  return powers.map((one) => one / total);
}

const rankedBy = (values) => [...values.keys()].sort((a, b) => values[b] - values[a] || a - b);

/** Everything the page shows for a state; `look({ example, ink })`. */
export function makeDigits({ weights, labels, means, deviations, agreement, examples }) {
  const wIn = unpackWeights(weights.w_in, weights.in_scale);
  const wOut = unpackWeights(weights.w_out, weights.out_scale);
  const pixels = decodeBytes(examples);
  const images = labels.map((_, digit) =>
    Float64Array.from(pixels.subarray(digit * SIDE * SIDE, (digit + 1) * SIDE * SIDE), (value) => value / 255),
  );
  const hiddenOf = (image) => affine(wIn, weights.b_in, image).map((x) => Math.max(0, x));
  const ordered = images.flatMap((image) => [...hiddenOf(image)]).sort((a, b) => a - b);
  const full = ordered[Math.floor(BRIGHT * ordered.length)] || 1;
  const most = Math.max(...labels.flat()) + 1;

  /** Mean deviation, in SD, of each module's units from what they do for that digit. */
  function tunedBy(hidden, digit) {
    const z = (unit) => (deviations[digit][unit] ? (hidden[unit] - means[digit][unit]) / deviations[digit][unit] : 0);
    const count = Math.max(...labels[digit]) + 1;
    return Array.from({ length: count }, (_, module) => {
      const units = membersOf(labels[digit], module);
      return units.reduce((sum, unit) => sum + z(unit), 0) / units.length;
    });
  }

  /** A digit's partition and those of the digits most like it, numbered as it is. */
  function neighbors(digit) {
    const others = rankedBy(agreement[digit]).filter((other) => other !== digit);
    return others.slice(0, 2).map((other) => ({
      digit: other,
      ari: agreement[digit][other],
      labels: numberedAs(labels[other], labels[digit]),
    }));
  }

  function look({ example, ink }) {
    const drawn = example < 0 ? unpackInk(ink) : images[example];
    const seen = example < 0 ? asMnist(drawn) : drawn;
    const hidden = hiddenOf(seen);
    const shares = softmax(affine(wOut, weights.b_out, hidden));
    const ranking = rankedBy(shares);
    const [read] = ranking;
    return {
      drawn,
      seen,
      inked: drawn.reduce((sum, value) => sum + (value > 0), 0),
      hidden,
      shares,
      ranking,
      read,
      labels: labels[read],
      means: means[read],
      tuned: tunedBy(hidden, read),
      alike: neighbors(read),
    };
  }

  return { look, full, most, labels };
}
