import { randomFrom } from '../../chaos/random.ts';

/** Chance by a seed: the same seed is the same month, on every machine. */
export class Dice {
  /** In [0, 1). */
  readonly next: () => number;

  constructor(seed: number) {
    // Seeds that lie side by side begin far apart.
    this.next = randomFrom(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b));
  }

  /** Whole, both ends in. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(list: readonly T[]): T {
    return at(list, Math.floor(this.next() * list.length));
  }

  /** As people choose their words: the first far more often than the last. */
  usual<T>(list: readonly T[]): T {
    const weights = list.map((_, n) => 1 / (n + 1));
    let left = this.next() * weights.reduce((sum, weight) => sum + weight, 0);
    const found = weights.findIndex((weight) => (left -= weight) < 0);
    return at(list, found < 0 ? list.length - 1 : found);
  }

  /** How often something happens that happens so often on average. */
  count(average: number): number {
    const whole = Math.floor(average);
    return whole + (this.chance(average - whole) ? 1 : 0);
  }

  /** A uuid of version 7 of that moment, in milliseconds. */
  uuid(ms: number): string {
    const time = ms.toString(16).padStart(12, '0');
    const tail = Array.from({ length: 18 }, () => Math.floor(this.next() * 16).toString(16)).join('');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${tail.slice(0, 3)}-8${tail.slice(3, 6)}-${tail.slice(6)}`;
  }
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}
