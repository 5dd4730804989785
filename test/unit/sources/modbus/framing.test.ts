import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decoded, Framing } from '../../../../src/sources/modbus/framing/framing.ts';
import { mbap } from '../../../../src/sources/modbus/framing/mbap.ts';
import { rtu } from '../../../../src/sources/modbus/framing/rtu.ts';
import { solarman } from '../../../../src/sources/modbus/framing/solarman.ts';
import type { ReadRequest } from '../../../../src/sources/modbus/read-request.ts';
import {
  bytesOf,
  mbapAnswer,
  rtuAnswer,
  rtuException,
  solarmanAnswer,
  withCrc,
} from '../../../support/modbus-frames.ts';

const GRID: ReadRequest = { unit: 1, fc: 3, start: 0x0212, count: 1 };
const LOGGER = 2_300_055_354;

const requests = fc.record<ReadRequest>({
  unit: fc.integer({ min: 1, max: 247 }),
  fc: fc.constantFrom(3, 4),
  start: fc.integer({ min: 0, max: 0xffff }),
  count: fc.integer({ min: 1, max: 60 }),
});
/** A request, its sequence, and data of the right length. */
const exchanges = fc.tuple(requests, fc.integer({ min: 0, max: 0xffff })).chain(([request, sequence]) =>
  fc.record({
    request: fc.constant(request),
    sequence: fc.constant(sequence),
    data: fc.uint8Array({ minLength: 2 * request.count, maxLength: 2 * request.count }),
  }),
);
/** Which bits are turned over, the first as a share of the frame (a double would be at its begin nearly always): up to 16. */
const damage = fc.record({
  at: fc.nat(9_999).map((n) => n / 10_000),
  bits: fc.integer({ min: 1, max: 0xffff }),
});

function damaged(frame: Uint8Array, { at, bits }: { at: number; bits: number }): Uint8Array {
  const spoilt = Uint8Array.from(frame);
  const first = Math.floor(at * frame.length * 8);
  for (let i = 0; i < 16; i++) {
    const bit = first + i;
    if (((bits >> i) & 1) === 1 && bit < frame.length * 8)
      spoilt.set([(spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3);
  }
  return spoilt;
}

/** Data that the framing believes; null when it believes none. */
function believed(decoded: Decoded): string | null {
  return decoded.kind === 'answer' && decoded.answer.kind === 'data'
    ? Buffer.from(decoded.answer.bytes).toString('hex')
    : null;
}

const FRAMINGS: readonly (readonly [
  string,
  Framing,
  (request: ReadRequest, sequence: number, data: Uint8Array) => Uint8Array,
])[] = [
  ['RTU', rtu, (request, _, data) => rtuAnswer(request, data)],
  ['Modbus TCP', mbap, mbapAnswer],
  [
    'Solarman V5',
    solarman(LOGGER),
    (request, sequence, data) => solarmanAnswer(LOGGER, sequence, rtuAnswer(request, data)),
  ],
];

describe('frames of public samples', () => {
  it.each<[string, ReadRequest, string]>([
    ['the live block of a hybrid', { unit: 1, fc: 3, start: 0x0200, count: 60 }, '01 03 02 00 00 3c 44 63'],
    ['the grid block of a G3', { unit: 1, fc: 3, start: 0x0484, count: 60 }, '01 03 04 84 00 3c 04 c2'],
    ['the block of a KTL', { unit: 1, fc: 3, start: 0, count: 40 }, '01 03 00 00 00 28 45 d4'],
    ['a serial number', { unit: 1, fc: 4, start: 0x2001, count: 7 }, '01 04 20 01 00 07 eb c8'],
  ])('are asked for as an inverter expects it: %s', (_, request, hex) => {
    expect(rtu.encode(request, 0)).toEqual(bytesOf(hex));
  });

  it.each<[string, ReadRequest, string, unknown]>([
    ['a signed word', GRID, '01 03 02 ff 83 b8 15', { kind: 'data', bytes: bytesOf('ff83') }],
    ['two words', { ...GRID, count: 2 }, '01 03 04 00 00 30 39 2e 21', { kind: 'data', bytes: bytesOf('00003039') }],
    [
      "the vendor's example",
      { ...GRID, count: 2 },
      '01 03 04 00 00 00 ef bb bf',
      { kind: 'data', bytes: bytesOf('000000ef') },
    ],
    ['an exception', GRID, '01 83 02 c0 f1', { kind: 'exception', code: 2 }],
    ['an exception of a Sofar', GRID, '01 90 02 cd c1', { kind: 'exception', code: 2 }],
    ['a checksum in the wrong order', GRID, '01 03 02 ff 83 15 b8', { kind: 'invalid', reason: 'wrong checksum' }],
  ])('are read: %s', (_, request, hex, answer) => {
    expect(rtu.decode(bytesOf(hex), request, 0)).toEqual({ kind: 'answer', answer });
  });

  it('wrap a request for a logger stick', () => {
    const inner = { unit: 1, fc: 3, start: 0x0404, count: 0x1d } as const;
    const hex =
      'a5 17 00 10 45 51 00 3a 9f 17 89 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 03 04 04 00 1d c5 32 58 15';
    expect(solarman(0x89179f3a).encode(inner, 0x51)).toEqual(bytesOf(hex));
  });
});

describe.each(FRAMINGS)('an answer in %s', (_, framing, answer) => {
  it('is believed when it is whole', () => {
    fc.assert(
      fc.property(exchanges, ({ request, sequence, data }) => {
        expect(believed(framing.decode(answer(request, sequence, data), request, sequence))).toBe(
          Buffer.from(data).toString('hex'),
        );
      }),
    );
  });

  it('is waited for while a part of it is missing', () => {
    fc.assert(
      fc.property(exchanges, ({ request, sequence, data }) => {
        const frame = answer(request, sequence, data);
        for (let length = 0; length < frame.length; length++)
          expect(framing.decode(frame.subarray(0, length), request, sequence)).toEqual({ kind: 'incomplete' });
      }),
      { numRuns: 30 },
    );
  });

  it('is not believed by whoever asked for another length, function or unit', () => {
    fc.assert(
      fc.property(exchanges, ({ request, sequence, data }) => {
        const frame = answer(request, sequence, data);
        for (const other of [
          { ...request, count: request.count + 1 },
          { ...request, fc: request.fc === 3 ? 4 : 3 } as const,
          { ...request, unit: (request.unit % 247) + 1 },
        ])
          expect(believed(framing.decode(frame, other, sequence))).toBeNull();
      }),
    );
  });

  it('never makes the decoder throw, whatever has come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), requests, (bytes, request) => {
        expect(believed(framing.decode(bytes, request, 7))).toBeNull();
      }),
    );
  });
});

