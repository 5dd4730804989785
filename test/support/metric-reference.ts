import { QUANTITIES } from '../../src/model/quantity.ts';

/** Every quantity as a Markdown table: its name, the unit it is stored in, and the metric it becomes. */
export function metricReference(): string {
  const rows = QUANTITIES.map(
    ({ name, unit, metricKey, metricUnit, displayName, kind }) =>
      `| \`${name}\` | ${unit} | \`${metricKey}\` | ${metricUnit} | ${displayName}${kind === 'state' ? ' (number of a state)' : ''} |`,
  );
  return ['| Quantity | Stored in | Metric | Sent in | Meaning |', '|---|---|---|---|---|', ...rows].join('\n');
}
