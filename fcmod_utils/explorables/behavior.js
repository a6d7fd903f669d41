// Summaries of behavior and of connectivity by module, on flat arrays (last axis fastest).

/** Mean FC over pairs of units of one module and over pairs of two modules. */
export function withinAndBetween(fc, labels) {
  const sums = { within: 0, between: 0 };
  const counts = { within: 0, between: 0 };
  const k = labels.length;
  for (let i = 0; i < k; i++) {
    for (let j = i + 1; j < k; j++) {
      const value = fc[i * k + j];
      if (Number.isNaN(value)) continue;
      const kind = labels[i] === labels[j] ? "within" : "between";
      sums[kind] += value;
      counts[kind] += 1;
    }
  }
  return { within: sums.within / counts.within, between: sums.between / counts.between };
}

/** For each trial type: the share of its trials that end in each output [type][output]. */
export function choiceShares(chosen, groundTruth, width) {
  const shares = [0, 1].map(() => new Array(width).fill(0));
  const counts = [0, 0];
  groundTruth.forEach((type) => (counts[type] += 1));
  chosen.forEach((choice, trial) => (shares[groundTruth[trial]][choice] += 1));
  return shares.map((row, type) => row.map((count) => count / counts[type]));
}

/** Mean outputs of each trial type [type][output][step]. */
export function meanOutputs(outputs, groundTruth, width) {
  const trials = groundTruth.length;
  const steps = outputs.length / trials / width;
  const means = [0, 1].map(() => Array.from({ length: width }, () => new Array(steps).fill(0)));
  const counts = [0, 0];
  groundTruth.forEach((type) => (counts[type] += 1));
  for (let trial = 0; trial < trials; trial++) {
    const type = groundTruth[trial];
    for (let step = 0; step < steps; step++) {
      for (let o = 0; o < width; o++) {
        means[type][o][step] += outputs[(trial * steps + step) * width + o] / counts[type];
      }
    }
  }
  return means;
}
