import type { QueueReport } from '../../src/queue/queue.ts';

/** One look at the daemon and its files. */
export interface Sample {
  readonly residentMiB: number;
  readonly files: number;
  readonly databaseBytes: number;
  readonly walBytes: number;
}

export interface Month {
  readonly days: number;
  readonly published: number;
  readonly books: QueueReport;
  readonly samples: readonly Sample[];
  readonly crashes: number;
  readonly budgetBytes: number;
}

const MIB = 1024 ** 2;
/** journal_size_limit and what one large transaction adds. */
const LARGEST_WAL = 32 * MIB;
const SLACK = 8 * MIB;
/** Database, WAL and its index, lock with its own, ballast. */
const MOST_FILES = 8;
const FLAT = 1.2;

/** What a month must leave behind; pure. */
export function verdict({ days, published, books, samples, crashes, budgetBytes }: Month): {
  readonly text: string;
  readonly holds: boolean;
} {
  const [sink] = books.sinks;
  const ledger = sink?.ledger;
  const sum = ledger
    ? ledger.delivered + ledger.late + ledger.pending + ledger.expired + ledger.evicted + ledger.deadLettered
    : Number.NaN;
  const { messages, used, duplicates, refused, ignored } = books.intake;
  const fifth = Math.max(1, Math.floor(samples.length / 5));
  const early = median(samples.slice(fifth, 2 * fifth).map(({ residentMiB }) => residentMiB));
  const late = median(samples.slice(-fifth).map(({ residentMiB }) => residentMiB));
  const most = (of: (sample: Sample) => number): number => Math.max(0, ...samples.map(of));
  const checks: readonly (readonly [what: string, figure: string, holds: boolean])[] = [
    ['messages published, acknowledged by the broker', String(published), published > 0],
    ['of these used', String(used), used >= published],
    [
      'intake balances',
      `${messages} = ${used} + ${duplicates} + ${refused} + ${ignored}`,
      messages === used + duplicates + refused + ignored,
    ],
    ['ledger balances', `${ledger?.accepted} = ${sum}`, ledger?.accepted === sum],
    [
      'delivered, late, expired',
      `${ledger?.delivered}, ${ledger?.late}, ${ledger?.expired}`,
      (ledger?.delivered ?? 0) > 0,
    ],
    ['pending at the end', String(ledger?.pending), ledger?.pending === 0],
    [
      'evicted, dead-lettered',
      `${ledger?.evicted}, ${ledger?.deadLettered}`,
      ledger?.evicted === 0 && ledger.deadLettered === 0,
    ],
    ['ended by itself', String(crashes), crashes === 0],
    ['resident memory early and late, MiB', `${Math.round(early)}, ${Math.round(late)}`, late <= FLAT * early],
    [
      'database at most',
      `${(most((s) => s.databaseBytes) / MIB).toFixed(1)} MiB`,
      most((s) => s.databaseBytes) <= budgetBytes + SLACK,
    ],
    ['WAL at most', `${(most((s) => s.walBytes) / MIB).toFixed(1)} MiB`, most((s) => s.walBytes) <= LARGEST_WAL],
    ['files at most', String(most((s) => s.files)), most((s) => s.files) <= MOST_FILES],
  ];
  const lines = checks.map(([what, figure, holds]) => `${holds ? 'ok  ' : 'FAIL'}  ${what.padEnd(48)} ${figure}`);
  return { text: `${days} simulated days\n${lines.join('\n')}\n`, holds: checks.every(([, , holds]) => holds) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
