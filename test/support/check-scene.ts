import type { CommandContext } from '../../src/commands/context.ts';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { commandContext, type RecordedContext } from './command-context.ts';
import { TOKEN } from './dynatrace.ts';

export const CHECK_TOKEN = TOKEN;

export interface CheckPlaces {
  readonly sinkUrl: string;
  readonly brokerUrl?: string;
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
}

/** A context whose configuration names the given sink and broker, with its data in a folder that does not exist yet. */
export function checkScene(
  directory: string,
  places: CheckPlaces,
  changes: Partial<CommandContext> = {},
): RecordedContext {
  const env = {
    DYNATRACE_URL: places.sinkUrl,
    API_TOKEN: places.token ?? CHECK_TOKEN,
    GATEWAY_DATA_DIR: `${directory}/data`,
    ...variables(places),
  };
  return commandContext({
    inspector: { daemonRunning: () => false, report: () => null },
    changes: {
      clock: systemClock,
      loadConfig: () => loadConfig({ env, cwd: directory, hostname: 'box', systemFolder: directory }),
      ...changes,
    },
  });
}

function variables({ brokerUrl, username, password }: CheckPlaces): Record<string, string> {
  if (brokerUrl === undefined) return {};
  const { hostname, port } = new URL(brokerUrl);
  return {
    MQTT_BROKER: hostname,
    MQTT_PORT: port,
    MQTT_TOPIC: 'amis/data',
    ...(username === undefined ? {} : { MQTT_USER: username }),
    ...(password === undefined ? {} : { MQTT_PASSWORD: password }),
  };
}
