/** The variables a systemd unit sets in its lines `Environment=`, each `NAME=value`, in quotes where there are blanks in it (systemd.exec(5)). */
export function serviceEnvironment(unit: string): Readonly<Record<string, string>> {
  const lines = unit.matchAll(/^Environment=(.*)$/gm);
  const assignments = [...lines].flatMap(([, line = '']) => [...line.matchAll(/"([^"]*)"|(\S+)/g)]);
  return Object.fromEntries(
    assignments.map(([, quoted, plain]) => {
      const [name = '', ...value] = (quoted ?? plain ?? '').split('=');
      return [name, value.join('=')];
    }),
  );
}
