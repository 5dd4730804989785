/**
 * Holds package-lock.json against what a release may be built from: every package pinned by its content, from the one registry,
 * without scripts at installation that nobody has looked at. `node scripts/lock-file.ts FOLDER REGISTRY` prints what is wrong
 * and exits with 1.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Packages that may declare a script for their installation. None is run (`ignore-scripts` in .npmrc), so each must work without:
 * serialport's only looks whether its prebuilt binary loads, and would compile one where there is none.
 */
const MAY_DECLARE_SCRIPTS: ReadonlySet<string> = new Set(['@serialport/bindings-cpp']);
/** What a version range consists of; everything with a scheme or a path leads somewhere else than to the registry. */
const FROM_REGISTRY = /^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?[\w\s.^~<>=|*+-]*$/;
const GROUPS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;

interface Manifest extends Readonly<Partial<Record<(typeof GROUPS)[number], Readonly<Record<string, string>>>>> {
  readonly name?: string;
  readonly version?: string;
}

interface LockedPackage extends Manifest {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

interface LockFile {
  readonly lockfileVersion?: number;
  readonly packages?: Readonly<Record<string, LockedPackage>>;
}

/** What is wrong, one sentence each; empty when nothing is. */
export function lockFileFaults(lock: LockFile, manifest: Manifest, registry: URL): string[] {
  const packages = Object.entries(lock.packages ?? {});
  const locked = packages.filter(([path]) => path !== '');
  const root = lock.packages?.[''] ?? {};
  return [
    ...(lock.lockfileVersion === 3 ? [] : [`lockfileVersion is ${lock.lockfileVersion}, not 3`]),
    ...(locked.length > 0 ? [] : ['no package is locked']),
    ...(['name', 'version', ...GROUPS] as const)
      .filter((key) => canonical(root[key]) !== canonical(manifest[key]))
      .map((key) => `${key} is not what package.json says`),
    ...unpinned(manifest),
    ...packages.flatMap(([path, entry]) => foreignRanges(path, entry)),
    ...locked.flatMap(([path, entry]) => [...untrusted(path, entry, registry)]),
  ];
}

function unpinned(manifest: Manifest): string[] {
  return (['dependencies', 'devDependencies'] as const).flatMap((group) =>
    Object.entries(manifest[group] ?? {})
      .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${name}: ${version} is not one exact version`),
  );
}

function foreignRanges(path: string, entry: LockedPackage): string[] {
  return GROUPS.flatMap((group) =>
    Object.entries(entry[group] ?? {})
      .filter(([, range]) => !FROM_REGISTRY.test(range))
      .map(([name, range]) => `${path === '' ? 'package.json' : path} asks for ${name} from ${range}`),
  );
}

function* untrusted(path: string, entry: LockedPackage, registry: URL): Iterable<string> {
  const { resolved, integrity, link, hasInstallScript, version } = entry;
  if (link === true) yield `${path} is a link`;
  if (version === undefined) yield `${path} has no version`;
  if (integrity === undefined || !/^sha512-[\w+/]{86}==$/.test(integrity)) yield `${path} has no sha512 of its content`;
  // Without an address npm takes the configured registry.
  if (resolved !== undefined && !isOf(registry, resolved)) yield `${path} comes from ${resolved}`;
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (entry.name !== undefined && entry.name !== name) yield `${path} is in truth ${entry.name}`;
  if (hasInstallScript === true && !MAY_DECLARE_SCRIPTS.has(name))
    yield `${path} declares a script for its installation`;
}

function isOf(registry: URL, resolved: string): boolean {
  const url = URL.canParse(resolved) ? new URL(resolved) : null;
  return url !== null && url.protocol === 'https:' && url.host === registry.host;
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  return JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

if (import.meta.main) {
  const [folder = '.', registry = ''] = process.argv.slice(2);
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const faults = lockFileFaults(
    read('package-lock.json') as LockFile,
    read('package.json') as Manifest,
    new URL(registry),
  );
  for (const fault of faults) process.stderr.write(`package-lock.json: ${fault}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
