const MILLION = 1e6;

/** 100 k, 1 M */
export function sizeText(readings: number): string {
  return readings >= MILLION ? `${Math.round(readings / MILLION)} M` : `${Math.round(readings / 1_000)} k`;
}
