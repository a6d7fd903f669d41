// Units and their module labels (-1: silent).

/** The units of a module. */
export const membersOf = (labels, module) => labels.flatMap((label, unit) => (label === module ? [unit] : []));

/** All units ordered by module, silent ones last. */
export function orderByModule(labels) {
  const rank = (unit) => (labels[unit] < 0 ? labels.length : labels[unit]);
  return labels.map((_, unit) => unit).sort((a, b) => rank(a) - rank(b) || a - b);
}

/** First row of each module in ordered labels, and the row after its last. */
export function spans(ordered) {
  const found = [];
  ordered.forEach((module, row) => {
    const open = found[found.length - 1];
    if (open && open.module === module) open.end = row + 1;
    else found.push({ module, start: row, end: row + 1 });
  });
  return found;
}

/** Number modules as a partition to compare with does, where they overlap most; -1 stays -1. */
export function numberedAs(labels, before) {
  const overlap = new Map();
  labels.forEach((label, i) => {
    if (label < 0 || before[i] < 0) return;
    const key = `${label},${before[i]}`;
    overlap.set(key, (overlap.get(key) ?? 0) + 1);
  });
  const [names, taken] = [new Map([[-1, -1]]), new Set()];
  for (const [key] of [...overlap].sort((a, b) => b[1] - a[1])) {
    const [label, old] = key.split(",").map(Number);
    if (names.has(label) || taken.has(old)) continue;
    names.set(label, old);
    taken.add(old);
  }
  let next = 0;
  for (const label of [...new Set(labels)].sort((a, b) => a - b)) {
    if (names.has(label)) continue;
    while (taken.has(next)) next++;
    names.set(label, next);
    taken.add(next);
  }
  return labels.map((label) => names.get(label));
}
