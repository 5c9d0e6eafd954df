// Random choices that are the same each time, on every machine.
export class Chance {
  constructor(seed) { this.state = seed >>> 0; }
  next() {  // mulberry32
    this.state = (this.state + 0x6D2B79F5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
  below(n) { return Math.floor((this.next() / 4294967296) * n); }
  is(probability) { return this.next() < probability * 4294967296; }
  one(list) { return list[this.below(list.length)]; }
  static hash(text) {  // FNV-1a
    let hash = 0x811C9DC5;
    for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    return (hash ^ (hash >>> 15)) >>> 0;
  }
}
