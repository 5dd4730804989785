import { parser, type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { allOf } from '../support/all-of.ts';
import { within } from '../support/fault-report.ts';
import type { Direction, FaultProxyOptions } from '../support/fault-proxy.ts';
import { startInstallation } from '../support/installation.ts';
import { lacks } from '../support/needs.ts';
import { arrived, freshAfter } from '../support/outage.ts';

/** A PINGREQ goes out after 30 s without a packet; a broker gives a client up after one and a half times that. */
const GIVEN_UP_AFTER_MS = 45_000;
const NOISE_MS = 20_000;
const COMMITTED = { timeout: 60_000, interval: 50 };

describe.skipIf(lacks({ programs: ['mosquitto'] }))("the broker's keep-alive", () => {
  it(
    'goes on while a commit is pending and Dynatrace swallows everything, and ends a connection that is really dead',
    within(150_000),
    () => allOf([busy, dead]),
  );
});

async function busy(): Promise<void> {
  const packets = new PacketTap();
  const home = await startInstallation({ linger: '25s', observeBroker: packets.observe });
  const { toDynatrace, toBroker, meter, look } = home;
  const connected = performance.now();
  await toDynatrace.inflict({ kind: 'swallow' });
  // What a commit brings is on its way to the server for ever; the next message waits for its commit meanwhile.
  await expect.poll(() => packets.acknowledged, COMMITTED).toBe(1);
  await meter.measure();
  await expect.poll(() => packets.acknowledged, COMMITTED).toBe(2);
  expect(performance.now() - connected).toBeGreaterThan(GIVEN_UP_AFTER_MS);
  expect(packets.pingsWhilePending, 'PINGREQ while a message waited for its commit').toBeGreaterThan(0);
  expect(packets.pongs, 'PINGRESP').toBe(packets.pings);
  expect(toBroker.attempts.length, 'connections to the broker').toBe(1);
  expect(look().sinks[0]).toMatchObject({ state: 'retrying' });
  await toDynatrace.heal();
  await arrived(home, 'commits of 25 s and a server that swallows, for longer than a keep-alive');
}

/** The meter goes on publishing, and the broker keeps for the session what the dead connection does not take. */
async function dead(): Promise<void> {
  const home = await startInstallation();
  const { toBroker, meter, stored } = home;
  await expect.poll(() => stored.batches.length, { timeout: 30_000 }).toBeGreaterThan(0);
  await toBroker.inflict({ kind: 'half-open' });
  const [began, beganAt] = [performance.now(), Date.now()];
  meter.start();
  const freshAfterMs = await freshAfter(home, began, beganAt + 10_000, GIVEN_UP_AFTER_MS + NOISE_MS);
  await meter.stop();
  await arrived(home, 'a half-open connection to the broker', freshAfterMs);
  expect(toBroker.attempts.length, 'connections to the broker').toBe(2);
}

/** Counts the packets that go by. */
class PacketTap {
  pings = 0;
  pongs = 0;
  pingsWhilePending = 0;
  /** Message ids. */
  readonly #pending = new Set<number>();
  acknowledged = 0;
  readonly #parsers = new Map<string, ReturnType<typeof parser>>();

  readonly observe: NonNullable<FaultProxyOptions['observe']> = (bytes, direction, connection) => {
    const key = `${connection} ${direction}`;
    let reader = this.#parsers.get(key);
    if (reader === undefined) {
      reader = parser({ protocolVersion: 5 });
      reader.on('packet', (packet: Packet) => this.#count(packet, direction));
      this.#parsers.set(key, reader);
    }
    reader.parse(bytes);
  };

  #count(packet: Packet, direction: Direction): void {
    if (packet.cmd === 'pingresp') this.pongs += 1;
    const id = 'messageId' in packet ? (packet.messageId ?? 0) : 0;
    if (packet.cmd === 'publish' && direction === 'reply' && packet.topic === 'amis/data') this.#pending.add(id);
    if (packet.cmd === 'puback' && direction === 'request' && this.#pending.delete(id)) this.acknowledged += 1;
    if (packet.cmd !== 'pingreq') return;
    this.pings += 1;
    if (this.#pending.size > 0) this.pingsWhilePending += 1;
  }
}
