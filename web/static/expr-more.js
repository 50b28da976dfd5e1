// Adds to PanelverkExpr, after expr.js, the functions that few forms use: digests,
// powers, sines and their kin, distances and areas. Expr.More in
// Go tells whether a page needs it.
(function (root) {
  "use strict";

  const api = typeof module === "object" && module.exports ? require("./expr.js") : root.PanelverkExpr;
  api.more(({ flat, numberOf, of, round, trim, words, NN, text }) => {
    // --- numbers --------------------------------------------------------------
    // Computed step by step and not by Math: browsers differ in the last digit.

    const HALF_PI = Math.PI / 2, LN2_HIGH = 6.9314718036912381649e-1, LN2_LOW = 1.90821492927058770002e-10;
    const EXP = [], SIN = [], COS = [], LN = [], ATAN = [];
    for (let i = 0, factorial = 1, sign = 1; i < 20; i++) {
      if (i) factorial *= i;
      EXP.push(1 / factorial);
      if (i % 2) {
        SIN.push(sign / factorial);
        sign = -sign;
      } else {
        COS.push(sign / factorial);
        LN.push(1 / (i + 1));
        ATAN.push(sign / (i + 1));
      }
    }
    const series = (z, c) => c.reduceRight((sum, one) => sum * z + one, 0);

    function neat(x) {
      const a = Math.abs(x);
      if (!(a < 1e15) || a < 1e-300) return x;
      const digits = x.toExponential(14);
      return digits.includes("000e") ? Number(digits) : x;
    }

    function ln(x) {
      if (!(x > 0) || x === Infinity) return x === 0 ? -Infinity : x > 0 ? x : NaN;
      let k = 0;
      for (; x >= 2 * Math.SQRT1_2; k++) x /= 2;
      for (; x < Math.SQRT1_2; k--) x *= 2;
      const s = (x - 1) / (x + 1);
      return k * LN2_HIGH + (2 * s * series(s * s, LN) + k * LN2_LOW);
    }

    function exp(x) {
      if (!(x <= 710) || x < -746) return x > 710 ? Infinity : x < 0 ? 0 : x;
      let k = Math.floor(x / (LN2_HIGH + LN2_LOW) + 0.5);
      let y = series(x - k * LN2_HIGH - k * LN2_LOW, EXP);
      for (; k > 0; k--) y *= 2;
      for (; k < 0; k++) y /= 2;
      return y;
    }

    function power(x, y) {
      if (y === 0 || x === 1) return 1;
      if (Number.isInteger(y)) {
        let result = 1;
        for (let n = Math.abs(y); n > 0; n = Math.floor(n / 2), x *= x) if (n % 2) result *= x;
        return y < 0 ? 1 / result : result;
      }
      return x < 0 ? NaN : neat(exp(y * ln(x)));
    }

    function sin(x, quarters) {
      const k = Math.floor(x / HALF_PI + 0.5), q = (((k + (quarters || 0)) % 4) + 4) % 4;
      const r = x - k * 1.57079632673412561417 - k * 6.0771005063039659766e-11 - k * 2.02226624879595063154e-21;
      const y = q % 2 ? series(r * r, COS) : r * series(r * r, SIN);
      return q < 2 ? y : -y;
    }
    const cos = (x) => sin(x, 1);

    function atan(x) {
      if (x < 0) return -atan(-x);
      if (x > 1) return HALF_PI - atan(1 / x);
      for (let i = 0; i < 2; i++) x /= 1 + Math.sqrt(1 + x * x);
      return 4 * x * series(x * x, ATAN);
    }

    function angle(y, x) {
      if (x !== x || y !== y) return NaN;
      if (y < 0) return -angle(-y, x);
      if (x === 0) return y === 0 ? 0 : HALF_PI;
      return x < 0 ? 2 * HALF_PI - atan(y / -x) : atan(y / x);
    }
    const asin = (x) => angle(x, Math.sqrt((1 - x) * (1 + x)));

    function points(n) {
      const out = [];
      for (const one of flat(n, 0).flatMap((s) => trim(s).replace(/;$/, "").split(";"))) {
        const [lat, lon] = [...words(one), "", ""].map(numberOf);
        if (!(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180)) return null;
        out.push([(lat * HALF_PI) / 90, (lon * HALF_PI) / 90]);
      }
      return out;
    }

    const RADIUS = 6378100; // metres, as the ball that ODK takes the earth for
    function distance(n) {
      const all = points(n);
      let sum = 0;
      for (let i = 1; all && i < all.length; i++) {
        const [a, b] = [all[i - 1], all[i]], up = sin((b[0] - a[0]) / 2), along = sin((b[1] - a[1]) / 2);
        sum += 2 * RADIUS * asin(Math.sqrt(Math.min(1, up * up + cos(a[0]) * cos(b[0]) * along * along)));
      }
      return all ? round(sum, 2) : NaN;
    }

    function area(n) {
      const all = points(n);
      if (!all) return NaN;
      let sum = 0;
      all.forEach((a, i) => {
        const b = all[(i + 1) % all.length];
        sum += (b[1] - a[1]) * (2 + sin(a[0]) + sin(b[0]));
      });
      return all.length < 3 ? 0 : round(Math.abs((sum * RADIUS * RADIUS) / 2), 2);
    }

    // --- digests --------------------------------------------------------------

    // padded gives a message with its padding and its length in bits at the end.
    function padded(bytes, block, little) {
      const out = new Uint8Array(Math.ceil((bytes.length + 1 + block / 8) / block) * block);
      out.set(bytes);
      out[bytes.length] = 128;
      for (let i = 0, bits = bytes.length * 8; i < 6; i++, bits = Math.floor(bits / 256)) out[little ? out.length - 8 + i : out.length - 1 - i] = bits % 256;
      return out;
    }

    const rotate = (x, n) => (x << n) | (x >>> (32 - n));

    // small is MD5 (RFC 1321) and SHA-1 (FIPS 180-4).
    function small(bytes, md5) {
      const data = new DataView(padded(bytes, 64, md5).buffer);
      const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476].concat(md5 ? [] : 0xc3d2e1f0).map((x) => x | 0);
      for (let at = 0; at < data.byteLength; at += 64) {
        const w = [];
        for (let i = 0; i < 16; i++) w.push(data.getInt32(at + 4 * i, md5));
        let [a, b, c, d, e] = state;
        for (let i = 0; i < (md5 ? 64 : 80); i++) {
          const choose = (x, y, z) => (x & y) | (~x & z);
          if (md5) {
            const r = i >> 4;
            const f = r === 0 ? choose(b, c, d) : r === 1 ? choose(d, b, c) : r === 2 ? b ^ c ^ d : c ^ (b | ~d);
            const g = (r === 0 ? i : r === 1 ? 5 * i + 1 : r === 2 ? 3 * i + 5 : 7 * i) % 16;
            const shift = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21][r * 4 + (i % 4)];
            const sum = (a + f + Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) + w[g]) | 0;
            [a, d, c, b] = [d, c, b, (b + rotate(sum, shift)) | 0];
          } else {
            if (i > 15) w.push(rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1));
            const r = Math.floor(i / 20), f = r === 0 ? choose(b, c, d) : r === 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
            const sum = (rotate(a, 5) + f + e + [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][r] + w[i]) | 0;
            [e, d, c, b, a] = [d, c, rotate(b, 30), a, sum];
          }
        }
        [a, b, c, d, e].slice(0, state.length).forEach((x, i) => (state[i] = (state[i] + x) | 0));
      }
      const out = new DataView(new ArrayBuffer(4 * state.length));
      state.forEach((x, i) => out.setInt32(4 * i, x, md5));
      return new Uint8Array(out.buffer);
    }

    // The constants of SHA-2 are the fractions of roots of primes.
    let constants;
    function sha2Constants() {
      const root = (n, k) => {
        let low = 0n, high = 1n << 80n;
        while (high - low > 1n) {
          const half = (low + high) >> 1n;
          if (half ** k <= n) low = half;
          else high = half;
        }
        return low & 0xffffffffffffffffn;
      };
      const primes = [];
      for (let n = 2; primes.length < 80; n++) if (primes.every((p) => n % p)) primes.push(n);
      return { k: primes.map((p) => root(BigInt(p) << 192n, 3n)), start: primes.slice(0, 16).map((p) => root(BigInt(p) << 128n, 2n)) };
    }

    // sha2 is SHA-256, SHA-384 and SHA-512 (FIPS 180-4).
    function sha2(bytes, size) {
      constants = constants || sha2Constants();
      const wide = size > 256, bits = wide ? 64n : 32n, mask = (1n << bits) - 1n, less = wide ? 0n : 32n;
      const [s0, s1, t0, t1] = wide ? [[28n, 34n, 39n], [14n, 18n, 41n], [1n, 8n, 7n], [19n, 61n, 6n]] : [[2n, 13n, 22n], [6n, 11n, 25n], [7n, 18n, 3n], [17n, 19n, 10n]];
      const turn = (x, n) => (x >> n) | ((x << (bits - n)) & mask);
      const big = (x, r) => turn(x, r[0]) ^ turn(x, r[1]) ^ turn(x, r[2]);
      const mix = (x, r) => turn(x, r[0]) ^ turn(x, r[1]) ^ (x >> r[2]);
      const state = constants.start.slice(size === 384 ? 8 : 0).slice(0, 8).map((x) => x >> less);
      const data = new DataView(padded(bytes, wide ? 128 : 64).buffer);
      for (let at = 0; at < data.byteLength; at += wide ? 128 : 64) {
        const w = [];
        let [a, b, c, d, e, f, g, h] = state;
        for (let i = 0; i < (wide ? 80 : 64); i++) {
          w.push(i < 16 ? (wide ? data.getBigUint64(at + 8 * i) : BigInt(data.getUint32(at + 4 * i))) : (mix(w[i - 2], t1) + w[i - 7] + mix(w[i - 15], t0) + w[i - 16]) & mask);
          const one = h + big(e, s1) + ((e & f) ^ (~e & g & mask)) + (constants.k[i] >> less) + w[i];
          const two = big(a, s0) + ((a & b) ^ (a & c) ^ (b & c));
          [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) & mask, c, b, a, (one + two) & mask];
        }
        [a, b, c, d, e, f, g, h].forEach((x, i) => (state[i] = (state[i] + x) & mask));
      }
      const hex = state.map((x) => x.toString(16).padStart(Number(bits) / 4, "0")).join("").slice(0, size / 4);
      return Uint8Array.from(hex.match(/../g), (x) => parseInt(x, 16));
    }

    function digest(s, algorithm, encoding) {
      const size = { "SHA-256": 256, "SHA-384": 384, "SHA-512": 512, "SHA-1": 1, MD5: 2 }[algorithm];
      if (!size || (encoding !== "hex" && encoding !== "base64")) return "";
      const bytes = new TextEncoder().encode(s), sum = size < 9 ? small(bytes, size === 2) : sha2(bytes, size);
      return encoding === "hex" ? Array.from(sum, (x) => x.toString(16).padStart(2, "0")).join("") : btoa(String.fromCharCode(...sum));
    }

    return {
      digest: [2, 3, (n, s, algorithm, encoding = "base64") => digest(s, algorithm, encoding), [text, text, text]],
      distance: [1, Infinity, distance],
      area: [1, Infinity, area],
      "enclosed-area": [1, Infinity, area],
      pow: [2, 2, (n, x, y) => power(x, y), NN],
      exp10: of((x) => power(10, x)),
      exp: of((x) => neat(exp(x))),
      log: of((x) => neat(ln(x))),
      log10: of((x) => neat(ln(x) / 2.302585092994046)),
      sin: of((x) => neat(sin(x))),
      cos: of((x) => neat(cos(x))),
      tan: of((x) => neat(sin(x) / cos(x))),
      asin: of((x) => neat(asin(x))),
      acos: of((x) => neat(angle(Math.sqrt((1 - x) * (1 + x)), x))),
      atan: of((x) => neat(atan(x))),
      atan2: [2, 2, (n, y, x) => neat(angle(y, x)), NN],
    };
  });
  api.full = true;
  if (api !== root.PanelverkExpr) module.exports = api;
})(globalThis);
