/**
 * What a gateway process is told of the machine it runs on: a wall clock that is wrong by what the test says, at any time (Debian's
 * libfaketime), a boot id, and nobody who says that the clock is synchronised. The monotonic clock stays the machine's.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DurationMs } from '../../src/model/time.ts';
import type { GatewayOptions } from './gateway-process.ts';
import { findProgram, lacks } from './needs.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';
/** Where timesyncd says that the clock is right. */
const TIMESYNC = '/run/systemd/timesync';

/** Binds files in a mount namespace of its own, then becomes the program: mount, boot id, flag's directory, program … */
const LAUNCH = `mount=$1 boot=$2 flags=$3; shift 3
"$mount" --bind "$boot" ${BOOT_ID} || exit 1
[ -z "$flags" ] || "$mount" --bind "$flags" ${TIMESYNC} || exit 1
exec "$@"`;

export const LACKS_FAKED_MACHINE = lacks({ programs: ['faketime', 'unshare', 'mount'], root: true });

export class FakedMachine {
  readonly #dir: string;

  /** Its files go into a directory of this one. */
  constructor(dir: string) {
    this.#dir = join(dir, 'machine');
    mkdirSync(join(this.#dir, 'empty'), { recursive: true });
    this.setWallError(0);
    this.boot();
  }

  /** From now on the wall clock of the gateway is wrong by so much, also of one that runs. */
  setWallError(ms: DurationMs): void {
    const file = join(this.#dir, 'wall-error');
    writeFileSync(`${file}.new`, `${ms < 0 ? '-' : '+'}${Math.abs(ms) / 1000}\n`);
    renameSync(`${file}.new`, file);
  }

  /** What starts from now on runs in another boot. */
  boot(): void {
    writeFileSync(join(this.#dir, 'boot-id'), `${crypto.randomUUID()}\n`);
  }

  /** For a GatewayProcess. */
  get options(): Required<Pick<GatewayOptions, 'env' | 'launcher'>> {
    const flags = existsSync(TIMESYNC) ? join(this.#dir, 'empty') : '';
    const [unshare, mount] = [findProgram('unshare') ?? '', findProgram('mount') ?? ''];
    return {
      launcher: [
        unshare,
        '--mount',
        '--propagation',
        'slave',
        '/bin/sh',
        '-c',
        LAUNCH,
        'sh',
        mount,
        join(this.#dir, 'boot-id'),
        flags,
      ],
      env: {
        // No chronyc, adjtimex or busybox to be asked.
        PATH: join(this.#dir, 'empty'),
        LD_PRELOAD: libfaketime(),
        FAKETIME_TIMESTAMP_FILE: join(this.#dir, 'wall-error'),
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        NO_FAKE_STAT: '1',
      },
    };
  }
}

/** The variant for programs with threads. */
function libfaketime(): string {
  const found = readdirSync('/usr/lib')
    .map((folder) => join('/usr/lib', folder, 'faketime/libfaketimeMT.so.1'))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error('libfaketime is missing: install the Debian package faketime');
  return found;
}
