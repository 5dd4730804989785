/** A line that carries bytes both ways. One owner at a time; opened and closed as often as needed. */
export interface Link {
  /** What it is, for a person: `/dev/ttyUSB0 at 9600 baud`. */
  readonly title: string;
  /** Resolves when it carries bytes. Rejects when it cannot be opened, or was closed meanwhile. */
  open(events: LinkEvents): Promise<void>;
  write(bytes: Uint8Array): void;
  /** Resolves when it can be opened again; also ends an opening that is under way. */
  close(): Promise<void>;
}

export interface LinkEvents {
  readonly onBytes: (bytes: Uint8Array) => void;
  /** It broke; `close` is still to be called. */
  readonly onBroken: (reason: string) => void;
}
