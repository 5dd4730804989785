import type { ScanResult } from './scan-line.ts';

/** What to compare a value with, where a wrong map or sign shows most easily. */
const EXPECT: Readonly<Record<string, string>> = {
  'grid.power': 'positive while you draw, negative while you feed in',
  'battery.power': 'positive while it is charged',
  'pv.power': '0 at night, never negative',
  'power.active': 'positive while it delivers',
  'grid.frequency': '49.8 to 50.2 Hz',
  'grid.l1.voltage': '207 to 253 V',
  'battery.soc': 'what the display says',
  'energy.generated.total': 'what the display says',
};
const MAX_SHOWN = 40;
const USUAL_TIMEOUT_MS = 1_000;

/** The results for a person, with the configuration to paste. */
export function scanText(results: readonly ScanResult[]): string {
  const found = results.filter(({ detection }) => detection.kind === 'found');
  const urls = [...new Set(results.map(({ url }) => url))];
  const nothing = urls.filter((url) => !found.some((one) => one.url === url));
  return [
    ...found.flatMap(foundText),
    ...nothing.map((url) => `${url}: ${whyNothing(results.filter((one) => one.url === url))}`),
    ...(found.length === 0
      ? []
      : ['', 'For gateway.yaml (if it has sources already, add under your `sources:`):', '', ...configuration(found)]),
    '',
  ].join('\n');
}

function foundText({ url, baud, unit, detection, live }: ScanResult): string[] {
  if (detection.kind !== 'found') return [];
  const { profile, serial, others } = detection;
  const at = baud === null ? `unit ${unit}` : `${baud} baud, unit ${unit}`;
  const values = live?.values ?? [];
  const shown = values.filter(({ quantity, value }) => !quantity.startsWith('device.fault') || value !== 0);
  return [
    `${url} (${at}): ${profile.name}`,
    `  ${profile.title}${serial === null ? '' : `, serial number ${serial}`}`,
    ...(others.length === 0 ? [] : [`  less likely: ${others.join(', ')}`]),
    ...shown.slice(0, MAX_SHOWN).map(({ quantity, value, unit: unitName, text }) => {
      const expected = EXPECT[quantity];
      const said = text === null ? '' : `  ${text}`;
      const figure = `${value} ${unitName === '1' ? '' : unitName}`.trimEnd();
      return `  ${quantity.padEnd(30)} ${figure.padStart(14)}${said}${expected === undefined ? '' : `   (${expected})`}`;
    }),
    ...(shown.length > MAX_SHOWN ? [`  and ${shown.length - MAX_SHOWN} more`] : []),
    ...(live?.findings ?? []).map(({ message }) => `  ! ${message}`),
    ...(live?.refusals ?? []).map((reason) => `  not used: ${reason}`),
  ];
}

function whyNothing(results: readonly ScanResult[]): string {
  const down = results.find(({ detection }) => detection.kind === 'down');
  if (down?.detection.kind === 'down') return down.detection.reason;
  const hasSpeed = results.some(({ baud }) => baud !== null);
  const tried = hasSpeed ? ` at ${[...new Set(results.map(({ baud }) => baud))].join(', ')} baud` : '';
  const units = [...new Set(results.map(({ unit }) => unit))].join(', ');
  if (results.some(({ detection }) => detection.kind === 'unknown'))
    return `something answers (unit ${units}), but with no register map that is known. Try \`gateway modbus read\`.`;
  if (results.some(({ detection }) => detection.kind === 'garbled'))
    return `bytes come, but no answer can be read${tried} (units ${units}). ${hasSpeed ? 'The speed or the parity is another, another' : 'Another'} master uses the line, or it is no Modbus.`;
  const isWired = results.some(({ url }) => /^(?:serial|rtu\+tcp):/.test(url));
  const way = isWired ? 'are the wires A and B swapped' : 'is Modbus turned on in it';
  return `nothing answers${tried} (units ${units}). Is it switched on (inverters without a battery sleep at night), ${way}, is the unit${hasSpeed ? ' or the speed' : ''} another?`;
}

function configuration(found: readonly ScanResult[]): string[] {
  const urls = [...new Set(found.map(({ url }) => url))];
  return [
    'sources:',
    ...urls.flatMap((url, i) => {
      const here = found.filter((one) => one.url === url);
      const { baud = null, parity = null, logger = null, timeoutMs = 0 } = here[0] ?? {};
      return [
        '  - type: modbus',
        `    name: modbus${urls.length === 1 ? '' : `-${i + 1}`}`,
        `    url: "${url}"`,
        ...(baud === null ? [] : [`    baud: ${baud}`]),
        ...(parity === null || parity === 'none' ? [] : [`    parity: ${parity}`]),
        ...(logger === null ? [] : [`    logger: ${logger}`]),
        // Whoever needed more patience than usual will need it again.
        ...(timeoutMs <= USUAL_TIMEOUT_MS ? [] : [`    timeout: ${timeoutMs}ms`]),
        // A meter beside it is awake and keeps the line from being silent; its own silence should be told soon.
        ...(here.every(sleepsAtNight) ? ['    silentAfter: 16h'] : []),
        '    devices:',
        ...here.map(({ unit, detection }) => {
          const name = detection.kind === 'found' ? detection.profile.name : '';
          return `      - { unit: ${unit}, profile: ${name}, device: ${name}-${i + 1}-${unit} }`;
        }),
      ];
    }),
  ];
}

function sleepsAtNight({ detection }: ScanResult): boolean {
  return detection.kind === 'found' && detection.profile.night === 'sleeps';
}
