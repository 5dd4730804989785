/** What is wrong right now, worst first: what the daemon reports of itself, merged with what can be seen from outside. */
import { PROBLEMS, type Problem } from '../model/problem.ts';
import type { StatusInput } from './status-input.ts';
import { daemonProblems } from './daemon-problems.ts';
import { sinkProblems } from './sink-problems.ts';
import { sourceProblems } from './source-problems.ts';
import { storageProblems } from './storage-problems.ts';

export function findProblems(input: StatusInput): Problem[] {
  const all = [
    ...daemonProblems(input),
    ...storageProblems(input),
    ...sinkProblems(input),
    ...(input.daemonRunning ? sourceProblems(input) : []),
    ...input.config.warnings,
  ];
  const seen = new Set<string>();
  const unique = all.filter((p) => {
    const key = `${p.code}\n${p.message}`;
    return seen.has(key) ? false : seen.add(key);
  });
  return unique.toSorted((a, b) => rank(a) - rank(b)).map(({ code, message, hint }) => ({ code, message, hint }));
}

function rank(problem: Problem): number {
  return PROBLEMS[problem.code] === 'failing' ? 0 : 1;
}
