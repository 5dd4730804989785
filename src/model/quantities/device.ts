/** What a device says of itself: numbers of states and words of bits. Their texts are in the profile. */
import { gauge, numbers, state, type QuantityDefinition } from './definition.ts';

export const DEVICE: readonly QuantityDefinition[] = [
  state('device.state', 'device.state', 'State of the device'),
  state('device.mode', 'device.mode', 'Mode of the device'),
  state('device.alarm', 'device.alarm', 'Alarm of the device'),
  state('device.pvMode', 'device.pv_mode', 'PV input mode'),
  state('device.message', 'device.message', 'Message of the communication board'),
  state('device.country', 'device.country', 'Grid code'),
  state('device.product', 'device.product', 'Product code'),
  gauge('device.fan', 'rpm', 'device.fan', 'Fan speed'),
  ...['year', 'month', 'day', 'hour', 'minute', 'second'].map((part) =>
    state(`device.clock.${part}`, `device.clock.${part}`, `Clock of the device, ${part}`),
  ),
  gauge('device.countdown', 's', 'device.countdown', 'Countdown of the device'),
  ...numbers(30).map((n) => state(`device.fault.${n}`, `device.fault.word${n}`, `Fault word ${n} of the device`)),
  ...numbers(9).map((n) => state(`device.status.${n}`, `device.status.word${n}`, `Status word ${n} of the device`)),
];
