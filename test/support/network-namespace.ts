/** A network of a test's own: a namespace with one cable to this machine, which can be pulled or made to swallow. Needs root. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { OnEnd } from './on-end.ts';

const run = promisify(execFile);

let created = 0;

export class NetworkNamespace {
  readonly #name: string;
  readonly #outer: string;
  readonly #inner: string;
  readonly #network: string;

  private constructor(number: number) {
    this.#name = `gateway-${process.pid}-${number}`;
    this.#outer = `gw${process.pid}o${number}`;
    this.#inner = `gw${process.pid}i${number}`;
    // RFC 2544's range for tests of networks.
    this.#network = `198.18.${process.pid % 256}.${number * 4}`;
  }

  /** Ends with the test, or with whatever else `onEnd` stands for. */
  static async create(onEnd: OnEnd = onTestFinished): Promise<NetworkNamespace> {
    const namespace = new NetworkNamespace(created++);
    await namespace.#create(onEnd);
    return namespace;
  }

  /** This machine's address at the end of the cable. */
  get host(): string {
    return this.#address(1);
  }

  /** The program with arguments that runs another one inside. */
  get launcher(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name];
  }

  /** No carrier: a cable pulled out, a Wi-Fi out of reach. */
  async pull(): Promise<void> {
    await run('ip', ['link', 'set', this.#outer, 'down']);
  }

  async plug(): Promise<void> {
    await run('ip', ['link', 'set', this.#outer, 'up']);
  }

  /** Every packet disappears in either direction, or every one from and to a TCP port out here, and nobody is told. */
  async swallow(port?: number): Promise<void> {
    const policy = port === undefined ? 'drop' : 'accept';
    await this.#nft('add table netdev swallow');
    for (const [hook, field] of [
      ['ingress', 'sport'],
      ['egress', 'dport'],
    ] as const) {
      const base = `type filter hook ${hook} device "${this.#inner}" priority 0; policy ${policy};`;
      await this.#nft(`add chain netdev swallow ${hook} { ${base} }`);
      if (port !== undefined) await this.#nft(`add rule netdev swallow ${hook} tcp ${field} ${port} drop`);
    }
  }

  async passAgain(): Promise<void> {
    await this.#nft('delete table netdev swallow');
  }

  async #create(onEnd: OnEnd): Promise<void> {
    await run('ip', ['netns', 'add', this.#name]);
    onEnd(async () => {
      // With its end out here the cable goes at once, not whenever the kernel has tidied the namespace up.
      await run('ip', ['link', 'delete', this.#outer]).catch(() => undefined);
      await run('ip', ['netns', 'delete', this.#name]);
    });
    await run('ip', ['link', 'add', this.#outer, 'type', 'veth', 'peer', 'name', this.#inner, 'netns', this.#name]);
    await run('ip', ['address', 'add', `${this.#address(1)}/30`, 'dev', this.#outer]);
    await run('ip', ['link', 'set', this.#outer, 'up']);
    await run('ip', ['-n', this.#name, 'address', 'add', `${this.#address(2)}/30`, 'dev', this.#inner]);
    for (const device of ['lo', this.#inner]) await run('ip', ['-n', this.#name, 'link', 'set', device, 'up']);
  }

  #address(host: number): string {
    return this.#network.replace(/\d+$/, (last) => String(Number(last) + host));
  }

  async #nft(command: string): Promise<void> {
    await run('ip', ['netns', 'exec', this.#name, 'nft', command]);
  }
}
