/** The gateway of the soak: the real composition, whose time passes faster. `node gateway.ts CONFIG START_WALL START_MONO SPEED` */
import { loadConfig } from '../../src/config/load.ts';
import { Gateway } from '../../src/gateway.ts';
import { createLog } from '../../src/platform/pino-log.ts';
import { summarise } from '../../src/commands/summarise.ts';
import { HurriedClock } from '../../test/support/hurried-clock.ts';

const [path = '', startWall, startMono, speed] = process.argv.slice(2);
const config = loadConfig({ path, env: {}, cwd: process.cwd(), hostname: 'soak' });
const log = await createLog({ level: 'warn', pretty: false });
const clock = new HurriedClock(Number(startWall), Number(speed), Number(startMono));
const gateway = await Gateway.open(config, {
  log,
  summary: summarise(config),
  clock,
  onFatal: (error) => {
    log.error({ err: error }, 'ends');
    process.exit(70);
  },
});
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)));
await gateway.start();
process.stdout.write('collecting\n');
