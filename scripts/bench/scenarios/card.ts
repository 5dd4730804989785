import { CountingSink } from '../counting-sink.ts';
import type { Program } from '../program.ts';
import type { Figure, Goal, Scenario } from '../scenario.ts';
import type { Sizes } from '../sizes.ts';
import { type Pace, wearOf, type Wear } from '../wear.ts';

const PACES: readonly (Pace & { readonly goal?: Goal })[] = [
  { perSecond: 0.2, devices: 1, lingerSeconds: 1 },
  { perSecond: 2.4, devices: 12, lingerSeconds: 1 },
  { perSecond: 10, devices: 10, lingerSeconds: 1, goal: { atMost: 1.7 } },
  { perSecond: 10, devices: 10, lingerSeconds: 5, goal: { atMost: 1.4 } },
  { perSecond: 100, devices: 100, lingerSeconds: 1 },
];
const YEAR_SECONDS = 365.25 * 24 * 3600;
const GB = 1e9;
const MILLION = 1e6;

/** What a reading costs an SD card, delivery included; all paces at the same time, each on a card of its own. */
export function cardScenario(program: Program, { card }: Sizes): Scenario {
  const { seconds } = card;
  return {
    name: 'card',
    limitMs: 240_000 + seconds * 1000,
    run: async (stage) => {
      const sink = await CountingSink.start(stage);
      stage.say(`writing for ${seconds} s, ${PACES.length} paces at once`);
      const wears = await Promise.all(
        PACES.map(async (pace) => ({ pace, wear: await wearOf(stage, program, sink, pace, seconds) })),
      );
      return {
        figures: wears.flatMap(({ pace, wear }) => figuresOf(pace, wear)),
        notes: [
          ...wears.map(({ pace, wear }) => yearOf(pace, wear)),
          `${seconds} s, delivered meanwhile; ${wears[0]?.wear.how}`,
          'limit: the same rows in a database of one table (WAL, synchronous FULL) on a card of its own, at the same time, committed as often',
          'SQLite folds its log into the file about every 1,000 pages: 5 to 10 minutes apart at these paces',
        ],
      };
    },
  };
}

function figuresOf(
  { perSecond, lingerSeconds, goal }: (typeof PACES)[number],
  { readings, gateway, bare }: Wear,
): Figure[] {
  const what = `${perSecond}/s, linger ${lingerSeconds} s`;
  const bytes: Figure = {
    name: `${what}: written per reading`,
    unit: 'bytes',
    value: gateway.bytes / readings,
    limit: { value: bare.bytes / readings, ...(goal !== undefined && { goal }) },
  };
  if (gateway.flushes === null || bare.flushes === null) return [bytes];
  const limit = { value: bare.flushes / readings };
  return [bytes, { name: `${what}: flushes per reading`, unit: 'flushes', value: gateway.flushes / readings, limit }];
}

function yearOf({ perSecond, lingerSeconds }: Pace, { readings, gateway }: Wear): string {
  const times = (perSecond * YEAR_SECONDS) / readings;
  const flushes = gateway.flushes === null ? '' : ` and ${((gateway.flushes * times) / MILLION).toFixed(0)} M flushes`;
  return `${perSecond}/s, linger ${lingerSeconds} s: ${((gateway.bytes * times) / GB).toFixed(0)} GB${flushes} in a year`;
}
