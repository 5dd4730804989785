import { EXIT, GatewayError } from '../model/error.ts';
import type { Settings } from './settings.ts';

/** Nothing was ever stored where this configuration looks. */
export function noDatabase(settings: Settings): GatewayError {
  return new GatewayError(`there is no database at ${settings.summary.queuePath}`, {
    hint: 'Start the gateway first, or name the configuration it runs with: --config FILE.',
    exitCode: EXIT.usage,
  });
}
