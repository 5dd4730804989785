import { describe, expect, it } from 'vitest';
import { parseBrokerAddress } from '../../../../src/sources/mqtt/broker-address.ts';

describe('The address of a broker', () => {
  it.each([
    ['mqtt://broker.local', { host: 'broker.local', port: 1883, secure: false }],
    ['mqtt://10.0.0.240:1884', { host: '10.0.0.240', port: 1884, secure: false }],
    ['tcp://broker', { host: 'broker', port: 1883, secure: false }],
    ['mqtts://broker', { host: 'broker', port: 8883, secure: true }],
    ['mqtts://[::1]:9000', { host: '::1', port: 9000, secure: true }],
  ])('%s is understood', (text, expected) => {
    expect(parseBrokerAddress(text)).toEqual(expected);
  });

  it.each(['broker:1883', 'http://broker', 'mqtt://', '', 'ws://broker'])('%s is a configuration error', (text) => {
    expect(() => parseBrokerAddress(text)).toThrow(expect.objectContaining({ name: 'GatewayError', exitCode: 2 }));
  });

  it('must not contain a password, and the error does not repeat it', () => {
    expect(() => parseBrokerAddress('mqtt://u:geheim@broker')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('geheim'), exitCode: 2 }),
    );
  });
});
