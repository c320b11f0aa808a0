// Math.log, exp and pow differ in the last bit between JavaScript engines, and one bit moves an event. These use only
// + - * / and exact splitting of a double into mantissa and exponent: the same bits everywhere, error below 2 ulp.

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
double[0] = 1;
const HIGH = words[1] === 0 ? 0 : 1; // the word with sign and exponent, whatever the byte order

const LN2 = Math.LN2;
const LN2_HIGH = 0.6931471803691238; // its low 21 bits are zero, so exponent * LN2_HIGH is exact
const LN2_LOW = 1.9082149292705877e-10; // ln 2 - LN2_HIGH
const SQRT_HALF = Math.SQRT1_2;
const TWO_1000 = 1.0715086071862673e301;
const TWO_MINUS_1000 = 9.332636185032189e-302;

/** Correctly rounded by IEEE 754, so it is the same everywhere already. */
export const sqrt = Math.sqrt;

/** Natural logarithm; -Infinity at 0, NaN below. */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  const f = split(x) - 1;
  const k = exponent;
  const s = f / (2 + f);
  const z = s * s;
  const halfSquare = 0.5 * f * f;
  // ln(1 + f) = f - f²/2 + s (f²/2 + R) with R = 2z/3 + 2z²/5 + ...: the large terms are added last.
  return k * LN2_HIGH - (halfSquare - (s * (halfSquare + atanhTail(z, 3)) + k * LN2_LOW) - f);
}

/** e to the power of x. */
export function exp(x: number): number {
  return expOfSum(x, 0);
}

/** x to the power of y, for x >= 0; NaN for negative x. */
export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (!(x >= 0) || Number.isNaN(y)) return NaN;
  if (x === 0 || x === Infinity) return (x === 0) === y > 0 ? 0 : Infinity;
  // An error in ln x is multiplied by y ln x, up to 709: so ln x is carried as a sum of two doubles.
  const high = lnAsSum(x);
  const p = high * y;
  return expOfSum(p, productError(high, y, p) + lnLow * y);
}

/** Exponent found by the last split(); a module variable because a pair would be an allocation. */
let exponent = 0;
/** Low part found by the last lnAsSum(). */
let lnLow = 0;

/** x = m * 2^exponent with m in [sqrt(1/2), sqrt(2)); x is positive and finite. */
function split(x: number): number {
  const subnormal = x < 2.2250738585072014e-308;
  double[0] = subnormal ? x * 18014398509481984 : x; // 2^54
  const high = words[HIGH] as number;
  exponent = (high >>> 20) - 1022 - (subnormal ? 54 : 0);
  words[HIGH] = (high & 0x000fffff) | 0x3fe00000;
  const m = double[0];
  if (m >= SQRT_HALF) return m;
  exponent--;
  return m * 2;
}

/** x * 2^k with one rounding; x near 1. */
function scale(x: number, k: number): number {
  const large = k > 1000 || k < -1000;
  const step = large ? (k > 0 ? 1000 : -1000) : 0;
  words[1 - HIGH] = 0;
  words[HIGH] = (k - step + 1023) << 20;
  const y = large ? x * (k > 0 ? TWO_1000 : TWO_MINUS_1000) : x;
  return y * (double[0] as number);
}

/** 2z/n + 2z²/(n+2) + ... + 2z^k/23, for z <= 0.0295 and odd n. */
function atanhTail(z: number, first: number): number {
  let r = 2 / 23;
  for (let n = 21; n >= first; n -= 2) r = 2 / n + z * r;
  return z * r;
}

/** e^(x + low), |low| tiny. */
function expOfSum(x: number, low: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x > 709.79) return Infinity;
  if (x < -745.14) return 0;
  const k = Math.round(x / LN2);
  const high = x - k * LN2_HIGH;
  const r = high - k * LN2_LOW;
  const rest = high - r - k * LN2_LOW + low; // what rounding took from r
  let sum = 1 / 6227020800; // 1/13!
  for (let n = 0; n < INVERSE_FACTORIALS.length; n++) {
    sum = (INVERSE_FACTORIALS[n] as number) + r * sum;
  }
  const tail = r * r * sum;
  return scale(1 + (r + (tail + rest * (1 + r + tail))), k);
}

/** 1/12!, 1/11!, ... 1/2!. */
const INVERSE_FACTORIALS = [
  479001600, 39916800, 3628800, 362880, 40320, 5040, 720, 120, 24, 6, 2,
].map((factorial) => 1 / factorial);

/** ln x as returned value + lnLow, relative error about 2^-64. */
function lnAsSum(x: number): number {
  const m = split(x);
  const k = exponent;
  const f = m - 1;
  const d = m + 1;
  const dLow = m - (d - 1); // m + 1 = d + dLow exactly
  const s = f / d;
  const sd = s * d;
  const sLow = (f - sd - productError(s, d, sd) - s * dLow) / d;
  const z = s * s;
  const zLow = productError(s, s, z) + 2 * s * sLow;
  // 2 atanh(s) = 2s + (2/3) s³ + tail; the cube carries a low part too, the tail is small enough without.
  const cube = s * z;
  const cubeLow = productError(s, z, cube) + s * zLow + sLow * z;
  const third = cube * TWO_THIRDS;
  const thirdLow =
    productError(cube, TWO_THIRDS, third) + cube * TWO_THIRDS_LOW + cubeLow * TWO_THIRDS;
  const tail = s * z * atanhTail(z, 5);
  const a = k * LN2_HIGH;
  const b = a + 2 * s;
  const bLow = sumError(a, 2 * s, b);
  const c = b + third;
  const low = sumError(b, third, c) + bLow + thirdLow + 2 * sLow + k * LN2_LOW + tail;
  const high = c + low;
  lnLow = sumError(c, low, high);
  return high;
}

const TWO_THIRDS = 2 / 3;
const TWO_THIRDS_LOW = 3.700743415417188e-17; // 2/3 - TWO_THIRDS

/** a + b - sum exactly (Knuth's two-sum). */
function sumError(a: number, b: number, sum: number): number {
  const t = sum - a;
  return a - (sum - t) + (b - t);
}

/** a * b - product exactly (Dekker), for factors far from overflow. */
function productError(a: number, b: number, product: number): number {
  const aBig = a * 134217729; // 2^27 + 1
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = b * 134217729;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}
