import * as fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { Secret } from '../../../../src/platform/secret.ts';
import { aSample, sendSamples } from '../../../support/dynatrace-sink.ts';
import { ScriptedRig } from '../../../support/scripted-sink.ts';
import { reply, type Script } from '../../../support/scripted-server.ts';
import { anyToken, shownIn } from '../../../support/secret-shapes.ts';

const rig = new ScriptedRig();

afterEach(() => rig.dispose());

const HTML = { 'content-type': 'text/html' };

/** Answers that repeat what they were sent, each in its own notation. */
const ECHOES: Readonly<Record<string, (header: string) => Script>> = {
  "the API's error": (header) => reply(401, JSON.stringify({ error: { code: 401, message: `unknown: ${header}` } })),
  'the refusal of a line': (header) => {
    const invalidLines = [{ line: 1, error: `bad ${header}` }];
    return reply(400, JSON.stringify({ linesOk: 0, linesInvalid: 1, error: { message: header, invalidLines } }));
  },
  'a page': (header) => reply(403, `<html><body>Denied: <b>${escapeHtml(header)}</b></body></html>`, HTML),
  'a page without escapes': (header) => reply(502, `<pre>${header}</pre>`, HTML),
  'JSON of another form': (header) => reply(500, JSON.stringify({ headers: [{ authorization: header }] })),
  'JSON with escapes of its own': (header) => {
    const escaped = JSON.stringify({ detail: header }).replaceAll('/', '\\/').replaceAll('<', '\\u003c');
    return reply(400, escaped);
  },
  'a text that is cut': (header) => reply(429, JSON.stringify({ message: `${'x'.repeat(470)}${header}` })),
  'a text with a break in it': (header) => reply(503, JSON.stringify({ message: `${header}\u0000\r\n` })),
  'a redirect': (header) => reply(302, '', { location: `https://portal/?auth=${encodeURIComponent(header)}` }),
};

it.each(Object.entries(ECHOES))('a token that comes back in %s is in no outcome', async (_, echo) => {
  const server = await rig.serve((response, seen) => echo(seen.headers.authorization ?? '')(response, seen));
  let repeated = 0;
  await fc.assert(
    fc.asyncProperty(anyToken, async (token) => {
      const sink = rig.sinkTo(server.url, { token: new Secret({ value: token }) });
      const outcome = await sendSamples(sink, [aSample()]);
      expect(server.requests.at(-1)?.headers.authorization).toBe(`Api-Token ${token}`);
      const text = [JSON.stringify(outcome), ...textsIn(outcome)].join('\n');
      expect({ outcome, shown: shownIn(text, [token]), half: text.includes(token.slice(0, -1)) }).toEqual({
        outcome,
        shown: [],
        half: false,
      });
      if (text.includes('***')) repeated++;
      await sink.close();
    }),
    { numRuns: 25 },
  );
  expect(repeated).toBeGreaterThan(0);
});

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
