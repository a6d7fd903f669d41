// Numbers as words, alike in every explorable.

/** "12 %", with a space that never breaks. */
export const percent = (share) => `${Math.round(100 * share)}\u00a0%`;

/** A number with a true minus sign; what is not a number is "none". */
export const signed = (value, digits = 2) =>
  Number.isNaN(value) ? "none" : value.toFixed(digits).replace("-", "−");
