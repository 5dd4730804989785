import { VARIABLES } from '../../src/config/installation.ts';
import { OVERRIDES } from '../../src/config/overrides.ts';
import { configSchema } from '../../src/config/schema.ts';
import { leaves } from '../../src/config/schema-walk.ts';

/** Every key of gateway.yaml as a Markdown table: key, default, meaning. */
export function keyReference(): string {
  const rows = leaves(configSchema).map(({ path, fallback, description }) => {
    const key = path.join('.').replaceAll('.[]', '[]');
    return `| \`${key}\` | ${fallback} | ${description} |`;
  });
  return ['| Key | Default | Meaning |', '|---|---|---|', ...rows].join('\n');
}

/** Every environment variable as a Markdown table. */
export function variableReference(): string {
  const rows = [
    ...VARIABLES.map(({ name, description }) => `| \`${name}\` | ${description} |`),
    ...OVERRIDES.map(({ name, path }) => `| \`${name}\` | Overrides \`${path.join('.')}\` |`),
  ];
  return ['| Variable | Meaning |', '|---|---|', ...rows].join('\n');
}
