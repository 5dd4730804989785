import { expect, it } from 'vitest';
import { nodeVersionComplaint } from '../../../src/commands/node-version.ts';

it.each(['22.19.0', '22.20.1', '24.0.0', '25.1.0-nightly'])('%s can run the gateway', (version) => {
  expect(nodeVersionComplaint(version)).toBeNull();
});

it.each(['20.19.4', '22.18.9', '8.0.0'])('%s is told what to do', (version) => {
  expect(nodeVersionComplaint(version)).toMatch(/22\.19.*\n.*scripts\/start.*Node\.js 24/);
});
