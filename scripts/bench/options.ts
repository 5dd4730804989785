import { parseArgs } from 'node:util';

export interface Options {
  readonly runs: number;
  /** Names of scenarios; empty: all. */
  readonly only: readonly string[];
  readonly json: boolean;
  readonly out: string | null;
  /** Also drain with `resolution: raw`. */
  readonly raw: boolean;
  /** How long the card scenario writes. */
  readonly cardSeconds: number;
  /** Run the sources instead of the build that is shipped. */
  readonly fromSource: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run bench -- [options]

  --only NAMES     only these scenarios, with commas between: intake,drain,memory,card,status
  --runs N         runs of each scenario; medians are printed (default 1)
  --raw            drain a second time, with every value as a line of its own
  --card-seconds N how long the card scenario writes (default 60; 600 averages several checkpoints)
  --json           results as JSON on stdout instead of a table
  --out FILE       results as JSON into a file, beside the table
  --from-source    run src/*.ts instead of the build (profiles with line numbers; takes more memory)

Each scenario starts its own processes on loopback and ends them. A missed goal is printed, not an error; the exit code is 1
when a scenario failed: it lost a reading, its ledger does not balance, or it took too long.`;

/** Throws an Error with a sentence for the person who typed the arguments. */
export function parseOptions(args: readonly string[], scenarios: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      runs: { type: 'string', default: '1' },
      raw: { type: 'boolean', default: false },
      'card-seconds': { type: 'string', default: '60' },
      json: { type: 'boolean', default: false },
      out: { type: 'string' },
      'from-source': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const only = values.only.split(',').filter((name) => name !== '');
  const unknown = only.filter((name) => !scenarios.includes(name));
  if (unknown.length > 0) throw new Error(`no scenario ${unknown.join(', ')}; there are ${scenarios.join(', ')}`);
  return {
    runs: wholeNumber('--runs', values.runs, 100),
    only,
    json: values.json,
    out: values.out ?? null,
    raw: values.raw,
    cardSeconds: wholeNumber('--card-seconds', values['card-seconds'], 3_600),
    fromSource: values['from-source'],
    help: values.help,
  };
}

function wholeNumber(option: string, text: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Error(`${option} is a whole number from 1 to ${most}, not ${text}`);
}
