import { mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../src/platform/secret.ts';
import { startDynatrace, TOKEN } from '../support/dynatrace.ts';
import { dynatraceSink } from '../support/dynatrace-sink.ts';
import { FileSink } from '../support/file-sink.ts';
import { sinkContract } from './sink.contract.ts';

sinkContract('Dynatrace', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-contract-'));
  const file = join(folder, 'token');
  await writeFile(file, TOKEN);
  const dynatrace = await startDynatrace();
  const bodies = (path: string): string[] =>
    dynatrace.requests.filter((request) => request.path.includes(path)).flatMap((request) => request.body ?? []);
  return {
    sink: dynatraceSink(dynatrace.url, { token: new Secret({ file }) }),
    stored: (route) => {
      if (route.takes === 'readings')
        return Promise.resolve(
          dynatrace.events().map(({ fields }) => (typeof fields['device'] === 'string' ? fields['device'] : '')),
        );
      // In the order of the bodies; whether a line was stored is asked of the store, where each device is a series.
      const stored = dynatrace.series().filter((series) => series.key.startsWith('smartmeter.'));
      const names = new Set(stored.map((series) => series.dimensions['device'] ?? ''));
      const sent = bodies('metrics').flatMap((body) =>
        body.split('\n').filter((line) => line.startsWith('smartmeter.')),
      );
      const devices = sent.map(
        (line) => /,device="((?:[^"\\]|\\.)*)"/.exec(line)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? '',
      );
      return Promise.resolve(devices.filter((device) => names.has(device)));
    },
    refuse: () => dynatrace.fault({ kind: 'refuse-lines', device: 'refused' }),
    goAway: () => dynatrace.offline(),
    comeBack: () => dynatrace.online(),
    replaceSecret: () => writeFile(file, `${TOKEN}\n`),
    async dispose() {
      await dynatrace.stop();
      await rm(folder, { recursive: true });
    },
  };
});

sinkContract('file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-contract-'));
  const [keyFile, away] = [`${folder}.key`, `${folder}.away`];
  await writeFile(keyFile, 'key');
  const sink = new FileSink({ file: join(folder, 'out.jsonl'), keyFile });
  await sink.look();
  return {
    sink,
    async stored(route) {
      const path = join(folder, route.takes === 'samples' ? 'out.jsonl' : 'out.jsonl.late');
      const text = await readFile(path, 'utf8').catch(() => '');
      const lines = text.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as { device?: string }).flatMap(({ device }) => device ?? []);
    },
    refuse: () => {},
    goAway: () => rename(folder, away),
    comeBack: () => rename(away, folder),
    async replaceSecret() {
      await utimes(keyFile, 1, 1);
      await sink.look();
    },
    async dispose() {
      await rm(folder, { recursive: true });
      await rm(keyFile);
    },
  };
});
