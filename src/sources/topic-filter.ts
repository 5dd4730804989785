const SHARED = /^\$share\/[^/]+\//;

/** Whether an MQTT topic matches a filter with `+` and `#` (MQTT 5, 4.7); the filter of a shared subscription counts without its group. */
export function matchesFilter(filter: string, topic: string): boolean {
  const wanted = filter.replace(SHARED, '').split('/');
  const levels = topic.split('/');
  // MQTT-4.7.2-1: a leading wildcard does not match the topics a broker keeps for itself.
  if (topic.startsWith('$') && (wanted[0] === '#' || wanted[0] === '+')) return false;
  for (const [i, level] of wanted.entries()) {
    if (level === '#') return true;
    if (i >= levels.length) return false;
    if (level !== '+' && level !== levels[i]) return false;
  }
  return wanted.length === levels.length;
}

/** `matchesFilter` for several filters, remembering the last topics seen: a meter has few, and each comes often. */
export function topicMatcher(filters: readonly string[]): (topic: string) => boolean {
  const known = new Map<string, boolean>();
  return (topic) => {
    let match = known.get(topic);
    if (match === undefined) {
      match = filters.some((filter) => matchesFilter(filter, topic));
      if (known.size >= 256) known.clear();
      known.set(topic, match);
    }
    return match;
  };
}
