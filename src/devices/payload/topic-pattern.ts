/** The levels a pattern has named, such as `{ serial: '114180000000' }`; null when the topic does not fit. */
export type TopicMatch = (topic: string) => Readonly<Record<string, string>> | null;

const PLACE = /\{([a-z]+)\}|\+|[^{}+]+|[{}]/g;

/**
 * Compiles a pattern of a topic's last levels: `ac/power`, `{serial}/0/power`, `em1:{channel}`. `+` is any level, `{name}`
 * one or more characters of a level. Before its levels anything may stand, also a slash at the very beginning.
 */
export function topicPattern(pattern: string): TopicMatch {
  const source = pattern.replaceAll(PLACE, (part: string, name: string | undefined) => {
    if (name !== undefined) return `(?<${name}>[^/]+)`;
    return part === '+' ? '[^/]+' : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  const compiled = new RegExp(`(?:^|/)${source}$`);
  return (topic) => {
    const match = compiled.exec(topic);
    return match === null ? null : { ...match.groups };
  };
}
