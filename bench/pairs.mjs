// Pairs of measurements of two sides (A B B A), and statistics of their ratios.

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

// Runs `sides` (two functions) `count` times each. Every other pair begins with the second one, so that drift affects both.
// Returns [[a, b], …].
export async function inPairs([first, second], count) {
  const pairs = [];
  for (let i = 0; i < count; i++) {
    if (i % 2 === 0) {
      const a = await first();
      pairs.push([a, await second()]);
    } else {
      const b = await second();
      pairs.push([await first(), b]);
    }
  }
  return pairs;
}

// The median and its 95 % interval by order statistics, without an assumption about the distribution of the ratios. With fewer than six pairs,
// the interval spans all of them.
export function medianWithInterval(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  // The largest k with P(Binomial(n, 1/2) < k) <= 0.025.
  let k = 0;
  let below = 0;
  for (let term = 0.5 ** n; below + term <= 0.025; k++) {
    below += term;
    term *= (n - k) / (k + 1);
  }
  return { median: median(sorted), low: sorted[Math.max(k - 1, 0)], high: sorted[n - Math.max(k, 1)] };
}
