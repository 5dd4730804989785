/** How much each scenario does: enough for a figure worth printing, or just enough to see that it works. */
export interface Sizes {
  readonly intake: { readonly messages: number; readonly throughProxy: number };
  /** Readings pending; the last drain may be cut short. */
  readonly drain: { readonly readings: readonly number[]; readonly atMostSeconds: number };
  readonly recovery: {
    readonly perSecond: readonly number[];
    readonly backlogMinutes: number;
    readonly outageSeconds: number;
  };
  readonly memory: { readonly settleSeconds: number; readonly readings: number };
  readonly card: { readonly seconds: number };
  readonly network: { readonly minutes: number };
  readonly history: { readonly readings: readonly number[]; readonly times: number };
  readonly peers: { readonly messages: number };
}

export const FULL: Sizes = {
  intake: { messages: 200_000, throughProxy: 20_000 },
  drain: { readings: [100_000, 1_000_000, 10_000_000], atMostSeconds: 120 },
  recovery: { perSecond: [2.4, 100], backlogMinutes: 60, outageSeconds: 15 },
  memory: { settleSeconds: 10, readings: 1_000_000 },
  card: { seconds: 300 },
  network: { minutes: 10 },
  history: { readings: [1_000_000, 10_000_000], times: 5 },
  peers: { messages: 20_000 },
};

/** All of it in a few minutes. */
export const QUICK: Sizes = {
  intake: { messages: 10_000, throughProxy: 1_000 },
  drain: { readings: [10_000, 40_000], atMostSeconds: 30 },
  recovery: { perSecond: [2.4], backlogMinutes: 30, outageSeconds: 3 },
  memory: { settleSeconds: 2, readings: 20_000 },
  card: { seconds: 10 },
  network: { minutes: 1 },
  history: { readings: [60_000], times: 3 },
  peers: { messages: 2_000 },
};

/** Without more readings than `most`, but for the smallest size of each scenario. */
export function upTo(sizes: Sizes, most: number): Sizes {
  const within = (readings: readonly number[]): readonly number[] =>
    readings.filter((count, i) => i === 0 || count <= most);
  return {
    ...sizes,
    drain: { ...sizes.drain, readings: within(sizes.drain.readings) },
    history: { ...sizes.history, readings: within(sizes.history.readings) },
  };
}
