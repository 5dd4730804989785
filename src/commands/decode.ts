import { buffer } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import type { EpochMs } from '../model/time.ts';
import type { CommandContext } from './context.ts';
import { decoderOf, type DecodedDocument, type Decoder, type DecodeTarget } from './decoder.ts';
import { parseTime } from './time-argument.ts';

export interface DecodeOptions extends DecodeTarget {
  readonly config?: string;
  readonly topic?: string;
  readonly at?: string;
  readonly stream?: boolean;
}

export function decodeCommand(context: CommandContext): Command {
  return new Command('decode')
    .description('Show what a profile makes of a payload from stdin, as one JSON document. Nothing is stored or sent.')
    .option('--profile <name>', 'the profile, see `gateway profiles list`')
    .option('--source <name>', 'instead of --profile: a source of the configuration, with its profile and device')
    .option('--topic <topic>', 'the topic or HTTP path the payload came from')
    .option('--device <name>', "the device, `{2}` for the topic's second level", 'grid-meter')
    .option('--at <time>', 'when it came (default: now)')
    .option('--quantities <list>', 'default, all, or names with *, separated by commas', 'default')
    .option('--stream', 'stdin is lines of {"topic","payload","retain"}, and so is the answer')
    .addHelpText(
      'after',
      `
Prints { "readings": [{ "device", "at", "values" }], "refusals": [{ "field", "reason" }] }; values are in stored units (W, Wh, V …).
A reason that begins with "ignored:" is of a message that is not meant as a reading, as \`online\` or retained state.

Examples:
  gateway decode --profile tasmota --topic tele/meter/SENSOR < payload.json
  mosquitto_sub -h broker -t 'shellies/#' -F %j | gateway decode --profile shelly-gen1 --stream
  curl -s http://192.168.1.20/solar_api/v1/GetPowerFlowRealtimeData.fcgi | gateway decode --profile fronius`,
    )
    .action(async (options: DecodeOptions) => {
      const decoder = decoderOf(
        options,
        () => context.loadConfig(options.config),
        context.guessDataDir(options.config),
      );
      const { clock } = context;
      const given = options.at === undefined ? null : parseTime(options.at, clock.wallMs());
      const now = (): EpochMs => given ?? clock.wallMs();
      const { stdout } = context.terminal;
      const print = (document: DecodedDocument, indent?: number): void =>
        void stdout.write(`${JSON.stringify(document, null, indent)}\n`);
      if (options.stream === true) {
        for await (const line of createInterface({ input: process.stdin })) {
          if (line.trim() !== '') print(decodeLine(decoder, line, now()));
        }
        return;
      }
      print(
        decoder({ topic: options.topic ?? '', payload: await buffer(process.stdin), retained: false, at: now() }),
        2,
      );
    });
}

/** A line that is no message is an answer too: the lines behind it must not be lost. */
function decodeLine(decoder: Decoder, line: string, at: EpochMs): DecodedDocument {
  const message = parseMessage(line);
  if (message === null)
    return { readings: [], refusals: [{ field: 'line', reason: 'expected {"topic":"…","payload":…,"retain":false}' }] };
  const { topic, payload, retained } = message;
  return decoder({ topic, payload: Buffer.from(payload), retained, at });
}

function parseMessage(line: string): { topic: string; payload: string; retained: boolean } | null {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof message !== 'object' || message === null || !('payload' in message)) return null;
  const { payload } = message;
  const topic = 'topic' in message && typeof message.topic === 'string' ? message.topic : '';
  const retain = 'retain' in message ? message.retain : false;
  return {
    topic,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    retained: retain === true || retain === 1,
  };
}
