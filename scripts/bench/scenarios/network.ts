import { lacks } from '../../../test/support/needs.ts';
import type { Program } from '../program.ts';
import type { Figure, Scenario } from '../scenario.ts';
import type { Sizes } from '../sizes.ts';
import { type Traffic, trafficOf } from '../traffic.ts';

const DAY_MINUTES = 24 * 60;
const MB = 1e6;
const FORMS = [
  { resolution: '1m', name: 'folded' },
  { resolution: 'raw', name: 'raw' },
] as const;

/** What one AMIS meter at 5 s costs in a day on the line and on the bill; both forms at the same time, scaled from some minutes. */
export function networkScenario(program: Program, { network }: Sizes): Scenario {
  const { minutes } = network;
  return {
    name: 'network',
    limitMs: (minutes + 4) * 60_000,
    run: async (stage) => {
      if (lacks({ programs: ['openssl'] })) return { figures: [], notes: ['not measured: openssl is missing'] };
      stage.say(`one meter for ${minutes} min, folded and raw`);
      const measured = await Promise.all(
        FORMS.map(async ({ resolution, name }) => ({
          name,
          traffic: await trafficOf(stage, program, resolution, minutes),
        })),
      );
      return {
        figures: measured.flatMap(({ name, traffic }) => figuresOf(name, traffic, DAY_MINUTES / minutes)),
        notes: [
          ...measured.map(({ name, traffic }) => describe(name, traffic)),
          `scaled from ${minutes} min; both directions with TLS, without TCP and IP; a server that ends idle connections after 5 s`,
          'data points: a line is one, of how many values it may be; those of the gateway about itself are counted apart',
        ],
      };
    },
  };
}

function figuresOf(name: string, { wireBytes, points, healthPoints }: Traffic, perDay: number): Figure[] {
  return [
    { name: `${name}: on the wire`, unit: 'MB a day', value: (wireBytes * perDay) / MB },
    { name: `${name}: data points of readings`, unit: 'points a day', value: points * perDay },
    { name: `${name}: data points about the gateway`, unit: 'points a day', value: healthPoints * perDay },
  ];
}

function describe(name: string, { readings, requests, connections, wireBytes }: Traffic): string {
  return `${name}: ${readings} readings, ${requests} requests on ${connections} connections, ${wireBytes} bytes`;
}
