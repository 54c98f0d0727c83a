import { requiredText, text, texts, type Properties } from "../../properties";
import type { ResourceHandler } from "../handlers";
import { objectIdIn } from "./application";
import { notYetThere, type GraphClient } from "./graphClient";

const inputNames = ["applicationId", "audiences", "description", "displayName", "issuer", "subject"];

/**
 * `azuread.ApplicationFederatedIdentityCredential`: trust in another issuer's tokens, instead of a client secret.
 *
 * @see https://github.com/hashicorp/terraform-provider-azuread/blob/main/internal/services/applications/application_federated_identity_credential_resource.go (read 2026-11)
 */
export function federatedIdentityCredentialHandler(graph: GraphClient): ResourceHandler {
  return {
    inputs: inputNames,
    forceNew: ["applicationId", "displayName"],
    async create(inputs) {
      const objectId = objectIdIn(requiredText(inputs, "applicationId"));
      return await graph.exclusively(objectId, async () => {
        const created = await graph.change(
          "Adding federated identity credential",
          "POST",
          collection(objectId),
          { ...body(inputs), name: inputs["displayName"] },
          notYetThere,
        );
        const credentialId = requiredText(created, "id");
        const path = `${collection(objectId)}/${credentialId}`;
        const found = await graph.settled("Waiting for federated identity credential", path);
        return {
          id: `${objectId}/federatedIdentityCredential/${credentialId}`,
          outs: outputs(objectId, found),
        };
      });
    },
    async read(id) {
      const { objectId, path } = parse(id);
      const found = await graph.get(path);
      if (found === undefined) return undefined;
      const outs = outputs(objectId, found);
      return { outs, inputs: Object.fromEntries(inputNames.map((key) => [key, outs[key]])) };
    },
    async update(id, _olds, news) {
      const { objectId, path } = parse(id);
      return await graph.exclusively(objectId, async () => {
        await graph.change("Updating federated identity credential", "PATCH", path, body(news), notYetThere);
        return outputs(objectId, (await graph.get(path)) ?? {});
      });
    },
    async delete(id) {
      const { objectId, path } = parse(id);
      await graph.exclusively(objectId, async () => {
        if ((await graph.get(path)) === undefined) return;
        await graph.change("Removing federated identity credential", "DELETE", path);
      });
    },
  };
}

function collection(objectId: string): string {
  return `/v1.0/applications/${objectId}/federatedIdentityCredentials`;
}

function parse(id: string): { objectId: string; path: string } {
  const [objectId = "", , credentialId = ""] = id.split("/");
  return { objectId, path: `${collection(objectId)}/${credentialId}` };
}

function body(inputs: Properties): Properties {
  return {
    "@odata.type": "#microsoft.graph.federatedIdentityCredential",
    audiences: texts(inputs, "audiences"),
    description: text(inputs, "description") ?? "",
    issuer: inputs["issuer"],
    subject: inputs["subject"],
  };
}

function outputs(objectId: string, found: Properties): Properties {
  return {
    applicationId: `/applications/${objectId}`,
    audiences: texts(found, "audiences"),
    credentialId: text(found, "id") ?? "",
    description: text(found, "description") ?? "",
    displayName: text(found, "name") ?? "",
    issuer: text(found, "issuer") ?? "",
    subject: text(found, "subject") ?? "",
  };
}
