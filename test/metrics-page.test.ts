import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricReference } from './support/metric-reference.ts';
import { QUANTITIES } from '../src/model/quantity.ts';
import { ROOT } from './support/source-tree.ts';

const PAGE = `# Metrics

What the gateway measures, and what each quantity is called in Dynatrace. Every metric has the dimensions \`device\`,
\`dt.metrics.source\` and those of the configuration. Signs: grid + = import, battery + = charging, PV and inverter + = delivering.
A profile names quantities by the first column; \`gateway export\` does too. What does not exist on a device is not sent.

${metricReference()}
`;

describe('docs/metrics.md', () => {
  it('is the catalogue as the program has it; `npm test -- test/metrics-page.test.ts -u` writes it anew', async () => {
    await expect(PAGE).toMatchFileSnapshot(join(ROOT, 'docs/metrics.md'));
  });

  it('has a row of five cells for every quantity', () => {
    const rows = metricReference().split('\n').slice(2);
    expect(rows).toHaveLength(QUANTITIES.length);
    for (const row of rows) expect(row.split('|')).toHaveLength(7);
  });
});
