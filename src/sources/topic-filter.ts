const SHARED = /^\$share\/[^/]+\//;

/** Whether an MQTT topic matches one of several filters with `+` and `#` (MQTT 5, 4.7); that of a shared subscription counts without its group. */
export function topicMatcher(filters: readonly string[]): (topic: string) => boolean {
  const compiled = filters.map((filter) => filter.replace(SHARED, '').split('/'));
  return (topic) => compiled.some((wanted) => matches(wanted, topic));
}

/** Without taking the topic to pieces: this is asked of every message, and there can be any number of topics. */
function matches(wanted: readonly string[], topic: string): boolean {
  // MQTT-4.7.2-1: a leading wildcard does not match the topics a broker keeps for itself.
  if (topic.startsWith('$') && (wanted[0] === '#' || wanted[0] === '+')) return false;
  let from = 0;
  for (const level of wanted) {
    if (level === '#') return true;
    if (from > topic.length) return false;
    const slash = topic.indexOf('/', from);
    const end = slash === -1 ? topic.length : slash;
    if (level !== '+' && (end - from !== level.length || !topic.startsWith(level, from))) return false;
    from = end + 1;
  }
  return from > topic.length;
}
