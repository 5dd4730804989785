/** The captured payloads of every payload profile, through Debian's Mosquitto and the gateway to the stand-in's store. */
import { expect, it } from 'vitest';
import { quantityDefinition } from '../../src/model/quantity.ts';
import { startBroker } from '../support/broker-for-tests.ts';
import { startDynatrace, TOKEN, type StandIn } from '../support/dynatrace.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { goldenFiles, goldenReadings, PAYLOAD_PROFILE_NAMES, payloadText, type Golden } from '../support/golden.ts';
import { tempDir } from '../support/temp-dir.ts';

/** A golden file, published below a topic level of its own, which names its device. */
interface Published {
  readonly profile: string;
  readonly golden: Golden;
  readonly device: string;
}

const PUBLISHED: readonly Published[] = PAYLOAD_PROFILE_NAMES.flatMap((profile) =>
  goldenFiles(profile).map(({ golden }, i) => ({ profile, golden, device: `${profile}-${i}` })),
);

/** A source for each profile and its options; the first level of the topic is the device. */
function configuration(broker: number, dynatraceUrl: string): string {
  const groups = Map.groupBy(PUBLISHED, ({ profile, golden }) => JSON.stringify([profile, golden.options ?? {}]));
  const sources = [...groups.values()].map((group, i) => ({
    type: 'mqtt',
    name: `source-${i}`,
    url: `mqtt://127.0.0.1:${broker}`,
    topics: group.map(({ device }) => `${device}/#`),
    profile: group[0]?.profile,
    device: '{1}',
    // On the day it was captured a payload's own time would be believed.
    trustTime: { behind: '0s', ahead: '0s' },
    ...group[0]?.golden.options,
  }));
  const sink = { type: 'dynatrace', url: dynatraceUrl, token: TOKEN, resolution: 'raw', flush: '1s' };
  return JSON.stringify({ sources, sinks: [sink] });
}

/** What must be stored: by device and metric key, the values as the metric has them. */
function expectedSeries(): Record<string, readonly number[]> {
  const values = PUBLISHED.flatMap(({ golden, device }) =>
    golden.expected.flatMap(goldenReadings).flatMap((reading) =>
      Object.entries(reading.values).map(([quantity, value]) => {
        const definition = quantityDefinition(quantity);
        if (definition === undefined) throw new Error(`${quantity} is not in the catalogue`);
        const name = reading.device.replace('grid-meter', device);
        return { series: `${name} ${definition.metricKey}`, value: value / definition.divisor };
      }),
    ),
  );
  return byName(values);
}

function storedSeries(dynatrace: StandIn): Record<string, readonly number[]> {
  const values = dynatrace
    .series()
    .filter(({ key }) => !key.startsWith('gateway.'))
    .flatMap(({ key, dimensions, slots }) =>
      slots
        .flatMap(({ arrivals }) => arrivals)
        .map(({ value }) => ({
          series: `${dimensions['device']} ${key}`,
          value: Number(value.replace(/^gauge,/, '')),
        })),
    );
  return byName(values);
}

/** Sorted: values that are sent raw may be sent in any order. */
function byName(
  values: readonly { readonly series: string; readonly value: number }[],
): Record<string, readonly number[]> {
  const groups = Map.groupBy(values, ({ series }) => series);
  return Object.fromEntries(
    [...groups].map(([series, all]) => [series, all.map(({ value }) => value).toSorted((a, b) => a - b)]),
  );
}

it(
  'every value arrives under its key, in its unit and with its sign, of the device its topic names',
  { timeout: 90_000 },
  async () => {
    const expected = expectedSeries();
    const total = Object.values(expected).reduce((sum, values) => sum + values.length, 0);
    const messages = PUBLISHED.flatMap(({ golden, device }) =>
      golden.messages.map(({ topic = 'a/topic', payload }) => ({
        topic: `${device}/${topic}`,
        payload: payloadText(payload),
      })),
    );
    expect(new Set(PUBLISHED.map(({ profile }) => profile)).size).toBe(PAYLOAD_PROFILE_NAMES.length);
    expect(total).toBeGreaterThan(300);

    const dynatrace = await startDynatrace();
    const broker = await startBroker();
    const gateway = new GatewayProcess({ dir: tempDir(), yaml: configuration(broker.port, dynatrace.url) });
    try {
      await gateway.startConnected();
      for (const { topic, payload } of messages) await broker.publish(topic, payload);
      await expect
        .poll(async () => (await gateway.status()).sinks[0]?.ledger.delivered, { timeout: 60_000 })
        .toBe(total);
      expect(storedSeries(dynatrace)).toEqual(expected);
      const status = await gateway.status();
      expect(status.intake).toMatchObject({ messages: messages.length, duplicates: 0, values: total });
      expect(unbalanced(status)).toEqual([]);
    } finally {
      await gateway.stop();
      await dynatrace.stop();
    }
  },
);
