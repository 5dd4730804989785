import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keyReference, variableReference } from './support/config-reference.ts';
import { ROOT } from './support/source-tree.ts';

const PAGE = `# Configuration

Every key of \`gateway.yaml\` and every environment variable. The file is looked for in the working directory, then in \`/etc/gateway\`; \`--config FILE\` names another. A key's value is that
of its \`GATEWAY_\` variable, else that of the file, else the default. Durations are written \`10s\`, \`5m\`, \`7d\`, sizes \`64MiB\`. Relative paths start at the working directory.

\`\${NAME}\` in a value is taken from the environment, which \`.env\` in the working directory adds to. Each secret has a second key that ends in \`File\`, and each variable that holds one a second
variable that ends in \`_FILE\`: both name a file that holds it. \`gateway check\` lists everything that is wrong at once, and prints what is in force without secrets.

All of it is read when the gateway starts, and a change needs a restart. Only the files of secrets are read again: a token at once, a refused password within seconds, any other at the next login.

## Keys

\`[]\` stands for each element of a list. What a source may have depends on its \`type\`.

${keyReference()}

## Variables

Those that begin with \`MQTT_\` make the source \`meter\`, \`TENANT_HOST\`, \`DYNATRACE_URL\` and \`API_TOKEN\` the sink \`dynatrace\`, each only where the file has none of that type.

${variableReference()}
`;

it('docs/configuration.md has every key and variable as the program has it; `npm test -- test/configuration-page.test.ts -u` writes it anew', async () => {
  await expect(PAGE).toMatchFileSnapshot(join(ROOT, 'docs/configuration.md'));
});
