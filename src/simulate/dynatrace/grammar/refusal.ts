/** Why a line is invalid, in the API's words where they are known. */
export class Refusal {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export const UNEXPECTED_END = new Refusal('unexpected end of input');
