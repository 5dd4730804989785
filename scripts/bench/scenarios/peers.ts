import { spawnSync } from 'node:child_process';
import { type PassedThrough, throughGateway, throughPeer } from '../passing-through.ts';
import { found, PEERS, type Peer } from '../peers.ts';
import type { Program } from '../program.ts';
import type { Figure, Scenario } from '../scenario.ts';
import type { Sizes } from '../sizes.ts';

const MIB = 2 ** 20;
const MILLION = 1e6;

/** The same messages through the gateway and through those of its peers that are on PATH: published as fast as they are taken. */
export function peersScenario(program: Program, { peers }: Sizes): Scenario {
  return {
    name: 'peers',
    limitMs: 600_000,
    run: async (stage) => {
      const figures: Figure[] = [];
      const notes = PEERS.map((peer) => `${peer.program}: ${found(peer) === null ? 'absent' : describe(peer)}`);
      const present = PEERS.filter((peer) => peer.compared !== null && found(peer) !== null);
      if (present.length === 0) return { figures, notes: [...notes, 'nothing to compare with on this machine'] };
      stage.say('the gateway');
      figures.push(...figuresOf('gateway', await throughGateway(stage, program, peers.messages)));
      for (const peer of present) {
        if (peer.compared === null) continue;
        stage.say(peer.program);
        const passed = await throughPeer(stage, peer, peer.compared, peers.messages);
        figures.push(...figuresOf(peer.program, passed));
        if (passed.messages < peers.messages)
          notes.push(
            `${peer.program}: ${peers.messages - passed.messages} of ${peers.messages} messages did not arrive`,
          );
      }
      return { figures, notes };
    },
  };
}

function figuresOf(who: string, { messages, perSecond, cpuSeconds, mostResidentBytes }: PassedThrough): Figure[] {
  return [
    { name: `${who}: delivered`, unit: 'messages/s', value: perSecond },
    { name: `${who}: processor time`, unit: 's per million', value: (cpuSeconds * MILLION) / messages },
    { name: `${who}: resident at most`, unit: 'MiB', value: mostResidentBytes / MIB },
  ];
}

function describe(peer: Peer): string {
  const { stdout } = spawnSync(found(peer) ?? peer.program, peer.version, { encoding: 'utf8' });
  const version = stdout.split('\n')[0] ?? '';
  return `${version}; ${peer.remark}${peer.compared === null ? '; not compared' : ''}`;
}
