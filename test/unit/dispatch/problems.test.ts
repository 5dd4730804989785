import { describe, expect, it } from 'vitest';
import { problemOf } from '../../../src/dispatch/problems.ts';

describe('problems of a route', () => {
  const lastError = { at: 0, status: 401, message: 'Token authentication failed.' };
  const blocked = {
    sink: 'dynatrace',
    route: 'metrics',
    preferred: true,
    state: 'blocked',
    lastError,
    hint: 'Give it a new token.',
    waiting: false,
  } as const;

  it('name the server’s words and what to do', () => {
    expect(problemOf(blocked)).toEqual({
      code: 'sink.blocked',
      message: 'dynatrace accepts nothing: 401 Token authentication failed. Nothing is lost; all values are kept.',
      hint: 'Give it a new token.',
    });
  });

  it('of a later route exist only while values wait for it', () => {
    const late = { ...blocked, route: 'late', preferred: false };
    expect(problemOf(late)).toBeNull();
    expect(problemOf({ ...late, waiting: true })?.code).toBe('late.blocked');
  });

  it('are none while it works', () => {
    expect(problemOf({ ...blocked, state: 'ok' })).toBeNull();
    expect(problemOf({ ...blocked, state: 'retrying' })?.code).toBe('sink.retrying');
  });
});
