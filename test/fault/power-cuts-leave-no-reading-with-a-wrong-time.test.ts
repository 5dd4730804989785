import { describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../src/model/time.ts';
import { ClockHousehold, right } from '../support/clock-household.ts';
import { LACKS_FAKED_MACHINE } from '../support/faked-machine.ts';
import { reportFault } from '../support/fault-report.ts';

describe.skipIf(LACKS_FAKED_MACHINE)('as a process, in three boots', () => {
  it(
    'what a boot without a known time collected is never sent; a month without power expires what was pending',
    { timeout: 120_000 },
    async () => {
      let later = 0;
      const home = await ClockHousehold.begin(() => later);
      const { gateway, machine, dynatrace } = home;
      machine.setWallError(-HOUR);
      await home.start();
      await home.measure();
      await home.measure();
      await gateway.kill();

      machine.boot();
      machine.setWallError(0);
      await dynatrace.online();
      await home.start();
      await home.untilClock('confirmed', 0);
      await home.measure();
      await home.untilLedger({ accepted: 3, expired: 2, delivered: 1, pending: 0 });
      await dynatrace.offline();
      await home.measure();
      await home.untilLedger({ accepted: 4, expired: 2, delivered: 1, pending: 1 });
      await gateway.kill();

      // Without a clock of its own the machine goes on about where it was switched off.
      later = 30 * DAY;
      machine.boot();
      machine.setWallError(HOUR);
      await home.start();
      await home.measure();
      await home.untilLedger({ accepted: 5, expired: 2, delivered: 1, pending: 2 });
      await dynatrace.online();
      await home.untilLedger({ accepted: 5, expired: 3, delivered: 2, pending: 0 });
      await home.untilClock('corrected', later - HOUR);
      expect(home.arrived()).toEqual(right(3, 5));
      await home.status();
      expect(await gateway.stop()).toBe(0);
      reportFault(home.row('power off', 2));
    },
  );
});
