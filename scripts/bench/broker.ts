import { Mosquitto } from '../../test/support/mosquitto.ts';
import type { Stage } from './stage.ts';

/** Keeps everything for a session, in memory only, as much as the benchmark queues. */
const CONFIG = [
  'allow_anonymous true',
  'persistence false',
  'max_queued_messages 0',
  'max_queued_bytes 0',
  'set_tcp_nodelay true',
  'log_type error',
];

/** Debian's Mosquitto; its port. It has so many messages in flight to a client that asks for no less; Mosquitto's default is 20. */
export async function startBroker(stage: Stage, maxInFlight = 1_000): Promise<number> {
  const broker = await Mosquitto.start({ config: [...CONFIG, `max_inflight_messages ${maxInFlight}`] });
  stage.onEnd(() => broker.stop());
  return broker.port;
}
