/** A house with a meter and PV. */
export const SITE = {
  grid: 'grid-meter',
  pv: ['roof'],
  battery: [],
  chargers: [],
  maxAgeMs: 30_000,
  warned: new Set<string>(),
};

/** Of its meter, while 2 kW are fed in. */
export const FED_IN = '{"1.7.0":0,"2.7.0":2000}';