describe.each(FRAMINGS.filter(([, framing]) => framing !== mbap))('damage to an answer in %s', (_, framing, answer) => {
  it('never gives another value, whichever bit or burst of bits it is', () => {
    fc.assert(
      fc.property(exchanges, damage, ({ request, sequence, data }, where) => {
        const frame = answer(request, sequence, data);
        const spoilt = damaged(frame, where);
        fc.pre(Buffer.compare(frame, spoilt) !== 0);
        // The stick's sum sees no two bytes that change against each other; the CRC within has the data in its care.
        const unharmed = framing === rtu ? null : Buffer.from(data).toString('hex');
        expect([null, unharmed]).toContain(believed(framing.decode(spoilt, request, sequence)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is noticed in every single bit', () => {
    const frame = answer({ ...GRID, count: 4 }, 7, bytesOf('ff83 0000 3039 1388'));
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const decoded = framing.decode(
        damaged(frame, { at: bit / (frame.length * 8), bits: 1 }),
        { ...GRID, count: 4 },
        7,
      );
      expect([bit, believed(decoded)]).toEqual([bit, null]);
      expect(decoded).not.toMatchObject({ answer: { kind: 'exception' } });
    }
  });
});

describe('RTU', () => {
  it('believes no answer behind which there is a byte more', () => {
    const frame = Uint8Array.of(...rtuAnswer(GRID, bytesOf('ff83')), 0);
    expect(rtu.decode(frame, GRID, 0)).toMatchObject({ answer: { kind: 'invalid' } });
  });
});

describe('Modbus TCP', () => {
  it('passes over the answer to another request, and finds its own behind it', () => {
    const late = mbapAnswer(GRID, 6, bytesOf('ffff'));
    const decoded = mbap.decode(Uint8Array.of(...late, ...mbapAnswer(GRID, 7, bytesOf('ff83'))), GRID, 7);
    expect(decoded).toEqual({ kind: 'foreign', bytes: late.length, late: true });
  });

  it('takes no exception for one when there is more than a code', () => {
    const frame = mbapAnswer(GRID, 7, bytesOf('ff83'));
    frame[7] = 0x83;
    expect(mbap.decode(frame, GRID, 7)).toMatchObject({ answer: { kind: 'invalid' } });
  });

  it.each([
    ['another protocol', 2],
    ['a length that none has', 4],
  ])('refuses a header with %s', (_, at) => {
    const frame = mbapAnswer(GRID, 7, bytesOf('ff83'));
    frame[at] = 9;
    expect(mbap.decode(frame, GRID, 7)).toEqual({
      kind: 'answer',
      answer: { kind: 'invalid', reason: 'not a Modbus TCP header' },
    });
  });
});

describe('a logger stick', () => {
  const framing = solarman(LOGGER);

  it.each([
    ['a heartbeat of its own', 0x47, false],
    ['the answer to an earlier request', 0x15, true],
  ])('is heard out when it sends %s', (_, control, late) => {
    const frame = solarmanAnswer(LOGGER, control === 0x15 ? 6 : 7, rtuAnswer(GRID, bytesOf('ff83')));
    frame[4] = control;
    frame[frame.length - 2] = frame.subarray(1, -2).reduce((sum, byte) => sum + byte, 0);
    expect(framing.decode(frame, GRID, 7)).toEqual({ kind: 'foreign', bytes: frame.length, late });
  });

  it('is not believed when it has another serial number', () => {
    const frame = solarmanAnswer(LOGGER + 1, 7, rtuAnswer(GRID, bytesOf('ff83')));
    expect(framing.decode(frame, GRID, 7)).toMatchObject({ answer: { kind: 'invalid' } });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['an answer and a byte more', Uint8Array.of(...rtuAnswer(GRID, bytesOf('ff83')), 0)],
    ['half an answer', rtuAnswer(GRID, bytesOf('ff83')).subarray(0, 4)],
    ['an answer with a wrong checksum', withCrc(bytesOf('01 03 02 ff 83')).fill(0, 5)],
  ])('hands on %s of a sleeping inverter, which is no answer', (_, inner) => {
    expect(framing.decode(solarmanAnswer(LOGGER, 7, inner), GRID, 7)).toMatchObject({ answer: { kind: 'invalid' } });
  });

  it('hands on an exception', () => {
    expect(framing.decode(solarmanAnswer(LOGGER, 7, rtuException(GRID, 2, 0x90)), GRID, 7)).toEqual({
      kind: 'answer',
      answer: { kind: 'exception', code: 2 },
    });
  });
});
