import { readFile } from "node:fs/promises";
import { z } from "zod";
import { assertionUrl, type AssertionSource } from "../core/access/assertionSource";
import { OperatorError } from "../core/errors";
import type { AzureClient } from "./azureClient";
import type { Environment } from "./proxy";
import { readBody } from "./serviceRefusal";

const assertionAnswer = z.object({ value: z.string().min(1) });

/**
 * Gets the assertion: fresh from GitHub each time, since one lives for minutes and a run may wait longer.
 *
 * @throws {OperatorError} `OIDC_FILE_UNREADABLE`, or GitHub's refusal.
 * @see https://docs.github.com/actions/reference/security/oidc (read 2026-11)
 */
export async function fetchAssertion(
  source: AssertionSource,
  env: Environment,
  client: AzureClient,
): Promise<string> {
  if (source.kind === "value") return source.assertion;
  if (source.kind === "file") {
    try {
      return (await readFile(source.path, "utf8")).trim();
    } catch (cause) {
      throw new OperatorError(
        "OIDC_FILE_UNREADABLE",
        `${source.variable} names ${source.path}, which cannot be read. Name the file that holds the federated token.`,
        { cause },
      );
    }
  }
  const url = assertionUrl(source.url, env["ARM_OIDC_AUDIENCE"]);
  const headers = { Authorization: `Bearer ${source.bearer}`, Accept: "application/json" };
  const service = "GitHub's token service";
  const answer = await client.send({ method: "GET", url, headers }, { service });
  return readBody(service, answer, assertionAnswer).value;
}
