import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../src/model/time.ts';
import { ClockHousehold, right } from '../support/clock-household.ts';
import { LACKS_FAKED_MACHINE } from '../support/faked-machine.ts';
import { reportFault } from '../support/fault-report.ts';

const IN_1970 = 3 * HOUR;

describe.skipIf(LACKS_FAKED_MACHINE)('as a process', () => {
  it(
    'two runs in one boot, in 1970 and an hour back, offline and killed: both are corrected when the sink answers',
    { timeout: 120_000 },
    async () => {
      const home = await ClockHousehold.begin();
      const { gateway, machine, dynatrace } = home;
      machine.setWallError(IN_1970 - Date.now());
      await home.start();
      await home.measure();
      await home.measure();
      await gateway.kill();

      machine.setWallError(-HOUR);
      await home.start();
      await home.measure();
      await home.untilLedger({ accepted: 3, pending: 3, expired: 0 });
      const before = await home.status();
      expect(before.clock).toEqual({ state: 'unconfirmed', offsetMs: 0 });
      expect(before.problems.map(({ code }) => code)).toContain('clock.unconfirmed');

      await dynatrace.online();
      await home.untilLedger({ accepted: 3, delivered: 3, pending: 0, expired: 0 });
      await home.untilClock('corrected', HOUR);
      const { clock } = await home.status();
      expect(clock.state).toBe('corrected');
      expect(Math.abs(clock.offsetMs - HOUR)).toBeLessThan(MINUTE);
      expect(home.arrived()).toEqual(right(1, 2, 3));
      expect(await gateway.stop()).toBe(0);
      reportFault(home.row('clock in 1970 and an hour back', 1));
    },
  );

  it(
    'steps of two weeks under the running gateway, before and after its clock is confirmed, expire and delay nothing',
    { timeout: 120_000 },
    async () => {
      const home = await ClockHousehold.begin();
      const { gateway, machine, dynatrace } = home;
      await home.start();
      machine.setWallError(14 * DAY);
      await home.measure();
      machine.setWallError(-14 * DAY);
      await home.measure();
      await dynatrace.online();
      await home.untilLedger({ delivered: 2, pending: 0, expired: 0 });
      await home.untilClock('corrected', 14 * DAY);

      // A stretch of the back-off lies on each side of the step.
      dynatrace.fault({ kind: 'status', status: 503, times: 2 });
      await home.measure();
      await expect.poll(() => dynatrace.requests.at(-1)?.status, { timeout: 30_000 }).toBe(503);
      machine.setWallError(14 * DAY);
      await home.measure();
      await home.untilLedger({ delivered: 4, pending: 0, expired: 0 });
      await home.untilClock('corrected', -14 * DAY);

      machine.setWallError(0);
      await home.measure();
      await home.untilLedger({ accepted: 5, delivered: 5, pending: 0, expired: 0 });
      await home.untilClock('confirmed', 0);
      expect((await home.status()).problems).toEqual([]);
      expect(home.arrived()).toEqual(right(1, 2, 3, 4, 5));
      expect(await gateway.stop()).toBe(0);
      reportFault(home.row('clock stepped by two weeks', 4));
    },
  );
});
