/** What a person would run instead, each set up as durable as it can be: from MQTT to HTTP through a queue on the disk. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../test/support/needs.ts';

export interface PeerSetup {
  readonly dir: string;
  /** Where the messages are: the broker's port, or the one to listen on. */
  readonly mqttPort: number;
  readonly sinkUrl: string;
  readonly topic: string;
}

export interface Peer {
  readonly program: string;
  /** What its options are for a version on stdout. */
  readonly version: readonly string[];
  /** Null: it cannot do the work alone, for the reason given. */
  readonly compared: Comparison | null;
  readonly remark: string;
}

export interface Comparison {
  /** It is a broker itself: meters publish to it. */
  readonly listens: boolean;
  /** Lines that the sink sees of one message. */
  readonly linesPerMessage: number;
  /** Writes its configuration; its arguments. */
  prepare(setup: PeerSetup): readonly string[];
}

export const PEERS: readonly Peer[] = [
  {
    program: 'telegraf',
    version: ['--version'],
    remark:
      'mqtt_consumer with a persistent session, buffer on disk, outputs.dynatrace, which sends each value and does not compress',
    compared: { listens: false, linesPerMessage: 10, prepare: prepareTelegraf },
  },
  {
    program: 'fluent-bit',
    version: ['--version'],
    remark:
      'its MQTT input is a broker and acknowledges before it stores; chunks on disk, synced and checked; JSON lines, a message each',
    compared: { listens: true, linesPerMessage: 1, prepare: prepareFluentBit },
  },
  { program: 'node-red', version: ['--version'], compared: null, remark: 'has no queue on disk of its own' },
  { program: 'vmagent', version: ['--version'], compared: null, remark: 'does not speak MQTT' },
];

/** The path of a peer's program; null when it is not on PATH. */
export function found({ program }: Peer): string | null {
  return findProgram(program);
}

function prepareTelegraf({ dir, mqttPort, sinkUrl, topic }: PeerSetup): readonly string[] {
  const path = join(dir, 'telegraf.conf');
  writeFileSync(
    path,
    `[agent]
  flush_interval = "1s"
  metric_batch_size = 1000
  metric_buffer_limit = 1000000
  buffer_strategy = "disk"
  buffer_directory = "${join(dir, 'telegraf')}"
  omit_hostname = true
[[inputs.mqtt_consumer]]
  servers = ["tcp://127.0.0.1:${mqttPort}"]
  topics = ["${topic}"]
  qos = 1
  persistent_session = true
  client_id = "bench-telegraf"
  max_undelivered_messages = 1000
  startup_error_behavior = "retry"
  name_override = "smartmeter"
  data_format = "json"
  tag_keys = ["serialnumber"]
  json_time_key = "time"
  json_time_format = "unix"
[[outputs.dynatrace]]
  url = "${sinkUrl}/api/v2/metrics/ingest"
  api_token = "dt0c01.of-no-use"
`,
  );
  return ['--config', path];
}

function prepareFluentBit({ dir, mqttPort, sinkUrl }: PeerSetup): readonly string[] {
  const path = join(dir, 'fluent-bit.yaml');
  const storage = join(dir, 'fluent-bit');
  mkdirSync(storage);
  const { hostname, port } = new URL(sinkUrl);
  writeFileSync(
    path,
    `service:
  flush: 1
  log_level: error
  storage.path: ${storage}
  storage.sync: full
  storage.checksum: on
  storage.max_chunks_up: 128
  scheduler.base: 1
  scheduler.cap: 10
pipeline:
  inputs:
    - name: mqtt
      tag: meter
      listen: 127.0.0.1
      port: ${mqttPort}
      storage.type: filesystem
  outputs:
    - name: http
      match: '*'
      host: ${hostname}
      port: ${port}
      uri: /api/v2/metrics/ingest
      format: json_lines
      compress: gzip
      retry_limit: no_limits
`,
  );
  return ['--config', path];
}
