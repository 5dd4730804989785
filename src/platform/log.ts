/**
 * The log's interface. Levels say what the operator must do: `error` = loss or a person is needed; `warn` = something is
 * wrong, nothing is lost and it heals by itself; `info` = a change of state worth a line; `debug` = for developers.
 */
export interface Log {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  child(bindings: object): Log;
}
