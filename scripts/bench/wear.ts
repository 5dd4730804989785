import { join } from 'node:path';
import { assertBalance, assertCounts } from './assert-balance.ts';
import { startBroker } from './broker.ts';
import { prepareCard, type Written } from './card-file-system.ts';
import type { CountingSink } from './counting-sink.ts';
import { GatewayDaemon } from './gateway-daemon.ts';
import { amisMessages } from './household.ts';
import type { BareTableArgument } from './limits/bare-table-process.ts';
import { LiveMeters } from './live-meters.ts';
import { MqttFlood } from './mqtt-flood.ts';
import type { Program } from './program.ts';
import { startLimit } from './run-limit.ts';
import type { Stage } from './stage.ts';

/** Who measures how often, and how long the gateway gathers. */
export interface Pace {
  readonly perSecond: number;
  readonly devices: number;
  readonly lingerSeconds: number;
}

export interface Wear {
  readonly readings: number;
  readonly gateway: Written;
  readonly bare: Written;
  readonly how: string;
}

/** Enough for the write-ahead log to be used a second time: before, each commit also makes the file longer. */
const WARM_UP = { devices: 100, perDevice: 400 };
const VALUES = 10;

/** What readings cost a card that come in, and leave, for so many seconds; and the same rows in a bare table meanwhile. */
export async function wearOf(
  stage: Stage,
  program: Program,
  sink: CountingSink,
  pace: Pace,
  seconds: number,
): Promise<Wear> {
  const { perSecond, devices, lingerSeconds } = pace;
  const name = `card-${perSecond}-${lingerSeconds}`.replace('.', '-');
  const [card, bareCard] = [prepareCard(stage, name), prepareCard(stage, `${name}-bare`)];
  const brokerPort = await startBroker(stage);
  const dataDir = join(card.dir, name);
  const setup = { dataDir, brokerPort, sinkUrl: sink.url, linger: `${lingerSeconds}s` };
  const gateway = new GatewayDaemon(stage, program, setup);
  await gateway.start();
  await gateway.ready();
  const count = Math.max(1, Math.round(perSecond * seconds));
  const argument: BareTableArgument = {
    path: join(bareCard.dir, 'bare.db'),
    perSecond,
    readings: count,
    lingerMs: lingerSeconds * 1000,
    devices,
    warmUp: WARM_UP,
  };
  const bare = startLimit(stage, 'bare-table', argument);
  const flood = await MqttFlood.connect(brokerPort);
  // Some minutes old, so that it is sent at once.
  await flood.publish(amisMessages(WARM_UP.devices, WARM_UP.perDevice, Math.floor(Date.now() / 1000) - 120));
  await bare.line(/^warm$/);
  const warm = WARM_UP.devices * WARM_UP.perDevice;
  await gateway.watch(100, ({ intake, pendingReadings }) =>
    intake.readings >= warm && pendingReadings === 0 ? true : null,
  );

  const before = { gateway: card.written(gateway.pid), bare: bareCard.written(bare.pid) };
  const meters = new LiveMeters(flood, perSecond, devices);
  process.kill(bare.pid, 'SIGUSR2');
  meters.start(stage, count);
  await Promise.all([meters.done(), bare.line(/^written$/)]);
  await gateway.watch(100, ({ intake }) => (intake.readings >= warm + count ? true : null));
  const after = { gateway: card.written(gateway.pid), bare: bareCard.written(bare.pid) };
  await flood.close();
  const report = gateway.report();
  await gateway.stop();
  assertBalance(report);
  // What the broker brought twice, after a connection that broke, is stored once.
  const { used, values } = report.intake;
  assertCounts({ used, values }, { used: warm + count, values: (warm + count) * VALUES });
  return {
    readings: count,
    gateway: difference(before.gateway, after.gateway),
    bare: difference(before.bare, after.bare),
    how: card.how,
  };
}

function difference(before: Written, after: Written): Written {
  const flushes = before.flushes === null || after.flushes === null ? null : after.flushes - before.flushes;
  return { bytes: after.bytes - before.bytes, flushes };
}
