/** What a device says of itself: numbers of states and words of bits. Their texts are in the profile. */
import { gauge, numbers, state, type QuantityDefinition } from './definition.ts';

export const DEVICE: readonly QuantityDefinition[] = [
  state('device.state', 'device.state', 'State of the device'),
  state('device.mode', 'device.mode', 'Mode of the device'),
  state('device.alarm', 'device.alarm', 'Alarm of the device'),
  gauge('device.countdown', 's', 'device.countdown', 'Countdown of the device'),
  ...numbers(30).map((n) => state(`device.fault.${n}`, `device.fault.word${n}`, `Fault word ${n} of the device`)),
  ...numbers(9).map((n) => state(`device.status.${n}`, `device.status.word${n}`, `Status word ${n} of the device`)),
];
