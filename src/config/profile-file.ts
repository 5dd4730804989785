/**
 * Profiles as files: those that come with the program and those of the user, `profiles/<name>.yaml` in the data directory,
 * which go before. The same form for both.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ProfileData } from '../model/profile-data.ts';
import { programFile } from '../platform/program-files.ts';
import { parseYaml } from './config-file.ts';
import type { Issue } from './issue.ts';
import { PROFILE_NAME } from './profile-parts.ts';
import { profileSchema } from './profile-schema.ts';
import { checkSchema } from './schema-issues.ts';

/** Profiles that are code, because their devices are: see devices/registry.ts. */
export const CODED_PROFILES: readonly string[] = ['amis', 'json'];

const BUILT_IN = programFile('profiles/');

/** Where profiles are looked for, the user's first. */
export function profileFolders(dataDir: string): readonly string[] {
  return [join(dataDir, 'profiles'), BUILT_IN];
}

export interface ProfileFile {
  readonly path: string;
  readonly builtIn: boolean;
  /** Null when there are issues. */
  readonly data: ProfileData | null;
  readonly issues: readonly Issue[];
}

/** Null when no folder has a profile of that name. */
export function findProfile(name: string, folders: readonly string[]): ProfileFile | null {
  if (!PROFILE_NAME.test(name)) return null;
  const path = folders.map((folder) => join(folder, `${name}.yaml`)).find(existsSync);
  return path === undefined ? null : readProfile(path);
}

/** The names of all profiles in the folders, sorted. */
export function profileNames(folders: readonly string[]): string[] {
  const files = folders.filter(existsSync).flatMap((folder) => readdirSync(folder));
  return [...new Set(files.filter((file) => file.endsWith('.yaml')).map((file) => basename(file, '.yaml')))].sort();
}

export function readProfile(path: string): ProfileFile {
  const builtIn = path.startsWith(BUILT_IN);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { path, builtIn, data: null, issues: [{ where: path, message: `the file cannot be read: ${code}` }] };
  }
  const yaml = parseYaml(text, path);
  if (yaml.issues.length > 0) return { path, builtIn, data: null, issues: yaml.issues };
  const checked = checkSchema(profileSchema, yaml.document);
  const issues = [...checked.issues, ...nameIssues(checked.document, path)];
  const shown = issues.map((issue) => ({ ...issue, where: `${path}: ${issue.where}` }));
  return { path, builtIn, data: issues.length === 0 ? checked.document : null, issues: shown };
}

function nameIssues(data: ProfileData | null, path: string): Issue[] {
  const name = basename(path, '.yaml');
  if (data === null) return [];
  if (data.name !== name)
    return [{ where: 'name', message: `expected ${name}, the name of its file`, received: data.name }];
  return CODED_PROFILES.includes(name)
    ? [{ where: 'name', message: 'expected another name: this profile is part of the program', received: name }]
    : [];
}
