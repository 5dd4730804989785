import { parseYaml } from '../../src/config/config-file.ts';
import { profileSchema } from '../../src/config/profile-schema.ts';
import { checkSchema } from '../../src/config/schema-issues.ts';
import { formatIssue } from '../../src/config/issue.ts';
import type { Decoded, Json, Profile } from '../../src/devices/profile.ts';
import { createProfile } from '../../src/devices/registry.ts';
import type { QuantityChoice } from '../../src/model/profile-data.ts';

export interface Choices {
  readonly quantities?: QuantityChoice;
  /** The profile's `ignore`, as YAML. */
  readonly ignore?: string;
}

/** The profile of these rules, as a file of the user has them. */
export function profileOf(rules: string, { quantities, ignore = '[]' }: Choices = {}): Profile {
  const text = `ignore: ${ignore}\n${profileText(rules)}`;
  const { document, issues } = checkSchema(profileSchema, parseYaml(text, 'x.yaml').document);
  if (document === null || issues.length > 0) throw new Error(issues.map(formatIssue).join('\n'));
  return createProfile({ name: 'x', data: document }, { quantities });
}

/** What is wrong with a profile of these rules, line by line. */
export function profileIssues(rules: string): string[] {
  const yaml = parseYaml(profileText(rules), 'x.yaml');
  return [...yaml.issues, ...checkSchema(profileSchema, yaml.document).issues].map(formatIssue);
}

/** The values by device where there are some; else the word and the reason. */
export function valuesOf(decoded: Decoded): unknown {
  if (decoded.kind !== 'readings') return `${decoded.kind}: ${decoded.reason}`;
  const readings = decoded.readings.map(({ device, quantities, values }) => [
    device,
    Object.fromEntries(quantities.map((quantity, i) => [quantity, values[i]])),
  ]);
  const refused = decoded.refusedFields.map(({ field, reason }) => [field, reason]);
  return { ...Object.fromEntries(readings), ...(refused.length === 0 ? {} : { refused: Object.fromEntries(refused) }) };
}

/** Decodes with one rule. */
export function decodeWith(rule: string, payload: Json, topic = 'a/topic'): unknown {
  return valuesOf(profileOf(`- ${rule}`).decode(payload, { topic, device: 'd' }));
}

function profileText(rules: string): string {
  const indented = rules.split('\n').map((line) => `  ${line}`);
  return `name: x\ntitle: a test\nkind: payload\nrules:\n${indented.join('\n')}\n`;
}
