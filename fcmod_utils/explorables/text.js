// Numbers and words, alike in every explorable.

/** "12 %", with a space that never breaks. */
export const percent = (share) => `${Math.round(100 * share)}\u00a0%`;

/** A number with a true minus sign, and none before 0; what is not a number is "none". */
export const signed = (value, digits = 2) =>
  Number.isNaN(value) ? "none" : value.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");

/** The same text with a capital first. */
export const capital = (text) => text[0].toUpperCase() + text.slice(1);
