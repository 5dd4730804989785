import { parseArgs } from 'node:util';

export interface Options {
  readonly runs: number;
  /** Names of scenarios; empty: all. */
  readonly only: readonly string[];
  /** Small sizes. */
  readonly quick: boolean;
  /** The most readings that are stored or pending; null: all sizes. */
  readonly upTo: number | null;
  /** Where to write the results as JSON. */
  readonly json: string | null;
  /** Run the sources instead of the build that is shipped. */
  readonly fromSource: boolean;
  readonly help: boolean;
}

export function usage(scenarios: readonly string[]): string {
  return `Usage: npm run bench -- [options]

  --only NAMES   only these scenarios, with commas between: ${scenarios.join(',')}
  --runs N       runs of each scenario; medians are printed (default 1)
  --quick        small sizes, a few minutes for all: to see that it works, not for figures
  --up-to N      without the sizes of drain and history beyond so many readings: 1000000 leaves out the slow ones
  --json FILE    the results as JSON into a file, beside the table
  --from-source  run src/*.ts instead of the build (profiles with line numbers; takes more memory)
  --help         this text

Examples:
  npm run bench -- --quick
  npm run bench -- --only intake,drain --runs 5 --json before.json
  npm run bench -- --only drain --up-to 1000000 --runs 5
  npm run bench -- --only card

Each scenario starts its own processes on loopback and ends them. The limit beside a figure is what this machine does without the
gateway, measured in the same run: on a busy machine only the ratio says something. A missed goal is printed, not an error; the exit
code is 1 when a scenario failed: it lost a reading, its ledger does not balance, or it took too long.`;
}

/** Throws an Error with a sentence for the person who typed the arguments. */
export function parseOptions(args: readonly string[], scenarios: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      runs: { type: 'string', default: '1' },
      quick: { type: 'boolean', default: false },
      'up-to': { type: 'string' },
      json: { type: 'string' },
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
    quick: values.quick,
    upTo: values['up-to'] === undefined ? null : wholeNumber('--up-to', values['up-to'], Number.MAX_SAFE_INTEGER),
    json: values.json ?? null,
    fromSource: values['from-source'],
    help: values.help,
  };
}

function wholeNumber(option: string, text: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Error(`${option} is a whole number from 1 to ${most}, not ${text}`);
}
