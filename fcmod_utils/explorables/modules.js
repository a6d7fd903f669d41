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
