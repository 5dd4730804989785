/** The ways in which the network between the gateway and its sink fails, each with how the gateway has to be started to meet it. */
import { FaultProxy } from '../../test/support/fault-proxy.ts';
import { NameServer } from '../../test/support/name-server.ts';
import { lacks } from '../../test/support/needs.ts';
import { NetworkNamespace } from '../../test/support/network-namespace.ts';
import type { Stage } from './stage.ts';

export interface FaultyNetwork {
  /** What the gateway is told to send to. */
  readonly sinkUrl: string;
  readonly brokerHost: string;
  readonly brokerPort: number;
  readonly launcher: readonly string[];
  begin(): Promise<void>;
  end(): Promise<void>;
}

export interface NetworkFault {
  readonly name: string;
  /** Seconds from the network's return to the first fresh point. */
  readonly freshWithin: number;
  /** Null: not on this machine, or not without root. */
  readonly prepare: ((stage: Stage, sinkPort: number, brokerPort: number) => Promise<FaultyNetwork>) | null;
}

const REFUSED_WITHIN = 3;
const SWALLOWED_WITHIN = 15;

const networkAdmin = !lacks({ programs: ['ip', 'nft'], root: true });
const ownMounts = !lacks({ programs: ['unshare', 'mount'], root: true });

export const NETWORK_FAULTS: readonly NetworkFault[] = [
  { name: 'connections refused', freshWithin: REFUSED_WITHIN, prepare: proxied('refuse') },
  { name: 'connections reset', freshWithin: REFUSED_WITHIN, prepare: proxied('reset') },
  { name: 'packets swallowed', freshWithin: SWALLOWED_WITHIN, prepare: networkAdmin ? packetsSwallowed : null },
  { name: 'DNS swallowed', freshWithin: SWALLOWED_WITHIN, prepare: ownMounts ? dnsSwallowed : null },
];

function proxied(kind: 'refuse' | 'reset'): NonNullable<NetworkFault['prepare']> {
  return async (stage, sinkPort, brokerPort) => {
    const proxy = await FaultProxy.start({ target: sinkPort }, (undo) => stage.onEnd(undo));
    return {
      sinkUrl: `http://${proxy.address}`,
      brokerHost: '127.0.0.1',
      brokerPort,
      launcher: [],
      begin: () => proxy.inflict({ kind }),
      end: () => proxy.heal(),
    };
  };
}

/** The gateway behind a cable of its own, on which what is from and to the sink disappears; the broker stays within reach. */
async function packetsSwallowed(stage: Stage, sinkPort: number, brokerPort: number): Promise<FaultyNetwork> {
  const onEnd = (undo: () => void | Promise<void>): void => stage.onEnd(undo);
  const namespace = await NetworkNamespace.create(onEnd);
  const toSink = await FaultProxy.start({ target: sinkPort, host: namespace.host }, onEnd);
  const toBroker = await FaultProxy.start({ target: brokerPort, host: namespace.host }, onEnd);
  return {
    sinkUrl: `http://${toSink.address}`,
    brokerHost: namespace.host,
    brokerPort: toBroker.port,
    launcher: namespace.launcher,
    begin: () => namespace.swallow(toSink.port),
    end: () => namespace.passAgain(),
  };
}

async function dnsSwallowed(stage: Stage, sinkPort: number, brokerPort: number): Promise<FaultyNetwork> {
  const onEnd = (undo: () => void | Promise<void>): void => stage.onEnd(undo);
  const names = await NameServer.start(onEnd);
  const proxy = await FaultProxy.start({ target: sinkPort }, onEnd);
  return {
    sinkUrl: `http://dynatrace.bench.test:${proxy.port}`,
    brokerHost: '127.0.0.1',
    brokerPort,
    launcher: names.worldIn(stage.dir),
    begin: async () => {
      names.mode = 'hang';
      // What is connected needs no name.
      await proxy.inflict({ kind: 'refuse' });
      await proxy.heal();
    },
    end: async () => {
      names.mode = 'answer';
    },
  };
}
