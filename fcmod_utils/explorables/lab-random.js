// Random numbers with a state that can be kept: the generator sfc32 (Doty-Humphrey, PractRand).
// Its period of at least 2^32 draws, 2^127 on average, lasts for the noise of any training; seed and
// stream start it, so that weights, batches and noise of one seed do not know of each other.

export class Random {
  constructor(seed, stream = 0) {
    this.state = Int32Array.of(seed, stream, 0x9e3779b9, 1); // four 32-bit integers, all it remembers
    this.spare = NaN; // the second of two normal numbers
    for (let i = 0; i < 20; i++) this.bits();
  }

  /** 32 random bits, as a signed integer. */
  bits() {
    const s = this.state;
    const out = (s[0] + s[1] + s[3]) | 0;
    s[3] += 1;
    s[0] = s[1] ^ (s[1] >>> 9);
    s[1] = s[2] + (s[2] << 3);
    s[2] = ((s[2] << 21) | (s[2] >>> 11)) + out;
    return out;
  }

  /** Uniform between 0 and 1, both excluded. */
  uniform() {
    return ((this.bits() >>> 0) + 0.5) / 4294967296;
  }

  /** A whole number from 0 to count - 1. */
  below(count) {
    return Math.floor(this.uniform() * count);
  }

  /** Standard normal (Marsaglia's polar method). */
  normal() {
    const kept = this.spare;
    this.spare = NaN;
    if (kept === kept) return kept;
    let x, y, square;
    do {
      x = this.bits() / 2147483648;
      y = this.bits() / 2147483648;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    this.spare = y * scale;
    return x * scale;
  }
}
