/**
 * The power of a house with a PV system, an electric car and people in it, at any instant. Pure: the same seed gives the
 * same day, and any instant can be asked for. Powers change once a second, as a meter reports them.
 *
 * It is plausible, not accurate: enough for charts that look like a home, and for registers that add up.
 */
import { DAY, type EpochMs, HOUR, MINUTE, SECOND } from '../model/time.ts';
import { centralEuropeOffset } from './central-europe.ts';
import { noise, smoothNoise } from './noise.ts';

export interface Household {
  readonly seed: number;
  /** Of the PV system, in W; 0: none. */
  readonly pvPeakW: number;
  /** Of the car's charger, in W; 0: none. */
  readonly chargerW: number;
  /** Degrees north and east. */
  readonly latitude: number;
  readonly longitude: number;
}

/** All in W (var), never negative but for the balances. */
export interface Power {
  readonly houseW: number;
  readonly pvW: number;
  readonly carW: number;
  /** House and car minus PV: positive is drawn from the grid. */
  readonly gridW: number;
  /** Positive is inductive. */
  readonly reactiveVar: number;
}

export const LINZ: Household = { seed: 1, pvPeakW: 8000, chargerW: 11_000, latitude: 48.3, longitude: 14.3 };

const STREAM = { base: 0, fridge: 1, kitchen: 2, laundry: 3, car: 4, weather: 5, cloud: 6, wobble: 7 } as const;

/** What flows in the second that an instant falls into. */
export function powerAt(home: Household, at: EpochMs): Power {
  const second = Math.floor(at / SECOND) * SECOND;
  const houseW = houseLoad(home, second);
  const carW = carLoad(home, second);
  const pvW = pvPower(home, second);
  // Motors and ballasts draw reactive power, the electronics' filters and the inverter give it back.
  const reactiveVar = 0.22 * houseW - 190 - 0.02 * pvW;
  return { houseW, pvW, carW, gridW: houseW + carW - pvW, reactiveVar };
}

/** The sun's elevation in radians, to about a degree. */
export function sunElevation(home: Household, at: EpochMs): number {
  const dayOfYear = (at / DAY) % 365.2425;
  const declination = -0.409 * Math.cos((2 * Math.PI * (dayOfYear + 10)) / 365.2425);
  const solarHour = ((at % DAY) / HOUR + home.longitude / 15 + 24) % 24;
  const hourAngle = ((solarHour - 12) * Math.PI) / 12;
  const latitude = (home.latitude * Math.PI) / 180;
  return Math.asin(
    Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle),
  );
}

function pvPower(home: Household, at: EpochMs): number {
  const height = Math.sin(sunElevation(home, at));
  if (height <= 0 || home.pvPeakW === 0) return 0;
  const overcast = noise(home.seed, STREAM.weather, Math.floor(at / DAY));
  const cloud =
    0.7 * smoothNoise(home.seed, STREAM.cloud, at / (6 * MINUTE)) +
    0.3 * smoothNoise(home.seed, STREAM.cloud, at / HOUR);
  const clear = home.pvPeakW * 0.8 * height ** 1.15;
  return clear * (1 - 0.85 * overcast * cloud);
}

function houseLoad(home: Household, at: EpochMs): number {
  const { seed } = home;
  const hour = localHour(at);
  const awake = bump(hour, 7, 1.2) * 0.7 + bump(hour, 12.5, 1.3) * 0.5 + bump(hour, 19, 2.2);
  const base = 160 + 60 * smoothNoise(seed, STREAM.base, at / (20 * MINUTE));
  const people = 550 * awake * (0.6 + 0.8 * smoothNoise(seed, STREAM.base, at / (4 * MINUTE)));
  const fridge = (at / MINUTE + 50 * noise(seed, STREAM.fridge, 0)) % 50 < 18 ? 85 : 0;
  const kitchen = noise(seed, STREAM.kitchen, Math.floor(at / (4 * MINUTE))) < 0.3 * awake ? 1900 : 0;
  const laundry = laundryLoad(seed, at, hour);
  return base + people + fridge + kitchen + laundry + 12 * noise(seed, STREAM.wobble, at / SECOND);
}

/** Two hours on every third day: it heats first. */
function laundryLoad(seed: number, at: EpochMs, hour: number): number {
  const day = localDay(at);
  if (noise(seed, STREAM.laundry, day) > 0.33) return 0;
  const running = hour - (9 + 6 * noise(seed, STREAM.laundry, day + 1e6));
  if (running < 0 || running > 2) return 0;
  return running < 0.4 ? 2000 : 180;
}

/** Plugged in between six and nine on four evenings of seven, until it is full. */
function carLoad(home: Household, at: EpochMs): number {
  // Noon begins the car's day, so that a charge may go on past midnight.
  const day = localDay(at - 12 * HOUR);
  const hour = (localHour(at) + 12) % 24;
  if (noise(home.seed, STREAM.car, day) > 4 / 7) return 0;
  const plugged = 6 + 3 * noise(home.seed, STREAM.car, day + 1e6);
  const hours = 1 + 2.5 * noise(home.seed, STREAM.car, day + 2e6);
  if (hour < plugged || hour >= plugged + hours) return 0;
  return home.chargerW * (0.985 + 0.01 * noise(home.seed, STREAM.wobble, at / SECOND));
}

function localHour(at: EpochMs): number {
  return ((at + centralEuropeOffset(at)) % DAY) / HOUR;
}

function localDay(at: EpochMs): number {
  return Math.floor((at + centralEuropeOffset(at)) / DAY);
}

function bump(hour: number, centre: number, width: number): number {
  return Math.exp(-(((hour - centre) / width) ** 2));
}
