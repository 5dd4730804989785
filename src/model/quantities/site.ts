/** What follows from the devices of a site together. */
import { gauge, type QuantityDefinition } from './definition.ts';

export const SITE: readonly QuantityDefinition[] = [
  gauge('site.surplus', 'W', 'site.surplus', 'Power that is left over'),
  gauge('site.consumption', 'W', 'site.consumption', 'Consumption of the site'),
  gauge('site.self_sufficiency', '%', 'site.self_sufficiency', 'Share of the consumption that is not from the grid'),
  gauge('site.self_consumption', '%', 'site.self_consumption', 'Share of the generation that is used on site'),
];
