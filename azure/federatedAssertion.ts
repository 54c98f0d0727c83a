import { readFile } from "node:fs/promises";
import { z } from "zod";
import { OperatorError } from "../infra/core/errors";
import type { AzureClient } from "./azureClient";
import type { Environment } from "./proxy";
import { readBody } from "./serviceRefusal";

/** Where a federated assertion comes from, in the order that Pulumi's providers look. */
export type AssertionSource =
  | { readonly kind: "value"; readonly variable: string; readonly assertion: string }
  | { readonly kind: "file"; readonly variable: string; readonly path: string }
  | { readonly kind: "request"; readonly variable: string; readonly url: string; readonly bearer: string };

const defaultAudience = "api://AzureADTokenExchange";
const assertionAnswer = z.object({ value: z.string().min(1) });

/**
 * Finds the federated assertion that the environment offers; reads and fetches nothing.
 *
 * @see https://www.pulumi.com/registry/packages/azure-native/installation-configuration/ (read 2026-11)
 */
export function assertionSource(env: Environment): AssertionSource | undefined {
  const assertion = env["ARM_OIDC_TOKEN"];
  if (assertion !== undefined && assertion !== "") {
    return { kind: "value", variable: "ARM_OIDC_TOKEN", assertion };
  }
  const path = env["ARM_OIDC_TOKEN_FILE_PATH"];
  if (path !== undefined && path !== "") {
    return { kind: "file", variable: "ARM_OIDC_TOKEN_FILE_PATH", path };
  }
  for (const prefix of ["ARM_OIDC_REQUEST", "ACTIONS_ID_TOKEN_REQUEST"]) {
    const url = env[`${prefix}_URL`];
    const bearer = env[`${prefix}_TOKEN`];
    if (url !== undefined && url !== "" && bearer !== undefined && bearer !== "") {
      return { kind: "request", variable: `${prefix}_URL`, url, bearer };
    }
  }
  return undefined;
}

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
  const url = new URL(source.url);
  url.searchParams.set("audience", env["ARM_OIDC_AUDIENCE"] ?? defaultAudience);
  const headers = { Authorization: `Bearer ${source.bearer}`, Accept: "application/json" };
  const service = "GitHub's token service";
  const answer = await client.send({ method: "GET", url: url.href, headers }, { service });
  return readBody(service, answer, assertionAnswer).value;
}
