/** A home with an inverter on a serial line: pymodbus on a pseudo-terminal, the gateway as a process, the strict stand-in over HTTP. */
import { onTestFinished } from 'vitest';
import { startDynatrace, TOKEN, type StandIn } from './dynatrace.ts';
import { GatewayProcess } from './gateway-process.ts';
import { inverterWords } from './inverter-words.ts';
import { PtyPair } from './pty-pair.ts';
import { Pymodbus } from './pymodbus.ts';
import { pair } from './register-poll.ts';
import { tempDir } from './temp-dir.ts';

/** 1250 W are bought, 1000 W charge the battery, 12345 kWh were generated. */
const UNITS = {
  1: inverterWords('zcs-hybrid-es', {
    0x0200: 2,
    0x0206: 2_301,
    0x020c: 5_001,
    0x020d: 100,
    0x0210: 55,
    0x0212: 0xff83,
    0x0213: 66,
    ...pair(0x021c, 12_345),
  }),
};

export interface InverterAtHome {
  readonly dynatrace: StandIn;
  readonly pty: PtyPair;
  readonly gateway: GatewayProcess;
  /** The inverter that is plugged in; to be started again on a line that was plugged in again. */
  readonly startInverter: () => Promise<Pymodbus>;
}

/** The gateway is not started yet, and nor is the inverter. */
export async function inverterAtHome(): Promise<InverterAtHome> {
  const dynatrace = await startDynatrace();
  onTestFinished(() => dynatrace.stop());
  const pty = await PtyPair.create();
  const gateway = new GatewayProcess({
    dir: tempDir(),
    yaml: `
sources:
  - type: modbus
    name: roof
    url: "serial:${pty.master}"
    interval: 1s
    silentAfter: 10s
    devices: [{ profile: zcs-hybrid-es, device: inverter }]
sinks:
  - { type: dynatrace, name: dynatrace, url: "${dynatrace.url}", token: ${TOKEN}, resolution: raw, flush: 1s }
`,
  });
  return { dynatrace, pty, gateway, startInverter: () => Pymodbus.start({ port: pty.slave }, UNITS) };
}
