import { Writable } from 'node:stream';
import type { Inspector } from '../../src/queue/inspector.ts';
import type { CommandContext } from '../../src/commands/context.ts';
import type { Settings } from '../../src/commands/settings.ts';
import { HOUR, MINUTE } from '../../src/model/time.ts';
import { PLAIN } from '../../src/report/palette.ts';
import { NOW, REPORT, SUMMARY } from './queue-report.ts';

export const SETTINGS: Settings = {
  dataDir: '/var/lib/gateway',
  dimensions: { site: 'home' },
  summary: SUMMARY,
  sinks: [
    {
      name: 'dynatrace',
      folds: true,
      windows: [
        { route: 'metrics', behindMs: 55 * MINUTE },
        { route: 'late', behindMs: 23 * HOUR },
      ],
    },
  ],
};

export interface RecordedContext extends CommandContext {
  readonly out: () => string;
  readonly err: () => string;
  /** Lengths of the sleeps that were asked for. */
  readonly slept: number[];
  readonly closed: () => number;
  /** As if the person pressed Ctrl-C. */
  readonly interrupt: () => void;
}

export interface Scene {
  readonly inspector?: Partial<Inspector>;
  readonly settings?: Settings;
  readonly terminal?: boolean;
  /** The answer to a question. */
  readonly answer?: boolean;
  readonly onSleep?: () => void;
  readonly changes?: Partial<CommandContext>;
}

/** A context that records what is written; its queue is the object given, whose other methods must not be called. */
export function commandContext(scene: Scene = {}): RecordedContext {
  const [stdout, out] = recorder();
  const [stderr, err] = recorder();
  const slept: number[] = [];
  let closed = 0;
  const controller = new AbortController();
  const terminal = scene.terminal ?? false;
  const inspector = {
    daemonRunning: () => true,
    report: () => REPORT,
    close: () => {
      closed += 1;
    },
    ...scene.inspector,
  } as Inspector;
  return {
    terminal: {
      stdout,
      stderr,
      stdoutIsTerminal: terminal,
      stderrIsTerminal: terminal,
      interactive: terminal,
      palette: PLAIN,
      width: () => (terminal ? 100 : Infinity),
      confirm: () => Promise.resolve(scene.answer ?? false),
    },
    clock: {
      wallMs: () => NOW,
      monoMs: () => 0,
      sleep: (ms) => {
        slept.push(ms);
        scene.onSleep?.();
        return Promise.resolve();
      },
    },
    version: '1.2.3',
    loadConfig: () => {
      throw new Error('this scene has settings only');
    },
    loadSettings: () => scene.settings ?? SETTINGS,
    guessDataDir: () => null,
    openInspector: () => Promise.resolve(inspector),
    diskFreeBytes: () => 1e10,
    catchInterrupt: () => ({ signal: controller.signal, release: () => undefined }),
    out,
    err,
    slept,
    closed: () => closed,
    interrupt: () => controller.abort(),
    ...scene.changes,
  };
}

function recorder(): [Writable, () => string] {
  let text = '';
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, _, done) => {
      text += chunk.toString();
      done();
    },
  });
  return [stream, () => text];
}
