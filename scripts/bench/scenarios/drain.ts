import { drainBacklog, type Drained } from '../backlog.ts';
import { loopDelayFigure } from '../loop-delay-figure.ts';
import { paceOf, timeBetween } from '../pace-of.ts';
import type { Program } from '../program.ts';
import type { Figure, Measurement, Scenario } from '../scenario.ts';
import { sizeText } from '../size-text.ts';
import type { Sizes } from '../sizes.ts';

const MIB = 2 ** 20;
const MILLION = 1e6;
const VALUES = 10;

const FORMS = [
  { resolution: '1m', name: 'folded', atLeast: 0.8 },
  { resolution: 'raw', name: 'raw', atLeast: 0.6 },
] as const;

/** How fast a backlog leaves once the network is back, folded to minutes and value by value, and whether its size matters. */
export function drainScenario(program: Program, { drain }: Sizes): Scenario {
  const { readings, atMostSeconds } = drain;
  return {
    name: 'drain',
    limitMs: 2 * readings.reduce((sum, count) => sum + 120_000 + count / 10 + atMostSeconds * 1000, 0),
    run: async (stage) => {
      const figures: Figure[] = [];
      const notes: string[] = [];
      for (const form of FORMS) {
        const drains: Drained[] = [];
        for (const count of readings) {
          const drained = await drainBacklog(stage, program, {
            readings: count,
            resolution: form.resolution,
            atMostSeconds,
          });
          drains.push(drained);
          figures.push(...figuresOf(drained, form));
          notes.push(`${sizeText(count)} ${form.name}: ${describe(drained)}`);
        }
        figures.push(...flatness(drains, form.name));
      }
      notes.push(
        'limit: one thread reads, decodes, folds, renders and gzips the same rows, without HTTP and without settling; of the event loop: one that does nothing meanwhile',
      );
      return { figures, notes } satisfies Measurement;
    },
  };
}

function figuresOf(drained: Drained, { name, atLeast }: (typeof FORMS)[number]): Figure[] {
  const { total, delivered, sightings, limit, mostResidentBytes, loopDelay } = drained;
  const what = `${sizeText(total)} ${name}`;
  const perSecond = paceOf(sightings, delivered, 0.1, 0.95);
  return [
    { name: what, unit: 'readings/s', value: perSecond, limit: { value: limit.perSecond, goal: { atLeast } } },
    { name: `${what}, values`, unit: 'values/s', value: perSecond * VALUES },
    {
      name: `${what}, processor time`,
      unit: 's per million',
      value: (drained.cpuSeconds * MILLION) / delivered,
      limit: { value: (limit.cpuSeconds * MILLION) / limit.readings },
    },
    { name: `${what}, resident at most`, unit: 'MiB', value: mostResidentBytes / MIB, goal: { atMost: 150 } },
    loopDelayFigure(`${what}, event loop late, p99`, loopDelay),
  ];
}

/** The first readings of the largest backlog against as many of the smallest one: both with a process that has just started. */
function flatness(drains: readonly Drained[], name: string): Figure[] {
  const [smallest, largest] = [drains[0], drains.at(-1)];
  if (smallest === undefined || largest === undefined || smallest === largest) return [];
  const [from, to] = [smallest.delivered * 0.1, smallest.delivered * 0.95];
  const value = timeBetween(largest.sightings, from, to) / timeBetween(smallest.sightings, from, to);
  const what = `per reading, ${sizeText(largest.total)} over ${sizeText(smallest.total)}, ${name}`;
  const processor = largest.cpuSeconds / largest.delivered / (smallest.cpuSeconds / smallest.delivered);
  return [
    { name: `time ${what}`, unit: 'ratio', value, goal: { atMost: 1.15 } },
    { name: `processor time ${what}`, unit: 'ratio', value: processor },
  ];
}

function describe({
  total,
  delivered,
  requests,
  lines,
  cpuSeconds,
  sinkCpuSeconds,
  limit,
  loopDelay,
}: Drained): string {
  const linesEach = (lines / delivered).toFixed(2);
  const limitLinesEach = (limit.lines / limit.readings).toFixed(2);
  return (
    `${delivered} of ${total} readings delivered, the ledger balances; ${lines} lines (${linesEach} per reading, the limit's ` +
    `${limitLinesEach}) in ${requests} requests; processor time ${cpuSeconds.toFixed(1)} s, the sink's ` +
    `${sinkCpuSeconds.toFixed(1)} s; event loop late by ${loopDelay.maxMs.toFixed(0)} ms at most`
  );
}
