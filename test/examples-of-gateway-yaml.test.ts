import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from './support/run-cli.ts';
import { ROOT } from './support/source-tree.ts';
import { tempDir } from './support/temp-dir.ts';

const PAGES = ['README.md', 'docs/devices.md'];

/** What `.env` has, which the examples stand beside. */
const env = {
  TENANT_HOST: 'abc12345.live.dynatrace.com',
  API_TOKEN: 'dt0c01.EXAMPLE',
  MQTT_USER: 'gateway',
  MQTT_PASSWORD: 'change-me',
};

describe.each(PAGES)('the examples of gateway.yaml in %s', (page) => {
  const examples = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```yaml\n([^]*?)^```$/gm)].map(
    ([, text = '']) => text,
  );

  it('are there', () => expect(examples.length).toBeGreaterThan(1));

  it.each(examples)('are valid: %s', async (text) => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'gateway.yaml'), text);
    const { code, stderr } = await runCli(['check'], { cwd, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
