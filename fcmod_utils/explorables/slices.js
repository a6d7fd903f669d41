// Long work as a generator: all at once, or a few milliseconds of every frame.

/** Run a generator to its end; returns what it returns. */
export function finish(work) {
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

/** Run it in slices of some milliseconds, so that the page stays alive; `keep()` says whether to go on. */
export async function inSlices(work, keep = () => true, budget = 8) {
  while (keep()) {
    const until = performance.now() + budget;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  return null; // given up
}
