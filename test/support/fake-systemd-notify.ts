import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Puts a `systemd-notify` into a folder that adds what it is told to the file NOTIFY_SOCKET, a line each. */
export function fakeSystemdNotify(folder: string): void {
  writeFileSync(join(folder, 'systemd-notify'), '#!/bin/sh\nprintf "%s\\n" "$1" >>"$NOTIFY_SOCKET"\n', { mode: 0o755 });
}
