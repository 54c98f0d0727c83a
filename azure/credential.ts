import { inspect } from "node:util";
import { OperatorError } from "../core/errors";
import type { Service } from "./services";
import { decodeToken, type DecodedToken } from "./tokenClaims";

/**
 * A token, assertion or client secret, bound to the service that it may go to. Its text leaves it only for a request to
 * that service; it prints as a placeholder.
 */
export class Credential {
  readonly #text: string;

  /** @param service The only service that gets it. */
  constructor(
    text: string,
    readonly service: Service,
  ) {
    this.#text = text;
  }

  /**
   * The text, for a request to a service. Only `azure/` calls this.
   *
   * @throws {OperatorError} `CREDENTIAL_MISDIRECTED` for any other service than its own.
   */
  textFor(service: Service): string {
    if (service === this.service) return this.#text;
    throw new OperatorError(
      "CREDENTIAL_MISDIRECTED",
      `A credential for ${this.service.name} was about to be sent to ${service.name}; nothing was sent.`,
    );
  }

  /**
   * What a token says of itself; nothing is verified.
   *
   * @throws {OperatorError} `TOKEN_MALFORMED` and its like for what is no token.
   */
  decode(): DecodedToken {
    return decodeToken(this.#text);
  }

  toString(): string {
    return `[credential for ${this.service.name}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
