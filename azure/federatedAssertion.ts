import { createReadStream } from "node:fs";
import * as z from "zod/mini";
import { assertionUrl, type AssertionSource } from "../core/access/assertionSource";
import { OperatorError } from "../core/errors";
import type { AzureClient } from "./azureClient";
import { Credential } from "./credential";
import type { Environment } from "./proxy";
import { readBody } from "./serviceRefusal";
import { entra, serviceAt } from "./services";

/** Bytes; an assertion has a few thousand. */
const longestAssertion = 64 * 1024;

const assertionAnswer = z.object({ value: z.string().check(z.minLength(1)) });

/**
 * Gets the assertion: fresh from GitHub each time, since one lives for minutes and a run may wait longer.
 *
 * @returns Bound to Entra.
 * @throws {OperatorError} `OIDC_FILE_UNREADABLE`, `OIDC_URL_INVALID`, or GitHub's refusal.
 * @see https://docs.github.com/actions/reference/security/oidc (read 2026-11)
 */
export async function fetchAssertion(
  source: AssertionSource,
  env: Environment,
  client: AzureClient,
): Promise<Credential> {
  return new Credential(await assertionText(source, env, client), entra);
}

async function assertionText(
  source: AssertionSource,
  env: Environment,
  client: AzureClient,
): Promise<string> {
  if (source.kind === "value") return source.assertion;
  if (source.kind === "file") {
    try {
      const chunks: Buffer[] = [];
      // A device such as /dev/zero has no end.
      for await (const chunk of createReadStream(source.path, { end: longestAssertion - 1 })) {
        chunks.push(chunk as Buffer);
      }
      return Buffer.concat(chunks).toString("utf8").trim();
    } catch (cause) {
      throw new OperatorError(
        "OIDC_FILE_UNREADABLE",
        `${source.variable} names ${source.path}, which cannot be read. Name the file that holds the federated token.`,
        { cause },
      );
    }
  }
  if (!URL.canParse(source.url) || new URL(source.url).protocol !== "https:") {
    throw new OperatorError(
      "OIDC_URL_INVALID",
      `${source.variable} holds no https:// address of a service that issues federated tokens. Set it as the CI system gives it.`,
    );
  }
  // The bearer goes to the host that the CI system named beside it, and to no other.
  const issuer = serviceAt("GitHub's token service", new URL(source.url).hostname);
  const url = assertionUrl(source.url, env["ARM_OIDC_AUDIENCE"] ?? client.cloud.exchangeAudience);
  const token = new Credential(source.bearer, issuer);
  const answer = await client.send({ to: issuer, method: "GET", url, token });
  return readBody(issuer.name, answer, assertionAnswer).value;
}
