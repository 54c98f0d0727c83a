/**
 * A `Request` whose body is here as a whole. Of a body, Node's own makes a stream, and reading it again takes longer
 * than all else of an answer.
 */
export class WholeRequest extends Request {
  override readonly text: () => Promise<string>;
  override readonly json = async (): Promise<unknown> => JSON.parse(await this.text());

  constructor(url: string, init: Pick<RequestInit, "method" | "headers">, body: Uint8Array) {
    super(url, init);
    this.text = () => Promise.resolve(new TextDecoder().decode(body));
  }
}

/** A `Response` whose body is here as a whole, for the same reason. */
export class WholeResponse extends Response {
  override readonly text: () => Promise<string>;
  override readonly json = async (): Promise<unknown> => JSON.parse(await this.text());

  constructor(body: string, init: ResponseInit) {
    super(null, init);
    this.text = () => Promise.resolve(body);
  }
}
