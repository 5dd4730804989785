import { Mosquitto } from '../../test/support/mosquitto.ts';
import type { Stage } from './stage.ts';

/** Keeps everything for a session, in memory only, as much as the benchmark queues. */
const CONFIG = [
  'allow_anonymous true',
  'persistence false',
  'max_queued_messages 0',
  'max_queued_bytes 0',
  'max_inflight_messages 1000',
  'set_tcp_nodelay true',
  'log_type error',
];

/** Debian's Mosquitto; its port. */
export async function startBroker(stage: Stage): Promise<number> {
  const broker = await Mosquitto.start({ config: CONFIG });
  stage.onEnd(() => broker.stop());
  return broker.port;
}
