import { closest } from './closest.ts';
import type { ProfileConfig } from './config.ts';
import type { Issue } from './issue.ts';
import { CODED_PROFILES, findProfile, profileFolders, profileNames } from './profile-file.ts';

/** Finds a source's profile; what is wrong with it is reported. */
export function resolveProfile(
  name: string,
  kind: 'payload' | 'registers',
  where: string,
  { dataDir, report }: { readonly dataDir: string; readonly report: (issue: Issue) => void },
): ProfileConfig {
  if (kind === 'payload' && CODED_PROFILES.includes(name)) return { name, data: null };
  const folders = profileFolders(dataDir);
  const file = findProfile(name, folders);
  if (file === null) {
    const suggestion = closest(name, [...CODED_PROFILES, ...profileNames(folders)]);
    report({ where, received: name, message: 'unknown profile, see `gateway profiles list`', suggestion });
  } else if (file.data !== null && file.data.kind !== kind)
    report({ where, received: name, message: `expected a profile of ${kind}` });
  for (const issue of file?.issues ?? []) report(issue);
  return { name, data: file?.data ?? null };
}
