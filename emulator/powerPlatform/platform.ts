/** Who reads a secret environment variable: flows go through Dataverse, topics through the agents' own service. */
export type SecretReader = "Dataverse" | "Power Virtual Agents Service";

/** The world outside Copilot Studio and Power Automate, handed in. */
export interface Platform {
  /** What follows a vault's name in its host. */
  readonly vaultSuffix: string;
  /** Sends a request; a rejection means that no answer came. */
  send(request: Request): Promise<Response>;
  now(): Date;
  /** Lets time pass; an emulated platform does not really wait. */
  wait(seconds: number): Promise<void>;
  /** A token with which Microsoft's service asks the vault. */
  vaultToken(reader: SecretReader): Promise<string>;
  /** A token of a managed identity, as Azure hands it to the resource that has it. */
  identityToken(identityResourceId: string, audience: string): Promise<string>;
  /** A token of the user who signed a connection in, for the resource that the connection is for. */
  connectionToken(connection: Connection): Promise<string>;
}

/** A connection of "HTTP with Microsoft Entra ID", as someone made it after the import. */
export interface Connection {
  /** Object ID of the signed-in identity. */
  readonly userObjectId: string;
  /** "Base Resource URL": requests go nowhere else. */
  readonly baseUrl: string;
  /** "Microsoft Entra ID Resource URI": what its tokens are for. */
  readonly resourceUri: string;
}

/** A request that had no answer in time, or none at all. */
export class NoAnswer extends Error {
  /**
   * @param reason For people, such as "No answer within 30 s."
   * @param mayPass Whether the same request may succeed a little later.
   */
  constructor(
    reason: string,
    readonly mayPass = true,
  ) {
    super(reason);
    this.name = "NoAnswer";
  }
}

/** A failure that ends a topic: its system topic On Error shows code and message. */
export class PlatformFailure extends Error {
  /** @param code As Copilot Studio names it, such as `FlowActionTimedOut`. */
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "PlatformFailure";
  }
}

/** An answer whose body has arrived. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * One request against the platform's clock.
 *
 * @throws {NoAnswer} when it took longer, or never came.
 */
export async function exchange(
  platform: Platform,
  request: Request,
  timeoutSeconds: number,
): Promise<Answer> {
  const sentAt = platform.now().getTime();
  let answer: Answer;
  try {
    const response = await platform.send(request);
    answer = { status: response.status, headers: response.headers, body: await response.text() };
  } catch (error) {
    throw new NoAnswer(`The connection failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (platform.now().getTime() - sentAt > timeoutSeconds * 1000) {
    throw new NoAnswer(`No answer within ${timeoutSeconds} s.`);
  }
  return answer;
}
