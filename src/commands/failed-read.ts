import type { LineAddress } from '../config/line-address.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import type { ReadOutcome } from '../sources/modbus/bus.ts';

type LineKind = LineAddress['kind'];
type Failed = Exclude<ReadOutcome, { readonly kind: 'data' }>;

/** By code (Modbus application protocol V1.1b3, 7): what it says, and what to change. */
const EXCEPTIONS: Readonly<Record<number, readonly [meaning: string, hint: string]>> = {
  1: ['it does not know this function', 'Try the other kind of register: --fc 4 instead of --fc 3, or the reverse.'],
  2: [
    'it has no such register',
    'Check --address and --fc: manuals often count from 1 where the wire counts from 0, and number input registers (--fc 4) apart from holding registers (--fc 3).',
  ],
  3: [
    'it does not take this request',
    'Ask for fewer values (--count), or for whole ones: check --address and --type.',
  ],
  6: ['it is busy', 'Try again. If it stays, another master asks it.'],
  10: ['the way to the device is not there', 'Check --unit: behind this address is another device, or none.'],
  11: ['the device behind it does not answer', 'Check --unit, and whether that device is switched on.'],
};
const OTHER_EXCEPTION = 'Its manual says what the code means. Something answers, so the line itself works.';

/** By line, what to look at when nobody answers. */
const SILENCE: Readonly<Record<LineKind, string>> = {
  serial:
    'Check --unit, --baud and --parity, and whether the wires A and B are swapped. `gateway modbus scan` tries several.',
  'rtu-tcp':
    'Check --unit, the speed and parity set at the converter, and whether its wires A and B are swapped. `gateway modbus scan` tries several units.',
  tcp: 'Check --unit, and whether Modbus TCP is turned on in the device. `gateway modbus scan` tries several units.',
  solarman: 'Check --unit and --logger; a stick that is slow needs --timeout 10000. `gateway modbus scan` tries units.',
};

/** Why a read gave no value, in words, with what to change. */
export function failedRead(outcome: Failed, line: LineKind): GatewayError {
  const [message, hint] = wordsOf(outcome, line);
  return new GatewayError(message, { hint, exitCode: EXIT.failing });
}

function wordsOf(outcome: Failed, line: LineKind): readonly [message: string, hint: string] {
  switch (outcome.kind) {
    case 'timeout':
      return ['no answer', SILENCE[line]];
    case 'down':
      return [
        `the line cannot be opened: ${outcome.reason}`,
        line === 'serial'
          ? 'Is the adapter plugged in (`ls /dev/serial/by-id`), and may this user open it (group dialout, or sudo)?'
          : 'Check host and port, and whether the device is switched on and on this network.',
      ];
    case 'invalid':
      return [
        `an answer that cannot be used: ${outcome.reason}`,
        line === 'serial'
          ? 'Check --baud and --parity, and that no other master uses the line.'
          : 'Check that this address speaks this protocol (tcp://, rtu+tcp:// or solarman://), and that nobody else asks there.',
      ];
    default: {
      const [meaning, hint] = EXCEPTIONS[outcome.code] ?? ['', OTHER_EXCEPTION];
      return [`the device answers with exception ${outcome.code}${meaning === '' ? '' : `: ${meaning}`}`, hint];
    }
  }
}
