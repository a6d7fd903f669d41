// The ledger's claims that one network can answer, by its rules. The book's values are Python's, in lab_scores.py.
import { withLesion } from "./lab-anatomy.js";
import { meanOf, pearson } from "./lab-numbers.js";
import { membersOf } from "./modules.js";
import { finish } from "./slices.js";

/** Rows [trial, step] that lie in some steps of every trial. */
const rowsIn = ({ trials, steps }, from, to) =>
  Array.from({ length: trials * (to - from) }, (_, i) => Math.floor(i / (to - from)) * steps + from + (i % (to - from)));

/** Running mean of stimulus 1 minus that of stimulus 2 in the stimulus steps. */
function evidenceOf({ inputs, steps }, rows, from) {
  let [sum, count] = [0, 0];
  return Float64Array.from(rows, (row) => {
    if (row % steps === from) [sum, count] = [0, 0];
    sum += inputs[row * 3 + 1] - inputs[row * 3 + 2];
    return sum / ++count;
  });
}

/** Weaker of two absolute correlations. */
const weaker = (one, other) => Math.min(Math.abs(one), Math.abs(other));


/** Accuracy of both types under the output lesion of each module. */
const outputLesions = (a) =>
  a.recurrent.sizes.map((_, k) => finish(withLesion(a, "output", membersOf(a.recurrent.labels, k))).accuracy);

function* decisionScores(a, periods) {
  const { set, network, hidden, projection, outputs, recurrent, input } = a;
  const { units } = network;
  const seen = rowsIn(set, ...periods.stimulus);
  const lines = [1, 2].map((c) => Float64Array.from(seen, (row) => set.inputs[row * 3 + c]));
  const follow = input.sizes.map((_, k) => {
    const mean = meanOf(projection, units, membersOf(input.labels, k), seen);
    return lines.map((line) => Math.abs(pearson(mean, line)));
  });
  yield;
  const scores = { "F1e,g": follow.length ? Math.min(...[0, 1].map((s) => Math.max(...follow.map((r) => r[s])))) : null };
  if (recurrent.sizes.length < 2) return scores;
  const members = [0, 1].map((k) => membersOf(recurrent.labels, k));
  const evidence = evidenceOf(set, seen, periods.stimulus[0]);
  scores["F1f,h"] = weaker(...members.map((m) => pearson(meanOf(hidden, units, m, seen), evidence)));
  yield;
  const deciding = [...seen, ...rowsIn(set, ...periods.decision)];
  const logit = (o) => Float64Array.from(deciding, (row) => outputs[row * network.outputs + o]);
  scores["F1b-d"] = weaker(...members.map((m, k) => pearson(meanOf(hidden, units, m, deciding), logit(k + 1))));
  yield;
  const [first, second] = outputLesions(a);
  scores.F1j = first[1] - first[0];
  scores.F1k = second[0] - second[1];
  return scores;
}

/** Go minus no-go from the delay on, in SDs of a module's mean over all steps. */
function cueEffect({ set, hidden, network }, members, from) {
  const rows = [...new Array(set.trials * set.steps).keys()];
  const means = meanOf(hidden, network.units, members, rows);
  const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const late = [0, 1].map((type) =>
    average(means.filter((_, row) => row % set.steps >= from && set.groundTruth[Math.floor(row / set.steps)] === type)));
  const middle = average(means);
  const sd = Math.sqrt(average(means.map((value) => (value - middle) ** 2)));
  return sd > 0 ? Math.abs(late[1] - late[0]) / sd : 0;
}

function* goScores(a, periods) {
  const { recurrent, hidden, network, rows, favor } = a;
  if (recurrent.sizes.length < 2) return {};
  const scores = { FS1b: recurrent.sizes.filter((size) => size > 1).length };
  const every = recurrent.sizes.map((_, k) => membersOf(recurrent.labels, k));
  scores.FS1c = Math.max(...every.map((members) => cueEffect(a, members, periods.delay[0])));
  yield;
  const follow = every.map((members) => Math.abs(pearson(meanOf(hidden, network.units, members, rows), favor)));
  scores.FS1d = follow.sort((x, y) => y - x)[1];
  yield;
  const lost = outputLesions(a);
  const worst = every.map((_, k) => k).sort((i, j) => lost[i][1] - lost[j][1] || every[j].length - every[i].length)[0];
  scores["FS1e-g"] = lost[worst][0] - lost[worst][1];
  return scores;
}

/** Scores by the claim's id in the ledger; what a network cannot answer is null or missing. */
export function* scoresOf(a, periods, likeness, inputs) {
  const decides = a.file.task === "perceptual_decision_making";
  const scores = yield* (decides ? decisionScores : goScores)(a, periods);
  if (decides && inputs) Object.assign(scores, { O3c: inputs.ratio, O3d: inputs.p, O3e: inputs.r });
  if (likeness?.live.length) {
    const [r, p] = decides ? ["DS11c,d,f", "DS11d,e"] : ["D5f", "D5d,e"];
    Object.assign(scores, { [r]: likeness.r, [p]: likeness.p });
  }
  return Object.fromEntries(Object.entries(scores).filter(([, value]) => Number.isFinite(value)));
}
