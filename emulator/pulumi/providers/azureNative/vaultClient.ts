import { isRecord } from "../../properties";
import type { Answer, RestClient } from "../restClient";

/** A vault's data plane, as azure-native uses it for secrets that ARM cannot delete. */
export interface VaultClient {
  /** ID from which the secret can be recovered; undefined when it is not among the deleted ones. */
  recoveryId(vaultName: string, secretName: string): Promise<string | undefined>;
  recover(vaultName: string, secretName: string): Promise<void>;
  /** Gone already is fine. */
  delete(vaultName: string, secretName: string): Promise<void>;
}

const apiVersion = "7.6";

/** @param client Signs in and sends. */
export function vaultClient(client: RestClient): VaultClient {
  const { vaultSuffix } = client.cloud;
  const send = (method: "GET" | "POST" | "DELETE", vaultName: string, path: string): Promise<Answer> =>
    client.send({
      method,
      url: `https://${vaultName}.${vaultSuffix}${path}?api-version=${apiVersion}`,
      scope: `https://${vaultSuffix}/.default`,
    });
  return {
    async recoveryId(vaultName, secretName) {
      const answer = await send("GET", vaultName, `/deletedsecrets/${secretName}`);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw refusal("looking for the deleted secret", answer);
      const { recoveryId } = answer.json ?? {};
      return typeof recoveryId === "string" ? recoveryId : undefined;
    },
    async recover(vaultName, secretName) {
      const answer = await send("POST", vaultName, `/deletedsecrets/${secretName}/recover`);
      if (answer.status !== 200) throw refusal("recovering the deleted secret", answer);
    },
    async delete(vaultName, secretName) {
      const answer = await send("DELETE", vaultName, `/secrets/${secretName}`);
      if (answer.status !== 200 && answer.status !== 404) throw refusal("deleting the secret", answer);
    },
  };
}

function refusal(deed: string, { status, json, text }: Answer): Error {
  const error = json?.["error"];
  const reason = isRecord(error)
    ? `${String(error["code"])}: ${String(error["message"])}`
    : text.slice(0, 300);
  return new Error(`${deed}: ${status} ${reason}`);
}
