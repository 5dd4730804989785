/** A password that is only seen where it is sent. `reveal()` reads it anew each time and throws when its file cannot be read. */
export interface Password {
  reveal(): string;
}
