import { plainText } from './plain-text.ts';

/** Dynatrace takes dimension values of at most 250 characters. */
const LONGEST_NAME = 250;
/** Topics whose name is remembered; a home has a handful. */
const REMEMBERED = 1_000;

/** The device's name for a topic, or null when the topic lacks a level the template asks for. */
export type DeviceNaming = (topic: string) => string | null;

/**
 * Compiles a device template: `grid-meter` is that name for every topic; `{2}` stands for the topic's second level,
 * counted from 1, also within other text.
 */
export function deviceNaming(template: string): DeviceNaming {
  // Odd parts are the digits between braces.
  const parts = template.split(/\{(\d+)\}/);
  if (parts.length === 1) {
    const name = deviceName(template);
    return () => name;
  }
  const names = new Map<string, string | null>();
  return (topic) => {
    let name = names.get(topic);
    if (name === undefined) {
      name = fillIn(parts, topic.split('/'));
      if (names.size >= REMEMBERED) names.clear();
      names.set(topic, name);
    }
    return name;
  };
}

function fillIn(parts: readonly string[], levels: readonly string[]): string | null {
  let name = '';
  for (const [i, part] of parts.entries()) {
    const text = i % 2 === 0 ? part : plainText(levels[Number(part) - 1] ?? '', LONGEST_NAME);
    if (i % 2 === 1 && text === '') return null;
    name += text;
  }
  return deviceName(name);
}

/** A name made fit to be a dimension; null when nothing is left of it. */
export function deviceName(text: string): string | null {
  const name = plainText(text, LONGEST_NAME);
  return name === '' ? null : name;
}
