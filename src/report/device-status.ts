import { iso } from './iso.ts';
import type { SilenceState, SourceState } from './state.ts';
import { deviceStates, silenceState } from './state-documents.ts';
import type { Status } from './status.ts';

type DeviceStatus = Status['sources'][number]['devices'][number];

/** What a source's devices last said; one of whose silence nothing is known is silent with its source. */
export function deviceStatuses(document: SourceState | null, silenceOfSource: SilenceState | null): DeviceStatus[] {
  return deviceStates(document).map((device) => {
    const silence = silenceState(device) ?? silenceOfSource;
    const { name, state, faults } = device;
    return { name, state, faults, silence: silence && { since: iso(silence.since), reason: silence.reason } };
  });
}
