import { z } from 'zod';
import { MINUTE, SECOND } from '../model/time.ts';
import { about, duration, holds, section, text, type Breach } from './schema-parts.ts';

/** The device of the derived readings themselves. */
const TAKEN = 'site';

const device = text('the name of a device');
const devices = (meaning: string): z.ZodType<string[], string[] | undefined> =>
  z
    .array(device, { error: () => 'expected a list of devices' })
    .prefault([])
    .meta(about(meaning));

/** Names are those of the dimension `device`. */
export const site = section({
  grid: device.meta(
    about('The device at the grid connection; beside each of its readings stands one of the device `site`', 'required'),
  ),
  pv: devices('The devices that tell the PV power, such as inverters; without any, only the surplus is derived'),
  battery: devices('The devices that tell the power of a battery'),
  chargers: devices("The devices that tell the power of a car's charger, or of what else takes only surplus"),
  maxAge: duration(SECOND, 60 * MINUTE)
    .prefault('30s')
    .meta(about('An older value of one of these devices is a gap in what is derived from it')),
}).superRefine(holds(siteBreaches));

export type SiteDocument = z.output<typeof site>;

function* siteBreaches({ grid, pv, battery, chargers }: SiteDocument): Iterable<Breach> {
  for (const [key, names] of Object.entries({ pv, battery, chargers })) {
    const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
    if (twice >= 0) yield { path: [key, twice], message: 'expected each device once' };
  }
  if ([grid, ...pv, ...battery, ...chargers].includes(TAKEN))
    yield { path: [], message: 'expected devices that measure; site is the device of what is derived from them' };
}
