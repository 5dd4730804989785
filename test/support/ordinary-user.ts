/**
 * A command run by root without its privileges: permissions hold for it as for anybody, while it can still read this checkout,
 * wherever that is. Needs root.
 */
export function asOrdinaryUser(program: string, ...args: readonly string[]): readonly [string, ...string[]] {
  return ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--', program, ...args];
}
