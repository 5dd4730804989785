/** Takes what is to be undone at the end: vitest's `onTestFinished`, or the like of another program that uses what is here. */
export type OnEnd = (undo: () => void | Promise<void>) => void;
