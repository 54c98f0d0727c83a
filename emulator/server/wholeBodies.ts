/**
 * A `Request` whose body is here as a whole. Node's own turns a body into a stream, and reading that takes longer than
 * all else of an answer. Only a caller that reads neither text nor JSON gets Node's own.
 */
export class WholeRequest extends Request {
  override readonly text: () => Promise<string>;
  override readonly json = async (): Promise<unknown> => JSON.parse(await this.text());
  override readonly arrayBuffer = (): Promise<ArrayBuffer> => this.clone().arrayBuffer();
  override readonly blob = (): Promise<Blob> => this.clone().blob();
  override readonly clone: () => Request;

  constructor(url: string, init: Pick<RequestInit, "method" | "headers">, body: Uint8Array<ArrayBuffer>) {
    super(url, init);
    this.text = () => Promise.resolve(new TextDecoder().decode(body));
    const hasNone = body.length === 0 || ["GET", "HEAD"].includes(this.method);
    this.clone = () => new Request(url, hasNone ? init : { ...init, body });
  }
}

/** A `Response` whose body is here as a whole, for the same reason. */
export class WholeResponse extends Response {
  override readonly text: () => Promise<string>;
  override readonly json = async (): Promise<unknown> => JSON.parse(await this.text());
  override readonly arrayBuffer = (): Promise<ArrayBuffer> => this.clone().arrayBuffer();
  override readonly blob = (): Promise<Blob> => this.clone().blob();
  override readonly clone: () => Response;

  constructor(body: string, init: ResponseInit) {
    super(null, init);
    this.text = () => Promise.resolve(body);
    // With the headers as they are by then.
    this.clone = () => new Response(body, this);
  }
}

for (const { prototype } of [WholeRequest, WholeResponse]) {
  Object.defineProperty(prototype, "body", {
    get(this: Request | Response) {
      return this.clone().body;
    },
  });
}
