import { formatIssue } from '../config/issue.ts';
import type { ProfileFile } from '../config/profile-file.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import type { ProfileData } from '../model/profile-data.ts';

/** Throws a GatewayError that lists everything that is wrong with the file. */
export function validProfile({ path, data, issues }: ProfileFile): ProfileData {
  if (data !== null) return data;
  const lines = issues.map((issue) => `\n  ${formatIssue(issue).replace(`${path}: `, '')}`);
  throw new GatewayError(`the profile ${path} cannot be used:${lines.join('')}`, {
    hint: `Correct it, then try \`gateway profiles check ${path}\`.`,
    exitCode: EXIT.configuration,
  });
}
