/** The written contract of `gateway status --json`: keys, and the words a field may hold. One entry stands for all of a list. */
export const STATUS_CONTRACT = JSON.parse(`
{ "version": "…", "health": "ok | degraded | failing", "problems": [{ "code": "…", "message": "…", "hint": "…" }],
  "daemon": { "running": true, "startedAt": "ISO", "lastCommitAt": "ISO" },
  "clock": { "state": "confirmed | unconfirmed | corrected", "offsetMs": 0 },
  "queue": { "path": "…", "pendingReadings": 0, "pendingValues": 0, "oldestPendingAt": null, "oldestPendingAgeSeconds": null,
             "storedReadings": 0, "sizeBytes": 0, "budgetBytes": 0, "diskFreeBytes": 0 },
  "intake": { "messages": 0, "used": 0, "duplicates": 0, "refused": 0, "ignored": 0, "refusedFields": 0, "readings": 0, "values": 0 },
  "sources": [{ "name": "…", "type": "mqtt", "state": "connected | connecting | silent | failed", "lastReadingAt": null, "readings": 0,
                "lastRefusal": null, "devices": [{ "name": "…", "state": "…", "faults": ["…"], "silence": null }] }],
  "sinks": [{ "name": "dynatrace", "type": "dynatrace", "state": "ok | retrying | blocked | idle | removed", "lastSuccessAt": null,
              "lastError": null, "nextAttemptAt": null, "expiringWithinMinutes": { "10": 0, "60": 0 },
              "routes": [{ "name": "metrics | late", "state": "ok | retrying | blocked | idle", "pendingValues": 0, "lastError": null }],
              "ledger": { "accepted": 0, "delivered": 0, "late": 0, "pending": 0, "expired": 0, "evicted": 0, "deadLettered": 0 },
              "requests": 0, "lines": 0, "bytesSent": 0 }],
  "replays": [{ "id": 1, "sink": "…", "from": "ISO", "to": "ISO", "total": 0, "asMetrics": 0, "late": 0, "tooOld": 0, "done": 0,
                "state": "queued | running | done | failed" }] }`) as unknown;

/** Where a document differs from the contract, as sentences; empty when it keeps it. `null` in either is compatible with anything. */
export function contractViolations(contract: unknown, actual: unknown, path = '$'): string[] {
  if (Array.isArray(contract)) {
    if (!Array.isArray(actual)) return [`${path} is no list`];
    return actual.flatMap((item, i) => contractViolations(contract[0], item, `${path}[${i}]`));
  }
  if (isObject(contract)) {
    if (!isObject(actual)) return [`${path} is no object`];
    const missing = Object.keys(contract).filter((key) => !(key in actual));
    const unknown = Object.keys(actual).filter((key) => !(key in contract));
    return [
      ...missing.map((key) => `${path}.${key} is missing`),
      ...unknown.map((key) => `${path}.${key} is not in the contract`),
      ...Object.entries(contract).flatMap(([key, part]) => contractViolations(part, actual[key], `${path}.${key}`)),
    ];
  }
  if (contract === null || actual === null) return [];
  if (contract === 'ISO') return isIso(actual) ? [] : [`${path} is no ISO time`];
  if (typeof contract === 'string' && contract.includes(' | ')) {
    return typeof actual === 'string' && contract.split(' | ').includes(actual)
      ? []
      : [`${path} is ${JSON.stringify(actual)}`];
  }
  return typeof actual === typeof contract ? [] : [`${path} is a ${typeof actual}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIso(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
}
