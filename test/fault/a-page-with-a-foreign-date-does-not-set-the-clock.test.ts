import { describe, expect, it } from 'vitest';
import { DAY } from '../../src/model/time.ts';
import { ClockHousehold, right } from '../support/clock-household.ts';
import { LACKS_FAKED_MACHINE } from '../support/faked-machine.ts';
import { reportFault } from '../support/fault-report.ts';

describe.skipIf(LACKS_FAKED_MACHINE)('over plain http', () => {
  it(
    'the page of a proxy whose clock is two weeks ahead neither dates nor expires a reading',
    { timeout: 120_000 },
    async () => {
      const home = await ClockHousehold.begin();
      const { gateway, dynatrace } = home;
      dynatrace.fault({ kind: 'skew', ms: 14 * DAY });
      dynatrace.fault({ kind: 'status', status: 503, body: 'html' });
      await dynatrace.online();
      await home.start();
      await home.measure();
      await expect.poll(() => dynatrace.requests.length, { timeout: 30_000 }).toBeGreaterThan(0);
      await home.measure();
      expect((await home.status()).clock).toEqual({ state: 'unconfirmed', offsetMs: 0 });
      await home.untilLedger({ accepted: 2, pending: 2, expired: 0 });

      dynatrace.heal();
      await home.untilLedger({ accepted: 2, delivered: 2, expired: 0 });
      await home.untilClock('confirmed', 0);
      expect(home.arrived()).toEqual(right(1, 2));
      await home.status();
      expect(await gateway.stop()).toBe(0);
      reportFault(home.row('page with a wrong date', 1));
    },
  );
});
