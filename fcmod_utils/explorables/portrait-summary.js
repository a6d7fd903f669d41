// What words and labels say of a field.

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Where the largest, and where the smallest of some values is. */
export const largestAt = (values) => values.reduce((best, value, i) => (value > values[best] ? i : best), 0);

/** The numbers of a field that words and labels name: mean length, and a lesion map's mean and peak. */
export function fieldSummary(points, { intact, lesioned, distances }) {
  const lengths = (flow) => Array.from({ length: flow.length / 2 }, (_, i) => Math.hypot(flow[2 * i], flow[2 * i + 1]));
  const summary = { flow: mean(lengths(intact)), flowLesioned: lesioned && mean(lengths(lesioned)) };
  if (!distances) return summary;
  const peak = largestAt(distances);
  return { ...summary, distance: mean(distances), largest: distances[peak], at: [points[2 * peak], points[2 * peak + 1]] };
}
