import { InvalidArgumentError } from 'commander';

/** A parser of whole numbers within bounds, decimal or with 0x. */
export function wholeFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^(?:\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}.`);
  };
}

/** A parser of lists such as `9600` or `1-10` or `1,3`, each number within bounds and once. */
export function listFrom(min: number, max: number): (text: string) => number[] {
  const whole = wholeFrom(min, max);
  return (text) => {
    const numbers = text.split(',').flatMap((part) => {
      const [from = '', to = from, ...more] = part.trim().split('-');
      const [first, last] = [whole(from), whole(to)];
      if (more.length > 0 || last < first) throw new InvalidArgumentError('expected a list such as 1-10 or 1,3.');
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
    return [...new Set(numbers)];
  };
}
